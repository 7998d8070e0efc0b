//! `dataset-train-test-overlap`.

use std::collections::BTreeSet;

use vauban_domain::{Evidence, Locator, rule};
use vauban_formats::Facts;
use vauban_formats::table::Table;

use crate::{Check, Estate, File, Look, Report};

rule! {
    /// Rows of the test split are in the training split.
    pub(super) const RULE: "dataset-train-test-overlap" {
        family: Dataset,
        severity: Medium,
        title: "rows of a test split are in the training split as well",
        why: "results on rows that were trained on say nothing about new ones; a memorised or poisoned row looks like a good answer",
        remedy: "split by row or by person before anything else, and measure again",
        techniques: ["AML.T0059@2026.09"],
        mitigations: ["AML.M0025@2026.09", "AML.M0008@2026.09"],
        weaknesses: ["CWE-1039"],
        owasp: ["ML02:2023"],
        threats: ["L5.1@2025-02"],
        source: "Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science, Patterns 4(9), 2023",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// Words that name a training split, and those that name what it is measured on.
const TRAIN: [&str; 2] = ["train", "training"];
const TEST: [&str; 7] = ["dev", "eval", "holdout", "test", "val", "valid", "validation"];
/// Share of test rows that may be there by chance beyond what the training split repeats within itself.
const BY_CHANCE: f64 = 0.01;
/// Fewest rows in common.
const ROWS: usize = 3;

fn check(estate: &Estate<'_>, report: &mut Report) {
    let tables: Vec<(&File, &Table)> = estate
        .inventory
        .files
        .iter()
        .filter_map(|file| match &file.parsed.facts {
            Facts::Table(table) => Some((file, table)),
            _ => None,
        })
        .collect();
    for (test_file, test) in &tables {
        let Some(wanted) = without_split(&test_file.path, &TEST) else { continue };
        for (train_file, train) in &tables {
            if without_split(&train_file.path, &TRAIN).as_ref() != Some(&wanted) {
                continue;
            }
            report.looked_at(&test_file.home);
            judge((test_file, test), (train_file, train), report);
        }
    }
}

fn judge((test_file, test): (&File, &Table), (train_file, train): (&File, &Table), report: &mut Report) {
    let known: BTreeSet<u64> = train.row_hashes.iter().copied().collect();
    let common = test.row_hashes.iter().filter(|hash| known.contains(hash)).count();
    let share = common as f64 / test.row_hashes.len().max(1) as f64;
    let repeated = 1.0 - known.len() as f64 / train.row_hashes.len().max(1) as f64;
    if common < ROWS || share <= BY_CHANCE + 2.0 * repeated {
        return;
    }
    let message = format!(
        "{common} of {} rows ({:.0} %) are in `{}` as well",
        test.row_hashes.len(),
        share * 100.0,
        train_file.path
    );
    let evidence = [test_file, train_file].map(|file| {
        Evidence::new(Locator::file(&file.path), file.path.clone(), format!("{common} rows in common"))
    });
    report.find(&test_file.home, message, evidence.to_vec());
}

/// The path with the word that names the split taken out; `None` if there is none.
fn without_split(path: &str, words: &[&str]) -> Option<String> {
    let lower = path.to_lowercase();
    let mut place = None;
    for word in words {
        for (at, _) in lower.match_indices(word) {
            let edge = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
            let before = at.checked_sub(1).and_then(|at| lower.as_bytes().get(at));
            if edge(before) && edge(lower.as_bytes().get(at + word.len())) {
                place = place.max(Some((at, word.len())));
            }
        }
    }
    place.map(|(at, length)| format!("{}*{}", &lower[..at], &lower[at + length..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_of_one_set_meet() {
        let train = |path: &str| without_split(path, &TRAIN);
        let test = |path: &str| without_split(path, &TEST);
        assert_eq!(train("a/triage_train.csv"), test("a/triage_test.csv"));
        assert_eq!(train("a/train/x.csv"), test("a/val/x.csv"));
        assert_ne!(train("a/triage_train.csv"), test("a/other_test.csv"));
        assert_eq!(test("latest.csv"), None);
        assert_eq!(train("constraint.csv"), None);
    }
}
