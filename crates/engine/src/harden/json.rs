//! Cards and trials as JSON.

use serde_json::{Value, json};
use vauban_attacks::defence::{ControlTrial, Utility};
use vauban_attacks::harden::{Card, Evaluation, Share, Version};

fn share(share: &Share) -> Value {
    json!({
        "value": share.value(),
        "count": share.count,
        "trials": share.trials,
        "interval": { "low": share.interval.low, "high": share.interval.high, "level": share.interval.level },
    })
}

fn evaluation(found: &Evaluation) -> Value {
    let attacks: Vec<Value> = found
        .attacks
        .iter()
        .map(|(name, seen, robust)| json!({ "attack": name, "used-in-training": seen, "robust": share(robust) }))
        .collect();
    json!({
        "clean": share(&found.clean),
        "attacks": attacks,
        "worst": share(&found.worst),
        "worst-of-unused": share(&found.unseen),
        "certified": found.certified.as_ref().map(share),
    })
}

fn version(version: &Version) -> Value {
    json!({ "sha256": version.digest, "evaluation": evaluation(&version.evaluation) })
}

/// The card of a hardened model.
pub(super) fn card(card: &Card) -> Value {
    let parameters: serde_json::Map<String, Value> = card
        .recipe
        .method
        .parameters()
        .into_iter()
        .map(|(key, value)| (key.to_owned(), Value::from(value)))
        .collect();
    let epochs: Vec<Value> = card
        .epochs
        .iter()
        .map(|epoch| {
            json!({
                "number": epoch.number, "loss": epoch.loss, "clean": epoch.clean, "robust": epoch.robust,
            })
        })
        .collect();
    json!({
        "method": card.recipe.method.name(),
        "parameters": parameters,
        "optimiser": format!("{:?}", card.recipe.optimiser).to_lowercase(),
        "schedule": format!("{:?}", card.recipe.schedule).to_lowercase(),
        "rate": card.recipe.rate,
        "batch": card.recipe.batch,
        "seed": card.recipe.seed,
        "training-data-sha256": card.training_data,
        "samples": { "trained": card.samples.0, "held-out": card.samples.1 },
        "judged": { "eps": card.rated.eps, "queries": card.rated.queries, "data-sha256": card.rated.data },
        "before": version(&card.before),
        "after": version(&card.after),
        "price": { "accuracy-lost": card.accuracy_lost(), "seconds": card.seconds, "epochs": card.epochs.len() },
        "shown-to-help": card.helped(),
        "epochs": epochs,
        "kept": card.kept,
        "trained": card.trained,
        "notes": card.notes,
    })
}

fn utility(utility: &Utility) -> Value {
    json!({
        "accuracy": share(&utility.accuracy),
        "refused": share(&utility.refused),
        "calibration-error": utility.calibration,
    })
}

/// Controls that were tried.
pub(super) fn trials(trials: &[ControlTrial]) -> Value {
    let one = |trial: &ControlTrial| {
        let attacks: Vec<Value> = trial
            .attacks
            .iter()
            .map(|tried| {
                json!({
                    "attack": tried.attack,
                    "before": tried.before.as_ref().map(share),
                    "after": share(&tried.after),
                })
            })
            .collect();
        json!({
            "control": trial.control,
            "setting": trial.setting,
            "attacks": attacks,
            "success": { "before": share(&trial.success.0), "after": share(&trial.success.1) },
            "extraction": {
                "before": trial.extraction.0.as_ref().map(share),
                "after": trial.extraction.1.as_ref().map(share),
            },
            "utility": { "before": utility(&trial.utility.0), "after": utility(&trial.utility.1) },
            "credit": trial.credit.text(),
        })
    };
    Value::from(trials.iter().map(one).collect::<Vec<Value>>())
}
