//! What the clinic says of itself.

use std::collections::BTreeMap;

use vauban_domain::{
    Acceptance, AppetitePoint, Claim, DataFlow, Declaration, Locator, LossRange, System, Vendor,
};

use super::november;

pub(super) fn declaration() -> Declaration {
    let place = |line| Locator::file("vauban.toml").at_line(line);
    Declaration {
        organisation: "Harbor Clinic".to_owned(),
        currency: "EUR".to_owned(),
        systems: vec![System {
            name: "form reader".to_owned(),
            owner: "Ann Lee".to_owned(),
            criticality: "high".to_owned(),
            purpose: "reads handwritten forms".to_owned(),
            assets: vec!["models/form-reader*.onnx".to_owned()],
            losses: BTreeMap::from([(
                "integrity".to_owned(),
                LossRange { low: 20_000.0, likely: None, high: 400_000.0 },
            )]),
            exposure: "internet".to_owned(),
            data: vec!["health".to_owned()],
            role: "provider".to_owned(),
            risk_class: "high-annex-iii".to_owned(),
            regions: vec!["eu".to_owned()],
            locator: place(4),
            ..System::default()
        }],
        assets: vec![],
        claims: vec![Claim {
            control: "rate-limit".to_owned(),
            applies_to: vec!["form reader".to_owned()],
            owner: "Ann Lee".to_owned(),
            date: november(1),
            statement: "the gateway allows 60 requests a minute".to_owned(),
            settings: BTreeMap::from([("requests_per_minute".to_owned(), 60.0)]),
            locator: place(31),
        }],
        flows: vec![DataFlow {
            from: "outside".to_owned(),
            to: "endpoint:k8s/clinic/form-reader".to_owned(),
            data: vec!["health".to_owned()],
            boundary: "internet".to_owned(),
            attributes: BTreeMap::from([("human_gate".to_owned(), "yes".to_owned())]),
            locator: place(40),
        }],
        vendors: vec![Vendor {
            name: "Weights Ltd".to_owned(),
            supplies: "the triage model".to_owned(),
            assets: vec!["models/triage.pkl".to_owned()],
            locator: place(50),
            ..Vendor::default()
        }],
        appetite: vec![AppetitePoint { loss: 50_000.0, probability: 0.2 }],

        acceptances: vec![Acceptance {
            fingerprint: "0123456789abcdef".to_owned(),
            reason: "isolated host".to_owned(),
            until: november(30),
            locator: place(60),
        }],
        ..Declaration::default()
    }
}
