//! `vauban harden`.

use vauban_engine::HardenRequest;

use crate::arguments::{Common, HardenArguments};
use crate::bars::Bars;
use crate::{Ended, delivery};

/// Trains a model to hold, or tries controls in front of it.
pub(crate) fn run(common: &Common, arguments: &HardenArguments) -> anyhow::Result<Ended> {
    let request = HardenRequest {
        model: arguments.model.clone(),
        inputs: arguments.inputs.clone(),
        labels: arguments.labels.clone(),
        eval_inputs: arguments.eval_inputs.clone(),
        eval_labels: arguments.eval_labels.clone(),
        method: arguments.method.clone(),
        eps: arguments.eps,
        steps: arguments.steps,
        beta: arguments.beta,
        epochs: arguments.epochs,
        rate: arguments.rate,
        batch: arguments.batch,
        samples: arguments.samples,
        queries: arguments.queries,
        seed: arguments.seed,
    };
    let bars = Bars::new(common.quiet);
    let (text, json) = if arguments.controls {
        let tried = vauban_engine::try_controls(&request, &bars)?;
        bars.finish();
        tried
    } else {
        let hardened = vauban_engine::harden(&request, &bars)?;
        bars.finish();
        if let Some(output) = &arguments.output {
            delivery::write(output, &hardened.model)?;
        }
        (hardened.markdown, hardened.json)
    };
    if let Some(card) = &arguments.card {
        delivery::write(card, json.as_bytes())?;
    }
    delivery::print(text.as_bytes())?;
    Ok(Ended::Clean)
}
