//! Words that nothing in a schema is called and that may be passed over: verb forms, units, and words that restrict nothing.

/// Whether the word looks like a past form, participle or gerund: "taught", "involved", "living".
pub(in super::super) fn is_verb_form(word: &str) -> bool {
    let long = word.chars().count() > 4;
    (long && (word.ends_with("ed") || word.ends_with("ing"))) || IRREGULAR.binary_search(&word).is_ok()
}

/// Whether leaving the word out leaves the answer as it is: "the **complete** list", "**compare** revenue …".
pub(in super::super) fn is_harmless(word: &str) -> bool {
    HARMLESS.binary_search(&word).is_ok()
}

/// Whether the word says that something came about or went on, as the date of a row does: "orders **placed** in May".
pub(in super::super) fn begins(word: &str) -> bool {
    BEGINNINGS.binary_search(&word).is_ok()
}

/// Sorted.
const BEGINNINGS: &[&str] = &[
    "added",
    "appeared",
    "arose",
    "arrived",
    "arriving",
    "began",
    "begun",
    "bought",
    "built",
    "came",
    "captured",
    "collected",
    "conducted",
    "counted",
    "created",
    "dated",
    "done",
    "entered",
    "established",
    "filed",
    "formed",
    "founded",
    "gained",
    "generated",
    "given",
    "granted",
    "handled",
    "happening",
    "held",
    "hired",
    "issued",
    "joined",
    "launched",
    "left",
    "lived",
    "logged",
    "made",
    "met",
    "needed",
    "occured",
    "occurred",
    "occurring",
    "offered",
    "opened",
    "owned",
    "paid",
    "participated",
    "placed",
    "posted",
    "processed",
    "produced",
    "provided",
    "published",
    "purchased",
    "ran",
    "received",
    "recorded",
    "registered",
    "released",
    "reported",
    "scheduled",
    "seen",
    "sent",
    "served",
    "signed",
    "sold",
    "started",
    "starting",
    "submitted",
    "taken",
    "taking",
    "took",
    "tracked",
    "transacted",
    "used",
    "written",
    "wrote",
];

/// Sorted.
const IRREGULAR: &[&str] = &[
    "became", "begun", "born", "borne", "bought", "brought", "built", "came", "chosen", "drawn", "driven", "drove", "earnt",
    "fallen", "fell", "felt", "flew", "flown", "fought", "found", "gave", "gone", "grew", "grown", "heard", "held", "kept",
    "knew", "laid", "learnt", "led", "left", "lent", "lost", "meant", "met", "paid", "put", "ran", "run", "sang", "sat", "saw",
    "seen", "sent", "sold", "spent", "spoke", "spoken", "stood", "stored", "sung", "swam", "taught", "thought", "threw", "told",
    "took", "went", "won", "wore", "worn", "written", "wrote",
];

/// Sorted.
const HARMLESS: &[&str] = &[
    "actual",
    "analyse",
    "analyze",
    "approximately",
    "certain",
    "chart",
    "check",
    "compare",
    "complete",
    "currently",
    "detailed",
    "details",
    "draw",
    "entire",
    "entries",
    "entry",
    "exact",
    "explain",
    "full",
    "graph",
    "individual",
    "instance",
    "instances",
    "instead",
    "plot",
    "possible",
    "previously",
    "properly",
    "record",
    "records",
    "roughly",
    "simply",
    "single",
    "specific",
    "still",
    "summarise",
    "summarize",
    "value",
    "values",
    "visualise",
    "visualize",
    "well",
    "whole",
    "yet",
];

/// Whether the word measures the number before it: "1000 euros".
pub(in super::super) fn is_unit(word: &str) -> bool {
    UNITS.binary_search(&word).is_ok()
}

/// Sorted.
const UNITS: &[&str] = &[
    "cents",
    "chf",
    "dollar",
    "dollars",
    "eur",
    "euro",
    "euros",
    "feet",
    "francs",
    "gbp",
    "grams",
    "hours",
    "inches",
    "kg",
    "kilograms",
    "kilometers",
    "kilometres",
    "km",
    "meters",
    "metres",
    "miles",
    "minutes",
    "percent",
    "pieces",
    "points",
    "pounds",
    "seconds",
    "times",
    "tons",
    "units",
    "usd",
    "yen",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        assert!(HARMLESS.is_sorted() && BEGINNINGS.is_sorted() && UNITS.is_sorted());
        assert!(IRREGULAR.is_sorted(), "{:?}", IRREGULAR.windows(2).find(|pair| pair[0] > pair[1]));
    }

    #[test]
    fn verb_forms_are_told_from_names() {
        for word in ["taught", "involved", "living"] {
            assert!(is_verb_form(word), "{word}");
        }
        for word in ["flurb", "customers", "king", "red"] {
            assert!(!is_verb_form(word), "{word}");
        }
    }
}
