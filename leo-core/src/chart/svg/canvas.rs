//! Writing SVG: elements, escaped text, and how wide text will be.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

use super::super::format;

/// Where text is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Colours of everything that is not data.
#[derive(Debug, Clone, Copy)]
pub(super) struct Colours {
    pub text: &'static str,
    pub grid: &'static str,
    pub background: Option<&'static str>,
}

/// Elements in the order they are painted.
pub(super) struct Canvas {
    body: String,
    pub colours: Colours,
}

/// Colours of the series: told apart by people with colour-blindness, seen on white and on near-black.
pub(super) const PALETTE: &[&str] =
    &["#4c8bf5", "#f28e2b", "#2ca58d", "#e15759", "#b07aa1", "#8c9a2b", "#17a2c4", "#9c755f", "#d37295", "#7f7f7f"];

/// The colour of the series at `index`.
pub(super) fn colour(index: usize) -> &'static str {
    PALETTE[index % PALETTE.len()]
}

impl Canvas {
    pub(super) fn new(colours: Colours) -> Self {
        Self { body: String::new(), colours }
    }

    /// A rectangle of left, top, width and height; negative sizes grow the other way.
    pub(super) fn rect(&mut self, [x, y, width, height]: [f64; 4], fill: &str, opacity: f64, tooltip: &str) {
        let (x, width) = if width < 0.0 { (x + width, -width) } else { (x, width) };
        let (y, height) = if height < 0.0 { (y + height, -height) } else { (y, height) };
        let _ = write!(self.body, r#"<rect x="{}" y="{}" width="{}" height="{}" fill="{fill}""#, n(x), n(y), n(width), n(height));
        self.close("rect", opacity, tooltip);
    }

    pub(super) fn circle(&mut self, x: f64, y: f64, radius: f64, fill: &str, opacity: f64, tooltip: &str) {
        let _ = write!(self.body, r#"<circle cx="{}" cy="{}" r="{}" fill="{fill}""#, n(x), n(y), n(radius));
        self.close("circle", opacity, tooltip);
    }

    pub(super) fn path(&mut self, d: &str, fill: &str, stroke: &str, opacity: f64, tooltip: &str) {
        let _ = write!(self.body, r#"<path d="{d}" fill="{fill}" stroke="{stroke}" stroke-width="2" stroke-linejoin="round""#);
        self.close("path", opacity, tooltip);
    }

    fn close(&mut self, element: &str, opacity: f64, tooltip: &str) {
        if opacity < 1.0 {
            let _ = write!(self.body, r#" opacity="{}""#, n(opacity));
        }
        if tooltip.is_empty() {
            self.body.push_str("/>\n");
        } else {
            let _ = writeln!(self.body, "><title>{}</title></{element}>", escape(tooltip));
        }
    }

    /// A line of the grid or an axis.
    pub(super) fn rule(&mut self, x1: f64, y1: f64, x2: f64, y2: f64, strong: bool) {
        let opacity = if strong { "0.7" } else { "0.25" };
        let _ = writeln!(
            self.body,
            r#"<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-opacity="{opacity}"/>"#,
            n(x1),
            n(y1),
            n(x2),
            n(y2),
            self.colours.grid
        );
    }

    pub(super) fn text(&mut self, x: f64, y: f64, size: f64, anchor: Anchor, content: &str) {
        self.write_text(x, y, size, anchor, "", content);
    }

    pub(super) fn bold(&mut self, x: f64, y: f64, size: f64, anchor: Anchor, content: &str) {
        self.write_text(x, y, size, anchor, r#" font-weight="600""#, content);
    }

    /// Text that rises to its end at `x`, `y`.
    pub(super) fn slanted(&mut self, x: f64, y: f64, size: f64, content: &str) {
        let turn = format!(r#" transform="rotate(-40 {} {})""#, n(x), n(y));
        self.write_text(x, y, size, Anchor::End, &turn, content);
    }

    fn write_text(&mut self, x: f64, y: f64, size: f64, anchor: Anchor, more: &str, content: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let _ = writeln!(
            self.body,
            r#"<text x="{}" y="{}" font-size="{}"{anchor}{more}>{}</text>"#,
            n(x),
            n(y),
            n(size),
            escape(content)
        );
    }

    /// The whole document.
    pub(super) fn finish(self, width: f64, height: f64, title: &str, description: &str) -> String {
        let (width, height) = (n(width), n(height));
        let mut out = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" fill="{}">"#,
            self.colours.text
        );
        let _ = write!(out, "\n<title>{}</title>\n<desc>{}</desc>\n", escape(title), escape(description));
        if let Some(background) = self.colours.background {
            let _ = writeln!(out, r#"<rect width="{width}" height="{height}" fill="{background}"/>"#);
        }
        out.push_str(&self.body);
        out.push_str("</svg>\n");
        out
    }
}

/// A coordinate: at most two decimals, always finite.
pub(super) fn n(value: f64) -> String {
    let value = if value.is_finite() { value.clamp(-1e6, 1e6) } else { 0.0 };
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

/// Text for an element or attribute; characters XML does not allow are left out.
fn escape(text: &str) -> String {
    let text = format::label(text, 500);
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c < ' ' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// About how wide `text` is at a font size of `size`, for a common sans-serif face.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    text.chars().map(char_width).sum::<f64>() * size
}

fn char_width(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | 'I' => 0.3,
        'f' | 't' | 'r' | ' ' | '(' | ')' | '-' | '/' => 0.38,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.9,
        'A'..='Z' => 0.68,
        ' '..='~' => 0.58,
        c => match c.width() {
            Some(2) => 1.0,
            Some(1) => 0.62,
            _ => 0.0,
        },
    }
}

/// Labels that fit `room`; where cutting their ends would make two alike, the middle is cut instead.
pub(super) fn fitted_apart(labels: &[String], size: f64, room: f64) -> Vec<String> {
    let cut: Vec<String> = labels.iter().map(|label| fitted(label, size, room)).collect();
    let distinct: std::collections::HashSet<&String> = cut.iter().collect();
    if distinct.len() == cut.len() {
        return cut;
    }
    labels
        .iter()
        .map(|label| {
            if text_width(label, size) <= room {
                return label.clone();
            }
            let mut tail = String::new();
            for c in label.chars().rev() {
                if text_width(&tail, size) + char_width(c) * size > room * 0.4 {
                    break;
                }
                tail.insert(0, c);
            }
            format!("{}{}", fitted(label, size, room * 0.6), tail.trim_start())
        })
        .collect()
}

/// `text` cut with an ellipsis to fit `room`.
pub(super) fn fitted(text: &str, size: f64, room: f64) -> String {
    if text_width(text, size) <= room {
        return text.to_owned();
    }
    let mut used = 0.62 * size;
    let mut kept = String::new();
    for c in text.chars() {
        used += char_width(c) * size;
        if used > room {
            break;
        }
        kept.push(c);
    }
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    kept
}
