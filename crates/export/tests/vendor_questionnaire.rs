//! The questionnaire: one row a question, and nothing that a spreadsheet would run.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "every test file uses its own part")]
mod sample;

use vauban_domain::{Rung, Timestamp, VendorAssessment, VendorQuestion};
use vauban_export::v1::{Document, Part};

#[test]
fn questions_are_rows_and_formulas_are_text() {
    let mut review = sample::review();
    review.vendors = vec![VendorAssessment {
        vendor: "=Acme".to_owned(),
        supplies: "a model".to_owned(),
        assets: Vec::new(),
        systems: Vec::new(),
        questions: vec![VendorQuestion {
            id: "=Acme/model-signing".to_owned(),
            control: "model-signing".to_owned(),
            text: "Do you \"sign\"?".to_owned(),
            answer: "yes".to_owned(),
            evidence: String::new(),
            answered: None,
            rung: Rung::Claimed,
        }],
        assessed: None,
        due: Timestamp(0),
        reached: 0,
        expected_loss: 0.0,
        conditions: Vec::new(),
    }];
    let exporter = vauban_export::find("vendor-questionnaire").expect("it is in the list");
    let written = (exporter.write)(&Document::from(&review)).expect("the part is there");
    assert_eq!(
        String::from_utf8(written).expect("text"),
        "\"vendor\",\"id\",\"control\",\"question\",\"answer\",\"evidence\",\"answered\"\r\n\
         \"'=Acme\",\"'=Acme/model-signing\",\"model-signing\",\"Do you \"\"sign\"\"?\",\"yes\",\"\",\"\"\r\n"
    );
    let none = Document::of(&review, Part::SCAN, &vauban_domain::History::new());
    assert!((exporter.write)(&none).is_err());
}
