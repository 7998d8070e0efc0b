//! Answers of third parties, joined with the vendors of the declaration and the controls of the library.
//!
//! Nothing in them stops a review: what cannot be used is a stated limit, and the question stays unanswered. How they are
//! written is [`vauban_formats::questionnaire`]'s to say.

use std::path::{Component, Path};

use vauban_analysis::VendorAnswer;
use vauban_connect::Content;
use vauban_domain::{Declaration, Limit, Locator, Timestamp, Vendor};
use vauban_formats::{Budget, Input, questionnaire};
use vauban_knowledge::Knowledge;

/// Problems of one file that are told.
const TOLD: usize = 20;

/// The answers that vendors of the declaration gave, by vendor, control and time; what is wrong becomes a limit.
pub(crate) fn read(
    root: &Path,
    declaration: &Declaration,
    now: Timestamp,
    knowledge: &Knowledge,
    limits: &mut Vec<Limit>,
) -> Vec<VendorAnswer> {
    let mut answers = Vec::new();
    for vendor in declaration.vendors.iter().filter(|vendor| !vendor.answers.is_empty()) {
        let mut problems = Vec::new();
        match content(root, &vendor.answers) {
            Ok(bytes) => answers.extend(given(&bytes, vendor, now, knowledge, &mut problems)),
            Err(why) => problems.push(why),
        }
        let more = problems.len().saturating_sub(TOLD);
        problems.truncate(TOLD);
        if more > 0 {
            problems.push(format!("{more} more rows cannot be used"));
        }
        limits.extend(problems.into_iter().map(|what| Limit { place: vendor.answers.clone(), what }));
    }
    answers.sort_by(|one, other| {
        (&one.vendor, &one.control, one.answered, &one.answer).cmp(&(
            &other.vendor,
            &other.control,
            other.answered,
            &other.answer,
        ))
    });
    answers
}

fn content(root: &Path, path: &str) -> Result<Content, String> {
    let inside =
        Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !inside {
        return Err("the answers are not below the folder under review; name a file that is".to_owned());
    }
    Content::open(&root.join(path)).map_err(|error| format!("the answers cannot be read: {error}"))
}

/// The answers of one vendor that can be used.
fn given(
    bytes: &[u8],
    vendor: &Vendor,
    now: Timestamp,
    knowledge: &Knowledge,
    problems: &mut Vec<String>,
) -> Vec<VendorAnswer> {
    let (rows, defects) = questionnaire::read(&Input::new(&vendor.answers, bytes, &Budget::default()));
    let unread = rows.is_empty() && !defects.is_empty();
    problems.extend(defects.into_iter().map(|defect| defect.detail));
    let mut answers = Vec::new();
    let mut own = 0_usize;
    for row in rows {
        let questionnaire::Row { number, vendor: named, control, answer, evidence, answered: day } = row;
        // One questionnaire may hold the questions to every vendor; a file without names is this vendor's.
        if !named.is_empty() && named != vendor.name {
            continue;
        }
        own += 1;
        let word = answer.to_lowercase();
        if word.is_empty() {
            continue;
        }
        let word = match word.as_str() {
            "yes" | "y" => "yes",
            "no" | "n" => "no",
            "partly" | "partially" | "partial" => "partly",
            "not-applicable" | "not applicable" | "n/a" => "not-applicable",
            _ => {
                let shown: String = word.chars().take(40).collect();
                problems.push(format!(
                    "answer {number} is `{shown}`; it counts as unanswered until it is yes, no, partly or not applicable"
                ));
                continue;
            }
        };
        if knowledge.control(&control).is_none() {
            let shown: String = control.chars().take(60).collect();
            problems.push(format!("answer {number} is about `{shown}`, which is no control of the library"));
            continue;
        }
        let answered = match Timestamp::parse(&day) {
            Some(answered) if answered > now => {
                problems.push(format!("answer {number} is dated in the future; it counts as unanswered"));
                continue;
            }
            Some(answered) => answered,
            None => match vendor.assessed.filter(|_| day.is_empty()) {
                Some(assessed) => assessed,
                None => {
                    problems.push(format!(
                        "answer {number} has no date that can be read, so that nobody knows how old it is; fill in \
                         `answered` as 2026-11-20"
                    ));
                    continue;
                }
            },
        };
        answers.push(VendorAnswer {
            vendor: vendor.name.clone(),
            control,
            answer: word.to_owned(),
            evidence,
            answered,
            locator: Locator::file(&*vendor.answers),
        });
    }
    if own == 0 && !unread {
        problems.push(format!("no row is about `{}`", vendor.name));
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let vendor = Vendor {
            name: "=Acme".to_owned(),
            answers: "answers.csv".to_owned(),
            assessed: Timestamp::parse("2026-01-02"),
            ..Vendor::default()
        };
        let now = Timestamp::parse("2026-11-20").unwrap();
        let mut problems = Vec::new();
        let answers = given(text.as_bytes(), &vendor, now, Knowledge::builtin(), &mut problems);
        let lines = answers.iter().map(|one| {
            format!("{} {} {} {}", one.control, one.answer, one.evidence, &one.answered.to_string()[..10])
        });
        lines.chain(problems).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_questionnaire_comes_back_with_its_apostrophes_and_other_vendors() {
        let text = "vendor,id,control,question,answer,evidence,answered\r\n\
                    \"'=Acme\",\"'=Acme/model-signing\",model-signing,Do you?,Yes,\"'-report.pdf\",2026-10-01\r\n\
                    Other,Other/model-signing,model-signing,Do you?,no,,2026-10-01\r\n\
                    \"'=Acme\",\"'=Acme/rate-limit\",rate-limit,Do you?,,,\r\n\
                    \"'=Acme\",\"'=Acme/rate-limit\",,Do you?,n/a,,\r\n";
        assert_eq!(
            told(text),
            "model-signing yes -report.pdf 2026-10-01\nrate-limit not-applicable  2026-01-02"
        );
        let json =
            r#"{"answers": [{"control": "model-signing", "answer": "partially", "answered": "2026-10-01"}]}"#;
        assert_eq!(told(json), "model-signing partly  2026-10-01");
    }

    #[test]
    fn what_cannot_be_used_is_told_and_never_an_answer() {
        for (text, problem) in [
            ("control,answer,answered\nmodel-signing,sure,2026-10-01\n", "answer 1 is `sure`"),
            ("control,answer,answered\nnonsense,yes,2026-10-01\n", "no control of the library"),
            ("control,answer,answered\nmodel-signing,yes,2027-10-01\n", "in the future"),
            ("control,answer,answered\nmodel-signing,yes,soon\n", "no date that can be read"),
            ("vendor,control,answer\nOther,model-signing,yes\n", "no row is about"),
            ("[", "no JSON"),
        ] {
            let told = told(text);
            assert!(told.contains(problem), "{text}: {told}");
            assert!(!told.contains("model-signing yes"), "{told}");
        }
    }
}
