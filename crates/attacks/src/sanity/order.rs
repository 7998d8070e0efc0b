//! Stronger attackers must not do worse than weaker ones.

use super::{Look, MARGIN, Probe, not_run, verdict};

const NO_GRADIENTS: &str = "the target gives no gradients";

/// Forty steps must break what one step breaks.
pub(super) fn one_step(probe: &Probe<'_>) -> Look {
    compare(probe, "fgsm", "pgd", "one step", "forty steps")
}

/// Scores must not find what gradients miss.
pub(super) fn black_box(probe: &Probe<'_>) -> Look {
    compare(probe, "square", "pgd", "an attack that never looks at gradients", "the gradient attack")
}

/// Random signs must not find what gradients miss.
pub(super) fn noise(probe: &Probe<'_>) -> Look {
    compare(probe, "noise", "pgd", "random noise", "the gradient attack")
}

/// Examples made on a copy must not break what the model's own gradients do not.
pub(super) fn transfer(probe: &Probe<'_>) -> Look {
    if probe.rows.len() < 50 {
        return not_run("a copy trained on fewer than fifty samples says nothing");
    }
    compare(probe, "transfer", "pgd", "an attack made on a copy", "the gradient attack")
}

fn compare(probe: &Probe<'_>, weak: &str, strong: &str, weak_words: &str, strong_words: &str) -> Look {
    if probe.differentiable().is_none() {
        return not_run(NO_GRADIENTS);
    }
    let seed = probe.all.scope.seed;
    let (Some(weak), Some(strong)) = (probe.robust(weak, 1.0, seed)?, probe.robust(strong, 1.0, seed)?)
    else {
        return not_run("an attack of this kind does not exist in this norm, or no sample is read right");
    };
    let detail = format!("{weak_words}: {weak:.3} of the samples hold, {strong_words}: {strong:.3}");
    Ok((verdict(weak + MARGIN >= strong), detail))
}

/// A larger ball holds the smaller one: accuracy in it cannot be higher.
pub(super) fn larger_eps(probe: &Probe<'_>) -> Look {
    let seed = probe.all.scope.seed;
    let kind = if probe.differentiable().is_some() { "pgd" } else { "square" };
    let (Some(once), Some(twice)) = (probe.robust(kind, 1.0, seed)?, probe.robust(kind, 2.0, seed)?) else {
        return not_run("needs gradients or scores");
    };
    let detail = format!("{kind} leaves {once:.3} at eps and {twice:.3} at twice eps");
    Ok((verdict(twice <= once + MARGIN), detail))
}

/// When every input may become any other, nothing can hold.
pub(super) fn unlimited(probe: &Probe<'_>) -> Look {
    let seed = probe.all.scope.seed;
    let factor = probe.everything();
    let mut left: Option<f64> = None;
    for kind in ["pgd", "square", "noise"] {
        if left.is_none_or(|left| left > 0.0)
            && let Some(robust) = probe.robust(kind, factor, seed)?
        {
            left = Some(left.map_or(robust, |left| left.min(robust)));
        }
    }
    let Some(left) = left else { return not_run("no sample is read right") };
    // The gradient attack alone must do it where there are gradients; any attack where there are none.
    let own = if probe.differentiable().is_some() {
        probe.robust("pgd", factor, seed)?.unwrap_or(left)
    } else {
        left
    };
    let detail = format!("{own:.3} of the samples hold when every input may change to any other");
    Ok((verdict(own <= MARGIN), detail))
}

/// A hundred adaptive steps must not find much that forty fixed ones missed.
pub(super) fn converged(probe: &Probe<'_>) -> Look {
    if probe.differentiable().is_none() {
        return not_run(NO_GRADIENTS);
    }
    let seed = probe.all.scope.seed;
    let (Some(pgd), Some(apgd)) = (probe.robust("pgd", 1.0, seed)?, probe.robust("apgd-ce", 1.0, seed)?)
    else {
        return not_run("there is no adaptive attack in this norm");
    };
    let detail = format!("forty fixed steps leave {pgd:.3}, a hundred adaptive ones {apgd:.3}");
    Ok((verdict(pgd <= apgd + MARGIN), detail))
}

/// Another seed must not tell another story.
pub(super) fn seeds(probe: &Probe<'_>) -> Look {
    let seed = probe.all.scope.seed;
    let kind = if probe.differentiable().is_some() { "pgd" } else { "square" };
    let (Some(one), Some(other)) = (probe.robust(kind, 1.0, seed)?, probe.robust(kind, 1.0, seed ^ 0x5eed)?)
    else {
        return not_run("needs gradients or scores");
    };
    let detail = format!("{kind} leaves {one:.3} with one seed and {other:.3} with another");
    // Two runs on a hundred samples differ by chance more than a stronger attack should differ from a weaker one.
    Ok((verdict((one - other).abs() <= 2.0 * MARGIN), detail))
}

/// A model that is wrong at random is not measured by attacks; most often labels and classes do not belong together.
pub(super) fn chance(probe: &Probe<'_>) -> Look {
    let all = probe.all.samples.len().max(1) as f64;
    let clean = probe.all.standing.rows(false).len() as f64 / all;
    let mut counts = std::collections::BTreeMap::<i64, usize>::new();
    probe.all.samples.labels.iter().for_each(|label| *counts.entry(*label).or_default() += 1);
    let majority = counts.values().max().copied().unwrap_or(0) as f64 / all;
    let detail =
        format!("clean accuracy is {clean:.3}, always answering the commonest class reaches {majority:.3}");
    Ok((verdict(clean > majority || counts.len() < 2), detail))
}

/// Rounding inside the model hides its gradient: an attack that follows the true gradient, which is zero, would be no
/// better than noise, and the model would look robust to it.
pub(super) fn rounding(probe: &Probe<'_>) -> Look {
    let breaks = probe.all.target.labels().gradient_breaks();
    if breaks.is_empty() {
        return Ok((super::verdict(true), "no operator of the model breaks the gradient".to_owned()));
    }
    if probe.all.smooth.is_none() {
        return not_run("the model has no gradients by nature");
    }
    let Some(noise) = probe.robust("noise", 1.0, probe.all.scope.seed)? else {
        return not_run("no sample is read right");
    };
    let worst = probe.worst();
    let detail = format!(
        "gradients end at {}: following them would leave about {noise:.3}, the worst case over attacks that look \
         through or past it is {worst:.3}",
        breaks.join(", ")
    );
    Ok((verdict(worst + MARGIN >= noise), detail))
}
