//! What the rules about running services share: which service a recording shows, and whether it lets in everybody.

use vauban_domain::{AssetId, Evidence, Locator, Severity};
use vauban_formats::recording::Recording;
use vauban_knowledge::Knowledge;
use vauban_knowledge::fingerprints::{Answer, Authentication, Gives, Recognised};

use crate::Report;

/// The service that answered.
pub(super) fn recognised<'k>(recording: &Recording, knowledge: &'k Knowledge) -> Option<Recognised<'k>> {
    let answers: Vec<Answer<'_>> = recording
        .answers()
        .map(|exchange| {
            let headers = exchange.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let (path, body) = (&exchange.path, &exchange.body);
            Answer::new(path, exchange.status, headers.collect(), body, exchange.signed_in)
        })
        .collect();
    knowledge.fingerprints.recognise(&answers)
}

/// Reports a service that gives this to everybody; false if it gives something else. One about which nothing shows
/// whether it does is skipped, because that is not known.
pub(super) fn judge(
    recording: &Recording,
    gives: Gives,
    place: &Locator,
    asset: &AssetId,
    knowledge: &Knowledge,
    report: &mut Report,
    usual: Severity,
) -> bool {
    let Some(known) = recognised(recording, knowledge).filter(|known| known.service.gives == gives) else {
        return false;
    };
    let (authentication, path) = &known.authentication;
    let name = &known.service.name;
    match authentication {
        Authentication::Required => {}
        Authentication::Unknown => {
            report.skip(asset, format!("no answer of the {name} shows whether it asks one to sign in"));
        }
        Authentication::None => {
            let message = format!("{name} at {} answers without asking who one is", recording.base);
            let severity = if is_loopback(recording) { usual.min(Severity::Medium) } else { usual };
            report.find_as(
                severity,
                asset,
                message,
                vec![evidence(recording, path, place, &known.service.id)],
            );
        }
    }
    true
}

/// The answer at a path of a recording.
pub(super) fn evidence(recording: &Recording, path: &str, place: &Locator, key: &str) -> Evidence {
    let exchange = recording.exchanges.iter().find(|exchange| exchange.path == path && !exchange.signed_in);
    let (line, status) = exchange.map_or((0, 0), |exchange| (exchange.line, exchange.status));
    let locator = place.clone().at_line(line.max(1));
    Evidence::new(locator, key, format!("GET {path} answers {status}"))
}

/// Whether only this machine reaches it, as far as its address says.
pub(super) fn is_loopback(recording: &Recording) -> bool {
    let host = recording.host();
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|number| number.is_loopback())
}
