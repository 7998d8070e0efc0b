//! The screen on the measured poisoning cases, when they are beside the repository. Prints a table:
//! `cargo test -p vauban-checks --lib bench -- --nocapture`.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "reads reference cases that are no part of the repository"
)]

use std::path::Path;

use super::*;

/// Numbers of a version 1 NPY file of little-endian floats, integers or booleans.
fn npy(path: &Path) -> (Vec<usize>, Vec<f64>) {
    let bytes = std::fs::read(path).unwrap();
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = std::str::from_utf8(&bytes[10..start]).unwrap();
    let shape = header.split_once("'shape': (").unwrap().1.split_once(')').unwrap().0;
    let shape: Vec<usize> = shape.split(',').filter_map(|part| part.trim().parse().ok()).collect();
    let body = &bytes[start..];
    let numbers = if header.contains("'<f8'") {
        body.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect()
    } else if header.contains("'<f4'") {
        body.chunks_exact(4).map(|b| f64::from(f32::from_le_bytes(b.try_into().unwrap()))).collect()
    } else if header.contains("'<i8'") {
        body.chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().unwrap()) as f64).collect()
    } else {
        body.iter().map(|byte| f64::from(*byte)).collect()
    };
    (shape, numbers)
}

#[test]
fn clean_sets_are_silent_and_flipped_ones_are_not() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/bench/poison");
    let Ok(entries) = std::fs::read_dir(&root) else {
        eprintln!("no reference cases at {}: not measured", root.display());
        return;
    };
    let mut names: Vec<_> =
        entries.filter_map(|entry| entry.ok()).map(|entry| entry.path()).filter(|p| p.is_dir()).collect();
    names.sort();
    for folder in names {
        let (shape, x) = npy(&folder.join("X.npy"));
        let (_, y) = npy(&folder.join("y.npy"));
        let (_, poison) = npy(&folder.join("is_poison.npy"));
        let width: usize = shape[1..].iter().product();
        let columns: Vec<Vec<f64>> =
            (0..width).map(|column| x.iter().skip(column).step_by(width).copied().collect()).collect();
        let labels: Vec<u16> = y.iter().map(|label| *label as u16).collect();
        let screen = screen(&columns.iter().map(Vec::as_slice).collect::<Vec<_>>(), &labels).unwrap();
        let hits = screen.odd.iter().filter(|row| poison[**row] != 0.0).count();
        let poisoned = poison.iter().filter(|flag| **flag != 0.0).count();
        let f1 = 2.0 * hits as f64 / (screen.odd.len() + poisoned).max(1) as f64;
        let false_alarms = (screen.odd.len() - hits) as f64 / (labels.len() - poisoned) as f64;
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        eprintln!(
            "{name:22} fires {:5} odd {:.4} (at least {:.4}) narrow {:.4} F1 {f1:.3} false-positive rate {false_alarms:.4}",
            is_anomalous(&screen),
            screen.share(),
            screen.lowest_share(),
            screen.narrow,
        );
        if name.ends_with("clean") {
            assert!(!is_anomalous(&screen), "{name}");
        }
        if name.contains("flip") {
            assert!(is_anomalous(&screen) && f1 > 0.85, "{name}");
        }
    }
}
