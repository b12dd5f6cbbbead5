//! Adjectives that compare along a property: "older", "cheapest", "most expensive".

/// A property an adjective ranks along, tried in order until the table has such a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Adjective {
    /// `(word of a column name, whether the adjective means large values of it)`.
    pub(in super::super) along: &'static [(&'static str, bool)],
}

const AGE: &[(&str, bool)] =
    &[("age", true), ("birth", false), ("founded", false), ("built", false), ("opening", false), ("year", false)];
const YOUNG: &[(&str, bool)] =
    &[("age", false), ("birth", true), ("founded", true), ("built", true), ("opening", true), ("year", true)];
const LONG: &[(&str, bool)] = &[
    ("length", true),
    ("duration", true),
    ("distance", true),
    ("time", true),
    ("milliseconds", true),
    ("days", true),
    ("minutes", true),
    ("hours", true),
    ("seconds", true),
];
const SHORT: &[(&str, bool)] = &[
    ("length", false),
    ("duration", false),
    ("height", false),
    ("distance", false),
    ("time", false),
    ("milliseconds", false),
    ("days", false),
    ("minutes", false),
    ("hours", false),
];
const TALL: &[(&str, bool)] = &[("height", true), ("stories", true)];
const HEAVY: &[(&str, bool)] = &[("weight", true), ("tonnage", true)];
const LIGHT: &[(&str, bool)] = &[("weight", false), ("tonnage", false)];
const EXPENSIVE: &[(&str, bool)] = &[("price", true), ("cost", true), ("fee", true), ("rate", true), ("amount", true)];
const CHEAP: &[(&str, bool)] = &[("price", false), ("cost", false), ("fee", false), ("rate", false), ("amount", false)];
const FAST: &[(&str, bool)] = &[("speed", true), ("time", false), ("duration", false)];
const SLOW: &[(&str, bool)] = &[("speed", false), ("time", true), ("duration", true)];
const NEW: &[(&str, bool)] =
    &[("date", true), ("time", true), ("year", true), ("founded", true), ("opening", true), ("birth", true)];
const OLD_DATE: &[(&str, bool)] =
    &[("date", false), ("time", false), ("year", false), ("founded", false), ("opening", false), ("birth", false)];
const LARGE: &[(&str, bool)] =
    &[("size", true), ("area", true), ("capacity", true), ("population", true), ("seating", true), ("enrollment", true)];
const SMALL: &[(&str, bool)] =
    &[("size", false), ("area", false), ("capacity", false), ("population", false), ("seating", false), ("enrollment", false)];
const POPULOUS: &[(&str, bool)] = &[("population", true)];
const PAID: &[(&str, bool)] = &[("salary", true), ("earnings", true), ("wage", true), ("pay", true)];
const RICH: &[(&str, bool)] =
    &[("money", true), ("balance", true), ("assets", true), ("income", true), ("salary", true), ("wealth", true)];
const HIGH: &[(&str, bool)] = &[("height", true), ("elevation", true), ("altitude", true)];
const DEEP: &[(&str, bool)] = &[("depth", true)];
const GOOD: &[(&str, bool)] = &[("rating", true), ("score", true), ("grade", true), ("stars", true), ("rank", false)];
const BAD: &[(&str, bool)] = &[("rating", false), ("score", false), ("grade", false), ("stars", false), ("rank", true)];

/// The property of an adjective in any of its degrees.
pub(in super::super) fn adjective(word: &str) -> Option<Adjective> {
    let along = match word {
        "older" | "oldest" | "elder" | "eldest" => AGE,
        "younger" | "youngest" => YOUNG,
        "longer" | "longest" => LONG,
        "shorter" | "shortest" => SHORT,
        "taller" | "tallest" => TALL,
        "heavier" | "heaviest" => HEAVY,
        "lighter" | "lightest" => LIGHT,
        "expensive" | "pricier" | "priciest" | "costly" => EXPENSIVE,
        "cheaper" | "cheapest" => CHEAP,
        "faster" | "fastest" | "quickest" | "quicker" => FAST,
        "slower" | "slowest" => SLOW,
        "newer" | "newest" | "latest" | "recent" | "recently" => NEW,
        "earliest" => OLD_DATE,
        "largest" | "biggest" | "larger" | "bigger" => LARGE,
        "smallest" | "smaller" => SMALL,
        "populous" | "populated" => POPULOUS,
        "paid" => PAID,
        "richest" | "wealthiest" | "richer" => RICH,
        "highest" => HIGH,
        "deepest" => DEEP,
        "best" | "better" => GOOD,
        "worst" | "worse" => BAD,
        _ => return None,
    };
    Some(Adjective { along })
}

/// Names a country may be stored under, for its adjective or a common short form: "french" → France, French.
pub(in super::super) fn demonym(word: &str) -> &'static [&'static str] {
    match word {
        "american" => &["usa", "us", "united states", "united states of america", "america"],
        "usa" | "us" | "states" => &["united states", "usa", "us", "united states of america"],
        "british" => &["uk", "united kingdom", "great britain", "britain"],
        "uk" | "britain" => &["united kingdom", "uk", "great britain"],
        "uae" => &["united arab emirates"],
        "french" => &["france"],
        "german" => &["germany"],
        "dutch" => &["netherlands"],
        "spanish" => &["spain"],
        "italian" => &["italy"],
        "portuguese" => &["portugal"],
        "irish" => &["ireland"],
        "scottish" => &["scotland"],
        "english" => &["england"],
        "swedish" => &["sweden"],
        "danish" => &["denmark"],
        "norwegian" => &["norway"],
        "finnish" => &["finland"],
        "polish" => &["poland"],
        "russian" => &["russia"],
        "greek" => &["greece"],
        "turkish" => &["turkey"],
        "swiss" => &["switzerland"],
        "austrian" => &["austria"],
        "belgian" => &["belgium"],
        "chinese" => &["china"],
        "japanese" => &["japan"],
        "korean" => &["korea", "south korea"],
        "indian" => &["india"],
        "brazilian" => &["brazil"],
        "mexican" => &["mexico"],
        "canadian" => &["canada"],
        "australian" => &["australia"],
        "european" => &["europe"],
        "asian" => &["asia"],
        "african" => &["africa"],
        "female" | "females" | "woman" | "women" => &["f", "female", "woman"],
        "male" | "males" | "man" | "men" => &["m", "male", "man"],
        "bachelor" | "bachelors" => &["bachelor", "bachelors"],
        "master" | "masters" => &["master", "masters"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opposite_adjectives_have_opposite_directions() {
        for (a, b) in [("oldest", "youngest"), ("cheapest", "expensive"), ("heaviest", "lightest"), ("newest", "earliest")] {
            let (a, b) = (adjective(a).unwrap(), adjective(b).unwrap());
            assert_eq!(a.along[0].0, b.along[0].0);
            assert_ne!(a.along[0].1, b.along[0].1);
        }
    }
}
