//! Numbers as people write them: `1234`, `1,234.50`, `1.234,50`, `1'234.50`.

/// Which character stands before the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `1,234.5`
    Point,
    /// `1.234,5`
    Comma,
}

/// A number as SQLite stores it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Real(f64),
}

/// Digits before the decimals that a float keeps apart.
const EXACT_DIGITS: usize = 15;

/// Reads `text` (without blanks around it) as a number in this style.
///
/// Not numbers, because digits would be lost or were meant otherwise: leading zeros (`007` is a code), a leading `+`, integers
/// beyond 64 bits, more than 15 digits before decimals.
pub(super) fn parse(text: &str, style: Style) -> Option<Number> {
    match plain(text.as_bytes(), style) {
        Plain::Whole(value) => Some(Number::Int(value)),
        Plain::Point => text.parse().ok().map(Number::Real),
        Plain::Open => spelled(text, style),
    }
}

/// How a text begins to be read.
enum Plain {
    Whole(i64),
    /// Digits, a point, digits, as Rust reads them too.
    Point,
    /// Anything else, a number or not.
    Open,
}

/// Most numbers of most files: up to 18 digits, a point among them or not.
fn plain(text: &[u8], style: Style) -> Plain {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let leading_zero = matches!(digits, [b'0', b'0'..=b'9', ..]);
    if digits.is_empty() || digits.len() > 18 || leading_zero {
        return Plain::Open;
    }
    let mut value = 0_i64;
    let mut point = None;
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => value = value * 10 + i64::from(byte - b'0'),
            b'.' if point.is_none() && style == Style::Point => point = Some(at),
            _ => return Plain::Open,
        }
    }
    match point {
        None => Plain::Whole(if negative { -value } else { value }),
        Some(at) if (1..=EXACT_DIGITS).contains(&at) && at + 1 < digits.len() => Plain::Point,
        Some(_) => Plain::Open,
    }
}

fn spelled(text: &str, style: Style) -> Option<Number> {
    let (negative, digits) = match text.strip_prefix(['-', '−']) {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if digits.len() > 40 || !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',') {
        return None;
    }
    let (point, comma) = match style {
        Style::Point => ('.', ','),
        Style::Comma => (',', '.'),
    };
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (digits.get(..at)?, Some(exponent(digits.get(at + 1..)?)?)),
        None => (digits, None),
    };
    let (whole, decimals) = match mantissa.split_once(point) {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (mantissa, None),
    };
    if decimals.is_some_and(|decimals| decimals.is_empty() || !decimals.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let whole = ungrouped(whole, comma, decimals.is_some())?;
    if whole.len() > 1 && whole.starts_with('0') {
        return None;
    }
    let sign = if negative { "-" } else { "" };
    if decimals.is_none() && exponent.is_none() {
        return format!("{sign}{whole}").parse().ok().map(Number::Int);
    }
    if whole.len() > EXACT_DIGITS {
        return None;
    }
    let text = format!("{sign}{whole}.{}e{}", decimals.unwrap_or("0"), exponent.unwrap_or(0));
    text.parse().ok().filter(|value: &f64| value.is_finite()).map(Number::Real)
}

fn exponent(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// The digits of a whole part, whose groups of three may be separated by one and the same character.
fn ungrouped(whole: &str, comma: char, has_decimals: bool) -> Option<String> {
    if whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return match whole.is_empty() {
            true => has_decimals.then(|| "0".to_owned()),
            false => Some(whole.to_owned()),
        };
    }
    let separator = whole.chars().find(|c| !c.is_ascii_digit())?;
    if separator != comma && !matches!(separator, '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}') {
        return None;
    }
    let mut groups = whole.split(separator);
    let first = groups.next()?;
    let is_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let right = (1..=3).contains(&first.len()) && is_digits(first) && !first.starts_with('0');
    (right && groups.all(|group| group.len() == 3 && is_digits(group))).then(|| whole.split(separator).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_both_styles() {
        use Number::{Int, Real};
        for (text, point, comma) in [
            ("0", Some(Int(0)), Some(Int(0))),
            ("-12", Some(Int(-12)), Some(Int(-12))),
            ("1.5", Some(Real(1.5)), None),
            ("1,5", None, Some(Real(1.5))),
            ("1.234", Some(Real(1.234)), Some(Int(1234))),
            ("1,234", Some(Int(1234)), Some(Real(1.234))),
            ("1.234.567,5", None, Some(Real(1_234_567.5))),
            ("1 234,50", None, Some(Real(1234.5))),
            ("1'234", Some(Int(1234)), Some(Int(1234))),
            ("-.5", Some(Real(-0.5)), None),
            ("1e3", Some(Real(1000.0)), Some(Real(1000.0))),
            ("9223372036854775807", Some(Int(i64::MAX)), Some(Int(i64::MAX))),
            ("9223372036854775808", None, None),
            ("12345678901234567890.5", None, None),
            ("007", None, None),
            ("00", None, None),
            ("+5", None, None),
            ("1.", None, None),
            ("1,23,456", None, None),
            ("0,123", None, Some(Real(0.123))),
            ("12 pcs", None, None),
            ("1e999", None, None),
            ("", None, None),
            ("-", None, None),
            ("NaN", None, None),
            ("0x1F", None, None),
        ] {
            assert_eq!((parse(text, Style::Point), parse(text, Style::Comma)), (point, comma), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn plain_numbers_are_read_as_others_are(text in "-?[0-9]{0,9}[.,]?[0-9]{0,12}") {
            for style in [Style::Point, Style::Comma] {
                let expected = match plain(text.as_bytes(), style) {
                    Plain::Whole(value) => Some(Number::Int(value)),
                    Plain::Point => text.parse().ok().map(Number::Real),
                    Plain::Open => continue,
                };
                proptest::prop_assert_eq!(spelled(&text, style), expected, "{}", text);
            }
        }
    }
}
