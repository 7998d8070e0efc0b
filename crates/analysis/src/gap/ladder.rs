//! From proofs to a rung: the strongest evidence counts, after age has taken its toll.

use vauban_domain::{Proof, Rung, Score, Timestamp};

/// The rung that `rung` of evidence from `as_of` is still worth: one lower for each full half-life.
pub fn aged(rung: Rung, as_of: Timestamp, now: Timestamp, half_life_days: u32) -> Rung {
    let drops = now.days_since(as_of).max(0) / i64::from(half_life_days.max(1));
    // Three drops take any rung to the bottom.
    (0..drops.min(3)).fold(rung, |rung, _| rung.one_down())
}

/// The score that `proofs` support at `now`; `otherwise` is the reason when nothing holds.
pub(crate) fn settle(mut proofs: Vec<Proof>, now: Timestamp, half_life_days: u32, otherwise: &str) -> Score {
    let worth = |proof: &Proof| aged(proof.rung, proof.as_of, now, half_life_days);
    proofs.sort_by(|left, right| {
        (worth(right), right.rung, right.as_of)
            .cmp(&(worth(left), left.rung, left.as_of))
            .then_with(|| left.what.cmp(&right.what))
            .then_with(|| left.locator.cmp(&right.locator))
    });
    proofs.dedup();
    let fresh = proofs.iter().map(|proof| proof.rung).max().unwrap_or(Rung::Blind);
    let (rung, reason) = match proofs.first() {
        Some(best) if worth(best) > Rung::Blind => (worth(best), best.what.clone()),
        Some(best) => {
            let days = now.days_since(best.as_of);
            (Rung::Blind, format!("{}, but that is {days} days old", best.what))
        }
        None => (Rung::Blind, otherwise.to_owned()),
    };
    Score { rung, reason, decayed_from: (fresh > rung).then_some(fresh), proofs }
}

/// The score of what cannot happen.
pub(crate) fn not_applicable(reason: &str) -> Score {
    Score { rung: Rung::NotApplicable, reason: reason.to_owned(), decayed_from: None, proofs: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    fn proof(rung: Rung, days_old: i64) -> Proof {
        Proof {
            rung,
            what: format!("{rung} evidence"),
            locator: None,
            as_of: Timestamp(-days_old * DAY),
            inherited_from: None,
        }
    }

    fn rung_of(proofs: Vec<Proof>) -> (Rung, Option<Rung>) {
        let score = settle(proofs, Timestamp(0), 90, "nobody looked");
        (score.rung, score.decayed_from)
    }

    #[test]
    fn evidence_drops_one_rung_for_each_half_life() {
        use Rung::{Blind, Claimed, Configured, Exercised};
        assert_eq!(rung_of(vec![proof(Exercised, 89)]), (Exercised, None));
        assert_eq!(rung_of(vec![proof(Exercised, 90)]), (Configured, Some(Exercised)));
        assert_eq!(rung_of(vec![proof(Exercised, 180)]), (Claimed, Some(Exercised)));
        assert_eq!(rung_of(vec![proof(Exercised, 9000)]), (Blind, Some(Exercised)));
        assert_eq!(rung_of(vec![proof(Claimed, 91)]), (Blind, Some(Claimed)));
        assert_eq!(rung_of(vec![proof(Exercised, -5)]), (Exercised, None));
        assert_eq!(rung_of(vec![]), (Blind, None));
    }

    #[test]
    fn a_fresh_weaker_proof_can_outlive_an_old_strong_one() {
        use Rung::{Configured, Exercised};
        let score =
            settle(vec![proof(Exercised, 200), proof(Configured, 1)], Timestamp(0), 90, "nobody looked");
        assert_eq!((score.rung, score.decayed_from), (Configured, Some(Exercised)));
        assert_eq!(score.reason, "configured evidence");
    }

    #[test]
    fn ageing_never_raises_a_rung() {
        for rung in [Rung::Blind, Rung::Claimed, Rung::Configured, Rung::Exercised] {
            let worth: Vec<Rung> =
                (0..600).map(|days| aged(rung, Timestamp(-days * DAY), Timestamp(0), 45)).collect();
            assert!(worth.windows(2).all(|pair| pair[1] <= pair[0]));
        }
    }
}
