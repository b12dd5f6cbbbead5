//! The risk–coverage curve as a drawing.

use crate::eval::risk::RiskPoint;

/// Width and height of the drawing, and what is left of it for the labels of either axis.
const SIZE: (f64, f64) = (440.0, 262.0);
const LEFT: f64 = 46.0;
const BELOW: f64 = 42.0;
const ABOVE: f64 = 26.0;
const EDGE: f64 = 12.0;
/// Ends of the vertical axis to choose from, each with its lines.
const SCALES: &[(f64, usize)] = &[(0.05, 5), (0.1, 5), (0.2, 4), (0.3, 3), (0.5, 5), (1.0, 5)];

/// The drawing of `points`, with a line at the error rate that is wanted.
pub(super) fn curve(points: &[RiskPoint], wanted: f64) -> String {
    let highest = points.iter().map(|point| point.risk).fold(wanted, f64::max);
    let (top, lines) = SCALES.iter().copied().find(|(top, _)| highest <= *top).unwrap_or((1.0, 5));
    let x = |coverage: f64| LEFT + (SIZE.0 - LEFT - EDGE) * coverage.clamp(0.0, 1.0);
    let y = |risk: f64| SIZE.1 - BELOW - (SIZE.1 - BELOW - ABOVE) * (risk / top).clamp(0.0, 1.0);
    let (left, right, floor, ceiling) = (x(0.0), x(1.0), y(0.0), y(top));
    let mut out = format!(
        "<svg class=\"leo-curve\" viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"leo-curve-title\">\n\
         <title id=\"leo-curve-title\">Share of wrong answers among those shown, by the share of questions that are answered</title>\n",
        SIZE.0, SIZE.1
    );
    for at in 0..=lines {
        let share = top * at as f64 / lines as f64;
        let height = y(share);
        out.push_str(&format!(
            "<line class=\"leo-grid\" x1=\"{left:.1}\" y1=\"{height:.1}\" x2=\"{right:.1}\" y2=\"{height:.1}\"/>\
             <text class=\"leo-label\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{:.0} %</text>\n",
            left - 6.0,
            height + 4.0,
            share * 100.0
        ));
    }
    for at in 0..=4 {
        let share = f64::from(at) / 4.0;
        out.push_str(&format!(
            "<text class=\"leo-label\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{}\">{:.0} %</text>\n",
            x(share),
            floor + 15.0,
            if at == 4 { "end" } else { "middle" },
            share * 100.0
        ));
    }
    out.push_str(&format!(
        "<text class=\"leo-label\" x=\"0\" y=\"12\">wrong, of what is answered</text>\n\
         <text class=\"leo-label\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">answered, of all questions</text>\n\
         <line class=\"leo-axis\" x1=\"{left:.1}\" y1=\"{floor:.1}\" x2=\"{right:.1}\" y2=\"{floor:.1}\"/>\n\
         <line class=\"leo-axis\" x1=\"{left:.1}\" y1=\"{floor:.1}\" x2=\"{left:.1}\" y2=\"{ceiling:.1}\"/>\n",
        (left + right) / 2.0,
        SIZE.1 - 6.0
    ));
    let path: Vec<String> = points.iter().map(|point| format!("{:.1},{:.1}", x(point.coverage), y(point.risk))).collect();
    out.push_str(&format!("<polyline class=\"leo-risk\" points=\"{}\"/>\n", path.join(" ")));
    for point in points {
        out.push_str(&format!(
            "<circle class=\"leo-point\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.5\"><title>confidence {:.2}: {:.1} % answered, {:.1} % of it wrong</title></circle>\n",
            x(point.coverage),
            y(point.risk),
            point.confidence,
            point.coverage * 100.0,
            point.risk * 100.0
        ));
    }
    // Below the line, which is where the curve seldom ends; over the curve, so that it can be read.
    let height = y(wanted);
    let beside = height + 14.0;
    out.push_str(&format!(
        "<line class=\"leo-wanted\" x1=\"{left:.1}\" y1=\"{height:.1}\" x2=\"{right:.1}\" y2=\"{height:.1}\"/>\
         <text class=\"leo-label-wanted\" x=\"{:.1}\" y=\"{beside:.1}\" text-anchor=\"end\">{:.0} % wrong</text>\n",
        right,
        wanted * 100.0
    ));
    out.push_str("</svg>\n");
    out
}
