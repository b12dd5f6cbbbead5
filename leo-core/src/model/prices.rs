//! What models cost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// US dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Tokens that are read.
    pub input: f64,
    /// Tokens that are read and were remembered; as `input` unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<f64>,
    /// Tokens that are written.
    pub output: f64,
}

impl Price {
    /// What so many tokens cost, in US dollars; `cached` is a part of `input`.
    pub fn of(self, input: u64, cached: u64, output: u64) -> f64 {
        let cached = cached.min(input);
        let of = |tokens: u64, price: f64| tokens as f64 * price / 1e6;
        of(input - cached, self.input) + of(cached, self.cached_input.unwrap_or(self.input)) + of(output, self.output)
    }

    /// # Errors
    /// `Config` unless all prices are numbers of at least 0.
    pub(super) fn check(self) -> Result<()> {
        let fits = |price: f64| price.is_finite() && price >= 0.0;
        match [Some(self.input), self.cached_input, Some(self.output)].into_iter().flatten().all(fits) {
            true => Ok(()),
            false => Err(Error::config("a model's price is a number of US dollars for a million tokens, at least 0")),
        }
    }
}

/// Prices by names of models. A name that is not in it has the price of the longest one that it begins with: vendors put dates behind names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prices(pub BTreeMap<String, Price>);

/// Vendors' list prices as of November 2025: input, remembered input, output.
const LIST: &[(&str, f64, f64, f64)] = &[
    ("claude-haiku-4-5", 1.0, 0.1, 5.0),
    ("claude-opus-4-1", 15.0, 1.5, 75.0),
    ("claude-opus-4-5", 5.0, 0.5, 25.0),
    ("claude-sonnet-4", 3.0, 0.3, 15.0),
    ("gpt-4.1", 2.0, 0.5, 8.0),
    ("gpt-4.1-mini", 0.4, 0.1, 1.6),
    ("gpt-4.1-nano", 0.1, 0.025, 0.4),
    ("gpt-4o", 2.5, 1.25, 10.0),
    ("gpt-4o-mini", 0.15, 0.075, 0.6),
    ("gpt-5", 1.25, 0.125, 10.0),
    ("gpt-5-mini", 0.25, 0.025, 2.0),
    ("gpt-5-nano", 0.05, 0.005, 0.4),
];

impl Default for Prices {
    fn default() -> Self {
        let price = |input, cached, output| Price { input, cached_input: Some(cached), output };
        Self(LIST.iter().map(|&(name, input, cached, output)| (name.to_owned(), price(input, cached, output))).collect())
    }
}

impl Prices {
    /// The price of `model`; nothing where the table does not know it.
    pub fn of(&self, model: &str) -> Option<Price> {
        let is_dated =
            |name: &str| model.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '@', ':']));
        // `gpt-5-pro` is no `gpt-5`: only what looks like a date or version may follow.
        let is_version =
            |name: &str| model[name.len()..].chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '@' | ':' | '.'));
        let fits = |name: &&String| is_dated(name) && is_version(name);
        let best = self.0.keys().filter(fits).max_by_key(|name| name.len())?;
        self.0.get(best).copied()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn tokens_cost_what_they_are() {
        let price = Price { input: 2.0, cached_input: Some(0.5), output: 8.0 };
        assert!((price.of(1_000_000, 400_000, 500_000) - (1.2 + 0.2 + 4.0)).abs() < 1e-9);
        assert!((price.of(10, 99, 0) - 10.0 * 0.5 / 1e6).abs() < 1e-15, "no more is remembered than was read");
    }

    #[test]
    fn a_dated_name_has_the_price_of_its_model() {
        let prices = Prices::default();
        assert_eq!(prices.of("gpt-5-mini-2025-08-07"), prices.of("gpt-5-mini"));
        assert_ne!(prices.of("gpt-5-mini"), prices.of("gpt-5"));
        assert_eq!(prices.of("claude-sonnet-4-5-20250929"), prices.of("claude-sonnet-4"));
        for unknown in ["gpt-5-pro", "gpt-50", "qwen2.5-coder", ""] {
            assert_eq!(prices.of(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_price_is_no_debt() {
        for (input, output) in [(-1.0, 0.0), (0.0, f64::NAN), (f64::INFINITY, 0.0)] {
            assert!(Price { input, cached_input: None, output }.check().is_err());
        }
    }
}
