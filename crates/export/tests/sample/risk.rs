//! What it may cost.

use vauban_domain::{
    AppetiteVerdict, CalibrationRow, CostOfDelay, Driver, DriverKind, Forecast, ForecastScore, Interval,
    LossCurve, LossPoint, Risk, Scenario,
};

use super::{HOSTILE, november, reader};

fn curve(scale: f64) -> LossCurve {
    let points = (0..=20)
        .map(|step| {
            let loss = f64::from(step) * 20_000.0 * scale;
            LossPoint { loss, probability: 0.6 * (-f64::from(step) / 5.0).exp() }
        })
        .collect();
    let mean = 61_000.0 * scale;
    LossCurve {
        points,
        mean,
        mean_interval: Interval { low: mean * 0.98, high: mean * 1.02, level: 0.95 },
        value_at_risk_95: 250_000.0 * scale,
        tail_mean_95: 310_000.0 * scale,
        quantiles: vec![LossPoint { loss: 250_000.0 * scale, probability: 0.05 }],
        expected_range: Some(Interval { low: mean * 0.3, high: mean * 2.1, level: 0.9 }),
        trials: 100_000,
        seed: 7,
    }
}

pub(super) fn delay() -> CostOfDelay {
    CostOfDelay {
        month: 2_500.0,
        month_range: Interval { low: 300.0, high: 7_000.0, level: 0.9 },
        quarter: 7_500.0,
        quarter_range: Interval { low: 900.0, high: 21_000.0, level: 0.9 },
    }
}

pub(super) fn risk() -> Risk {
    let appetite = vec![
        LossPoint { loss: 50_000.0, probability: 0.2 },
        LossPoint { loss: 300_000.0, probability: 0.05 },
    ];
    Risk {
        currency: "EUR".to_owned(),
        scenarios: vec![Scenario {
            id: "form reader/integrity".to_owned(),
            system: "form reader".to_owned(),
            title: "forms are misread on purpose".to_owned(),
            threats: vec![format!("L1.1/{}", reader())],
            frequency: 0.42,
            loss_low: 20_000.0,
            loss_high: 400_000.0,
            annual_loss: 61_000.0,
            simulation_error: Interval { low: 60_500.0, high: 61_500.0, level: 0.95 },
            expected_range: Some(Interval { low: 9_000.0, high: 180_000.0, level: 0.9 }),
            annual_range: Interval { low: 0.0, high: 250_000.0, level: 0.9 },
            basis: vec!["declared: loss range of the owner".to_owned()],
        }],
        total: curve(1.0),
        after_plan: Some(curve(0.4)),
        exceeded: vec![appetite[0]],
        verdicts: vec![AppetiteVerdict {
            loss: 50_000.0,
            accepted: 0.2,
            probability: 0.34,
            range: Some(Interval { low: 0.12, high: 0.61, level: 0.9 }),
            confidence: Some(0.11),
            held: false,
        }],
        drivers: vec![Driver {
            kind: DriverKind::Magnitude,
            input: format!("integrity loss of {HOSTILE} per event"),
            low: 20_000.0,
            base: 145_000.0,
            high: 400_000.0,
            unit: "EUR".to_owned(),
            loss_at_low: 8_400.0,
            loss_at_high: 168_000.0,
            basis: "declared: EUR 20,000 to 400,000 (vauban.toml:4)".to_owned(),
        }],
        cost_of_delay: Some(delay()),
        draws: 200,
        forecasts: vec![Forecast {
            system: "form reader".to_owned(),
            impact: "integrity".to_owned(),
            probability: 0.098,
            from: november(20),
            until: november(30),
        }],
        forecast_score: Some(ForecastScore {
            count: 4,
            happened: 1,
            brier: Some(0.17),
            base_rate_brier: Some(0.1875),
            skill: Some(0.09),
            calibration: vec![CalibrationRow {
                low: 0.2,
                high: 0.3,
                count: 4,
                forecast: 0.24,
                observed: 0.25,
                range: Interval::wilson(1, 4),
            }],
            pending: 2,
            unscored: vec!["unknown: 1 forecasts of safety at `triage` came due".to_owned()],
        }),
        appetite,
        assumptions: vec!["assumed: losses are lognormal between the two percentiles".to_owned()],
    }
}
