//! One number for a table, and its history.

use crate::catalog::{CheckKind, QualityCheck, QualityPoint, Severity};

/// Points of a history that are kept.
const KEPT: usize = 100;

/// What each kind of check weighs.
const WEIGHTS: [(CheckKind, f64); 6] = [
    (CheckKind::Completeness, 25.0),
    (CheckKind::Uniqueness, 25.0),
    (CheckKind::References, 25.0),
    (CheckKind::Validity, 25.0),
    (CheckKind::Freshness, 15.0),
    (CheckKind::Volume, 10.0),
];

/// 0–100; how, stands at the top of the room.
pub(super) fn score(checks: &[QualityCheck]) -> u8 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (kind, weight) in WEIGHTS {
        let worths: Vec<f64> = checks.iter().filter(|check| check.kind == kind).map(worth).collect();
        if worths.is_empty() {
            continue;
        }
        let mean = worths.iter().sum::<f64>() / worths.len() as f64;
        let worst = worths.iter().copied().fold(1.0, f64::min);
        sum += weight * (mean + worst) / 2.0;
        weights += weight;
    }
    if weights == 0.0 { 100 } else { (100.0 * sum / weights).round().clamp(0.0, 100.0) as u8 }
}

fn worth(check: &QualityCheck) -> f64 {
    if check.passed {
        return 1.0;
    }
    let offending = if check.examined == 0 { 0.0 } else { (check.offending as f64 / check.examined as f64).min(1.0) };
    (1.0 - offending)
        * match check.severity {
            Severity::Error => 0.5,
            Severity::Warning => 0.75,
            Severity::Info => 0.9,
        }
}

/// The history with `point` behind it: in order of time, one point for each time, the last hundred of them.
pub fn merge_history(history: &[QualityPoint], point: QualityPoint) -> Vec<QualityPoint> {
    let mut merged: Vec<QualityPoint> = history.iter().filter(|known| known.at != point.at).cloned().collect();
    merged.push(point);
    merged.sort_by_key(|point| point.at);
    let spare = merged.len().saturating_sub(KEPT);
    merged.drain(..spare);
    merged
}
