//! Signs that an attack failed rather than the model held (Carlini et al., arXiv:1902.06705; Athalye et al., ICML 2018).

use crate::evasion;
use crate::suite::AttackResult;
use crate::target::AccessLevel;

/// Prefix of notes that speak for masked gradients; rules look for it.
pub const MASKING: &str = "masking: ";

/// Share of samples with a gradient of exactly zero from which gradients are not to be trusted.
const ZERO_SHARE: f64 = 0.1;

/// Points of robust accuracy by which a weaker attack must beat a stronger one to be called out.
const MARGIN: f64 = 0.05;

/// What a reader must know about the results of `attacks`; `broken` is the worst case per sample.
pub fn notes(attacks: &[AttackResult], broken: &[bool]) -> Vec<String> {
    let mut notes = Vec::new();
    let find = |name: &str| attacks.iter().find(|attack| attack.attack == name);
    let robust = |attack: &AttackResult| attack.summary.robust_accuracy;
    let pgd = find(evasion::pgd::ATTACK.name);
    let blind = [evasion::square::ATTACK.name, evasion::noise::ATTACK.name];
    for name in blind {
        if let (Some(pgd), Some(blind)) = (pgd, find(name))
            && robust(blind) + MARGIN < robust(pgd)
        {
            notes.push(format!(
                "{MASKING}{name} leaves {:.3} where the gradient attack leaves {:.3}",
                robust(blind),
                robust(pgd)
            ));
        }
    }
    if let (Some(pgd), Some(fgsm)) = (pgd, find(evasion::fgsm::ATTACK.name))
        && robust(fgsm) + MARGIN < robust(pgd)
    {
        notes.push(format!(
            "{MASKING}one step leaves {:.3} where forty leave {:.3}",
            robust(fgsm),
            robust(pgd)
        ));
    }
    if let Some(pgd) = pgd.filter(|pgd| pgd.summary.zero_gradients > ZERO_SHARE) {
        notes.push(format!(
            "{MASKING}{:.0} % of the samples met a gradient of exactly zero",
            100.0 * pgd.summary.zero_gradients
        ));
    }
    let strongest = |level: AccessLevel| {
        evasion::ATTACKS.iter().any(|attack| attack.access == level && find(attack.name).is_some())
    };
    if !strongest(AccessLevel::Gradients) {
        notes.push("no gradient attack was run; the worst case rests on queries alone".to_owned());
    }
    if broken.len() < 100 {
        notes.push(format!("only {} samples were attacked; the interval is wide", broken.len()));
    }
    notes
}
