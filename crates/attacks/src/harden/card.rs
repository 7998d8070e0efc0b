//! The card of a hardened model: what was done, what it gave, what it cost.

use std::fmt::Write as _;

use super::{Epoch, Evaluation, Recipe, Share};

/// A model file and what it is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// SHA-256 of the file, in hexadecimal.
    pub digest: String,
    /// What it is worth.
    pub evaluation: Evaluation,
}

/// What the evaluation was made with.
#[derive(Debug, Clone, PartialEq)]
pub struct Rated {
    /// Largest change of an element.
    pub eps: f32,
    /// Queries per sample.
    pub queries: u32,
    /// SHA-256 of inputs and labels, in hexadecimal.
    pub data: String,
}

/// What goes with a hardened model.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// How it was trained.
    pub recipe: Recipe,
    /// SHA-256 of training inputs and labels, in hexadecimal.
    pub training_data: String,
    /// Samples trained on, and held out to choose the epoch.
    pub samples: (usize, usize),
    /// What the evaluation was made with.
    pub rated: Rated,
    /// The model as it came.
    pub before: Version,
    /// The model as it left.
    pub after: Version,
    /// Each epoch.
    pub epochs: Vec<Epoch>,
    /// The epoch that was kept, from 1.
    pub kept: u32,
    /// Wall time of the training in seconds, as the caller took it.
    pub seconds: f64,
    /// Weights that were trained.
    pub trained: Vec<String>,
    /// What a reader must know.
    pub notes: Vec<String>,
}

impl Card {
    /// Clean accuracy lost, as a share; negative when it grew.
    pub fn accuracy_lost(&self) -> f64 {
        self.before.evaluation.clean.value() - self.after.evaluation.clean.value()
    }

    /// Whether robust accuracy by attacks the training did not use grew beyond both intervals.
    pub fn helped(&self) -> bool {
        self.after.evaluation.unseen.interval.low > self.before.evaluation.unseen.interval.high
    }

    /// The card as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = String::from("# Hardened model\n\n");
        let parameters: Vec<String> =
            self.recipe.method.parameters().iter().map(|(key, value)| format!("{key} {value}")).collect();
        // Writing to a text cannot fail.
        let _ = writeln!(
            text,
            "Method `{}` ({}), seed {}, {} of {} epochs (epoch {} kept), {:.1} s, {} samples trained on, {} held out.\n",
            self.recipe.method.name(),
            if parameters.is_empty() { "no parameters".to_owned() } else { parameters.join(", ") },
            self.recipe.seed,
            self.epochs.len(),
            self.recipe.epochs,
            self.kept,
            self.seconds,
            self.samples.0,
            self.samples.1,
        );
        let _ = writeln!(
            text,
            "Judged inside an L-infinity ball of {} with at most {} queries per sample.\n",
            self.rated.eps, self.rated.queries
        );
        text.push_str("| | before | after |\n|---|---|---|\n");
        let (before, after) = (&self.before.evaluation, &self.after.evaluation);
        row(&mut text, "accuracy", Some(&before.clean), Some(&after.clean));
        for (name, seen, share) in &after.attacks {
            let old = before.attacks.iter().find(|(own, ..)| own == name).map(|(_, _, share)| share);
            let mark = if *seen { " (kind used in training)" } else { "" };
            row(&mut text, &format!("robust, {name}{mark}"), old, Some(share));
        }
        row(&mut text, "robust, worst of unused attacks", Some(&before.unseen), Some(&after.unseen));
        row(&mut text, "robust, worst of all", Some(&before.worst), Some(&after.worst));
        row(&mut text, "proven by interval bounds", before.certified.as_ref(), after.certified.as_ref());
        let _ = writeln!(text, "\nPrice: {:+.3} of accuracy lost.", self.accuracy_lost());
        if !self.helped() {
            text.push_str(
                "**Not shown to help**: robust accuracy under unused attacks did not grow beyond the intervals.\n",
            );
        }
        let _ = writeln!(
            text,
            "\nModel before: sha256:{}\nModel after: sha256:{}",
            self.before.digest, self.after.digest
        );
        let _ = writeln!(
            text,
            "Training data: sha256:{}\nJudged on: sha256:{}",
            self.training_data, self.rated.data
        );
        for note in &self.notes {
            let _ = writeln!(text, "- {note}");
        }
        text
    }
}

fn row(text: &mut String, name: &str, before: Option<&Share>, after: Option<&Share>) {
    let cell = |share: Option<&Share>| {
        share.map_or_else(
            || "unknown".to_owned(),
            |share| format!("{:.3} ({:.3} to {:.3})", share.value(), share.interval.low, share.interval.high),
        )
    };
    let _ = writeln!(text, "| {name} | {} | {} |", cell(before), cell(after));
}
