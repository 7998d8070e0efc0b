use super::*;
use vauban_domain::{Asset, Confidence, Layer, Locator};

fn problems(text: &str) -> Vec<String> {
    let vocabulary = Vocabulary {
        controls: &["rate-limit"],
        components: &["inference_endpoint"],
        frameworks: &["iso-42001", "iso-42001@2023"],
        requirements: &["A.2.2@2023", "Art.14@2024/1689"],
    };
    parse_with(text, "vauban.toml", vocabulary)
        .1
        .into_iter()
        .map(|problem| {
            let suggestion =
                problem.suggestion.map(|suggestion| format!(" ({suggestion})")).unwrap_or_default();
            format!("{}:{}: {}{suggestion}", problem.line, problem.column, problem.what)
        })
        .collect()
}

#[test]
fn everything_that_may_be_said_is_understood() {
    let text = "[organisation]\nname = \"Clinic\"\ncurrency = \"CHF\"\n[[system]]\nname = \"s\"\nassets = [\"a/**\"]\n\
        [system.losses.integrity]\nlow = 1\nhigh = 2.5\n[system.losses.safety]\nlow = 1\nlikely = 2\nhigh = 9\n[[claim]]\ncontrol = \"rate-limit\"\ndate = 2026-10-05\n\
        settings = { requests_per_minute = 60 }\n[[flow]]\nfrom = \"outside\"\nto = \"endpoint:e\"\nprotocol = \"https\"\nqueue = \"kafka\"\n\
        [[vendor]]\nname = \"v\"\nassessed = \"2026-05-18\"\n[[appetite]]\nloss = 9\nprobability = 0.1\n[[appetite]]\nloss = 5\nprobability = 0.5\n\
        [[test]]\nmodel = \"m\"\ninputs = \"x\"\nlabels = \"y\"\nseed = 7\n[[log]]\npath = \"l\"\n[review]\nevery_days = 30\n\
        [[asset]]\nkind = \"endpoint\"\nname = \"e\"\ncomponent = \"inference_endpoint\"\nattributes = { exposure = \"internet\" }\n\
        [[accept]]\nfingerprint = \"0123456789abcdef\"\nreason = \"r\"\nuntil = 2027-01-01\n";
    assert_eq!(problems(text), [""; 0]);
    let (said, _) = parse(text, "vauban.toml");
    assert_eq!((said.organisation.as_str(), said.currency.as_str()), ("Clinic", "CHF"));
    assert_eq!(said.systems[0].losses["integrity"].high, 2.5);
    assert_eq!(said.systems[0].losses["integrity"].likely, None);
    assert_eq!(said.systems[0].losses["safety"].likely, Some(2.0));
    assert_eq!(said.systems[0].locator.line, Some(5));
    assert_eq!(said.claims[0].settings["requests_per_minute"], 60.0);
    assert_eq!(said.flows[0].attributes["queue"], "kafka");
    assert_eq!(said.appetite[0].loss, 5.0);
    assert_eq!((said.tests[0].seed, said.tests[0].samples, said.tests[0].eps), (7, 500, 0.1));
    assert_eq!(said.cadence.half_life_days, 90);
    assert_eq!(said.acceptances.len(), 1);
}

#[test]
fn mistakes_are_shown_in_place_with_a_suggestion() {
    for (text, wanted) in [
        ("[organization]\n", "1:2: unknown section `organization` (did you mean `organisation`?)"),
        (
            "[[system]]\nname = \"a\"\nownr = \"b\"\n",
            "3:1: unknown key `ownr` in `system` (did you mean `owner`?)",
        ),
        ("[[system]]\nname = 3\n", "2:8: `name` must be a text"),
        (
            "[[system]]\nname = \"a\"\ncriticality = \"hihg\"\n",
            "3:15: unknown criticality `hihg` (did you mean `high`?)",
        ),
        (
            "[[vendor]]\nname = \"a\"\nassessed = \"tomorrow\"\n",
            "3:12: `tomorrow` is no date (write it as `2026-11-20`)",
        ),
        (
            "[[appetite]]\nloss = -5\nprobability = 0.5\n",
            "2:8: `loss` is -5, which is out of range (amount, 0 or more)",
        ),
        (
            "[[claim]]\ncontrol = \"rate-limits\"\ndate = 2026-01-01\n",
            "2:11: unknown control `rate-limits` (did you mean `rate-limit`?)",
        ),
        (
            "[[requirement]]\nrequirement = \"A.2.2\"\nstatus = \"partly\"\nreason = \"so\"\ndate = 2026-01-01\n",
            "2:15: unknown requirement of a framework `A.2.2` (did you mean `A.2.2@2023`?)",
        ),
        (
            "[compliance]\nframeworks = [\"iso-42001\", \"iso-42O01\"]\n",
            "2:14: unknown framework `iso-42O01` (did you mean `iso-42001`?)",
        ),
        (
            "[[system]]\nname = \"a\"\n[[system]]\nname = \"a\"\n",
            "4:1: two systems are called `a` (give each its own name)",
        ),
        (
            "[[flow]]\nfrom = \"outside\"\nto = \"x\"\nprotocoll = \"https\"\n",
            "4:1: unknown key `protocoll` in `flow` (did you mean `protocol`?)",
        ),
        (
            "[system]\nname = \"a\"\n",
            "1:2: `system` is written as another kind of table (write it as `[[system]]`)",
        ),
        (
            "[[system]]\nname = \"a\"\n[system.losses.integrty]\nlow = 1\nhigh = 2\n",
            "3:1: unknown kind of loss `integrty` (did you mean `integrity`?)",
        ),
        (
            "[[system]]\nname = \"a\"\n[system.losses.integrity]\nlow = 1\nlikely = 3\nhigh = 2\n",
            "3:1: `likely` of `integrity` is 3, which is not between the two ends (give the most likely loss of one event)",
        ),
        (
            "[[system]]\nname = \"a\"\n[system.losses.integrity]\nlow = 1\nlikly = 1\nhigh = 2\n",
            "5:1: unknown key `likly` in a loss (did you mean `likely`?)",
        ),
    ] {
        assert_eq!(problems(text), [wanted], "{text}");
    }
}

#[test]
fn a_mistake_does_not_hide_the_rest() {
    let (said, problems) =
        parse("[[system]]\nname = \"a\"\nowner = oops\n[[system]]\nname = \"b\"\n", "vauban.toml");
    assert!(!problems.is_empty());
    assert!(said.systems.iter().any(|system| system.name == "b"));
}

#[test]
fn a_problem_is_rendered_with_its_line() {
    let text = "[[system]]\nname = \"a\"\nownr = \"b\"\n";
    let (_, problems) = parse(text, "vauban.toml");
    assert_eq!(
        render_problem(text, &problems[0]),
        "line 3: unknown key `ownr` in `system`\n  |\n3 | ownr = \"b\"\n  | ^\n  = did you mean `owner`?\n"
    );
}

#[test]
fn the_template_parses_without_a_problem() {
    let asset = Asset::new(
        AssetKind::Model,
        "model",
        Layer::FoundationModels,
        "reader/m \"x\".onnx",
        Confidence::Verified,
        Locator::file("reader/m \"x\".onnx"),
    );
    let text = template("A \"b\" \\ c", &[asset]);
    let (said, found) = parse(&text, "vauban.toml");
    assert_eq!(found, []);
    assert_eq!(said.organisation, "A \"b\" \\ c");
    assert_eq!(said.systems[0].assets, ["reader/**"]);
}

#[test]
fn the_example_parses_without_a_problem() {
    let text = include_str!("../../../../examples/harbor-clinic/vauban.toml");
    let (said, found) = parse(text, "vauban.toml");
    let shown: Vec<String> = found.iter().map(|problem| render_problem(text, problem)).collect();
    assert_eq!(shown, [""; 0]);
    assert_eq!(said.systems.len(), 5);
}
