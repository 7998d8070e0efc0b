use super::*;

/// Answers of a sample, as they would come out of a recording.
fn answers(sample: &Sample) -> Vec<Answer<'_>> {
    sample
        .answers
        .iter()
        .map(|answer| {
            let headers =
                answer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            Answer::new(&answer.path, answer.status, headers, &answer.body, false)
        })
        .collect()
}

#[test]
fn every_entry_is_sorted_documented_and_known_by_its_examples_only() {
    let table = Fingerprints::builtin();
    let maestro = crate::Maestro::builtin();
    for pair in table.services.windows(2) {
        assert!(pair[0].id < pair[1].id, "{} and {}: sorted by id", pair[0].id, pair[1].id);
    }
    for service in &table.services {
        let id = &service.id;
        let layer = maestro.layers.iter().find(|layer| layer.layer == service.layer).unwrap();
        assert!(layer.components.contains(&service.component), "{id}: {}", service.component);
        assert!(service.source.starts_with("https://"), "{id}: where is it documented?");
        assert!(!service.examples.is_empty() && !service.counterexamples.is_empty(), "{id}: samples");
        for condition in service.is.iter().chain(&service.open).chain(&service.closed) {
            assert!(condition.path.starts_with('/'), "{id}: {}", condition.path);
            let says = !condition.header.is_empty()
                || !condition.body.is_empty()
                || !condition.json.is_empty()
                || !condition.starts.is_empty();
            assert!(
                says || condition.status != [200] || !service.is.contains(condition),
                "{id}: {condition:?}"
            );
        }
        for (at, example) in service.examples.iter().enumerate() {
            let seen = answers(example);
            let known = table.recognise(&seen).unwrap_or_else(|| panic!("{id}: example {at} is nothing"));
            assert_eq!(known.service.id, *id, "{id}: example {at}");
            let version = known.version.map(|version| version.text);
            assert_eq!(version, example.version, "{id}: version of example {at}");
            if let Some(wanted) = &example.authentication {
                assert_eq!(known.authentication.0.as_str(), wanted, "{id}: authentication of example {at}");
            }
            let listed: Vec<_> = known.listed.into_iter().map(|listed| listed.name).collect();
            assert_eq!(listed, example.lists, "{id}: lists of example {at}");
        }
        for (at, example) in service.counterexamples.iter().enumerate() {
            let seen = answers(example);
            let known = table.recognise(&seen).map(|known| known.service.id.clone());
            assert_ne!(known.as_ref(), Some(id), "{id}: counterexample {at}");
        }
    }
}

#[test]
fn every_example_with_open_or_closed_conditions_shows_one() {
    for service in &Fingerprints::builtin().services {
        for (conditions, word) in [(&service.open, "none"), (&service.closed, "required")] {
            let shown =
                service.examples.iter().any(|example| example.authentication.as_deref() == Some(word));
            assert!(conditions.is_empty() || shown, "{}: no example has authentication {word}", service.id);
        }
    }
}

#[test]
fn nothing_that_changes_or_loads_anything_is_asked() {
    let table = Fingerprints::builtin();
    for service in &table.services {
        let asked: Vec<&str> = service
            .is
            .iter()
            .map(|condition| condition.path.as_str())
            .chain(service.further_questions())
            .collect();
        for path in asked {
            for word in [
                "/load",
                "/unload",
                "/generate",
                "/predict",
                "/infer",
                "/pull",
                "/delete",
                "/create",
                "/shutdown",
                "/logout",
                "/auto_login",
                "server_info",
            ] {
                assert!(!path.contains(word), "{}: {path}", service.id);
            }
        }
    }
}

#[test]
fn what_a_port_usually_has_is_asked_for_first() {
    let table = Fingerprints::builtin();
    assert_eq!(table.questions(11434)[0], "/");
    assert_eq!(table.questions(8265)[0], "/api/version");
    assert!(table.questions(1).len() < 60, "{}", table.questions(1).len());
    assert!(table.usual_ports().contains(&5000));
}

#[test]
fn an_answer_to_somebody_who_signed_in_opens_nothing() {
    let table = Fingerprints::builtin();
    let body = "{\"title\":\"qdrant - vector search engine\",\"version\":\"1.9.0\"}";
    let list = "{\"result\":{\"collections\":[{\"name\":\"notes\"}]}}";
    let seen = [
        Answer::new("/", 200, Vec::new(), body, false),
        Answer::new("/collections", 401, Vec::new(), "", false),
        Answer::new("/collections", 200, Vec::new(), list, true),
    ];
    let known = table.recognise(&seen).unwrap();
    assert_eq!(known.authentication.0, Authentication::Required);
    assert_eq!(known.listed.len(), 1);
}
