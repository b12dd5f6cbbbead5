//! Abbreviations in identifiers, and words glued together.

/// The word an abbreviation in an identifier stands for: `cust` → `customer`.
pub(crate) fn expand(word: &str) -> Option<&'static str> {
    ABBREVIATIONS.binary_search_by(|(short, _)| short.cmp(&word)).ok().map(|at| ABBREVIATIONS[at].1)
}

/// Sorted by abbreviation. Only those that hardly mean anything else in an identifier.
const ABBREVIATIONS: &[(&str, &str)] = &[
    ("abbr", "abbreviation"),
    ("acc", "account"),
    ("acct", "account"),
    ("addr", "address"),
    ("adr", "address"),
    ("advis", "advisor"),
    ("alt", "altitude"),
    ("amt", "amount"),
    ("apt", "apartment"),
    ("arr", "arrival"),
    ("attr", "attribute"),
    ("avg", "average"),
    ("bal", "balance"),
    ("bdate", "birth date"),
    ("bday", "birthday"),
    ("bldg", "building"),
    ("cat", "category"),
    ("cd", "code"),
    ("char", "characteristic"),
    ("cnt", "count"),
    ("cntry", "country"),
    ("co", "company"),
    ("corp", "corporation"),
    ("crs", "course"),
    ("ctry", "country"),
    ("cty", "city"),
    ("curr", "currency"),
    ("cust", "customer"),
    ("dep", "departure"),
    ("dept", "department"),
    ("des", "description"),
    ("desc", "description"),
    ("descr", "description"),
    ("dest", "destination"),
    ("disc", "discount"),
    ("dist", "distance"),
    ("dlvry", "delivery"),
    ("dob", "birth date"),
    ("doc", "document"),
    ("dst", "destination"),
    ("dt", "date"),
    ("emp", "employee"),
    ("fax", "fax"),
    ("firstnam", "first name"),
    ("firstname", "first name"),
    ("fname", "first name"),
    ("forenam", "first name"),
    ("forename", "first name"),
    ("freq", "frequency"),
    ("givenname", "first name"),
    ("grp", "group"),
    ("hq", "headquarters"),
    ("hr", "hour"),
    ("hrs", "hours"),
    ("img", "image"),
    ("inv", "invoice"),
    ("lastnam", "last name"),
    ("lastname", "last name"),
    ("lat", "latitude"),
    ("lname", "last name"),
    ("loc", "location"),
    ("max", "maximum"),
    ("mfr", "manufacturer"),
    ("mgr", "manager"),
    ("min", "minimum"),
    ("mname", "middle name"),
    ("nbr", "number"),
    ("nm", "name"),
    ("no", "number"),
    ("num", "number"),
    ("ord", "order"),
    ("org", "organization"),
    ("orig", "origin"),
    ("pct", "percent"),
    ("ph", "phone"),
    ("pos", "position"),
    ("prc", "price"),
    ("prod", "product"),
    ("prof", "professor"),
    ("pymt", "payment"),
    ("qty", "quantity"),
    ("ref", "reference"),
    ("reg", "region"),
    ("rep", "representative"),
    ("sal", "salary"),
    ("seq", "sequence"),
    ("shp", "shipment"),
    ("src", "source"),
    ("ssn", "ssn"),
    ("stat", "status"),
    ("std", "standard"),
    ("sts", "status"),
    ("stu", "student"),
    ("surnam", "last name"),
    ("surname", "last name"),
    ("tel", "telephone"),
    ("temp", "temperature"),
    ("tot", "total"),
    ("txn", "transaction"),
    ("typ", "type"),
    ("univ", "university"),
    ("val", "value"),
    ("vend", "vendor"),
    ("vol", "volume"),
    ("wh", "warehouse"),
    ("whs", "warehouse"),
    ("wt", "weight"),
    ("yr", "year"),
];

/// Words that identifiers glue to others: `clubname`, `orderdate`.
const TAILS: &[&str] = &[
    "name",
    "number",
    "code",
    "date",
    "type",
    "title",
    "price",
    "status",
    "city",
    "time",
    "id",
    "no",
    "num",
    "desc",
    "description",
    "address",
    "amount",
    "year",
    "size",
    "level",
    "rating",
    "by",
    "day",
    "age",
    "state",
    "country",
    "year",
    "count",
    "rank",
    "score",
    "weight",
    "height",
    "length",
    "up",
    "in",
    "out",
];

/// Splits a lowercase word of an identifier into two words it is glued from, when the first is `known` or can be expanded.
pub(crate) fn split_glued(word: &str, known: impl Fn(&str) -> bool) -> Option<(String, String)> {
    TAILS.iter().find_map(|tail| {
        let head = word.strip_suffix(tail)?;
        let sensible = head.len() >= 2 && (known(head) || expand(head).is_some());
        let initial = head.len() == 1 && matches!(*tail, "name" | "id") && head != "f" && head != "l";
        (sensible || initial).then(|| (head.to_owned(), (*tail).to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_are_sorted_and_expand() {
        assert!(ABBREVIATIONS.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(expand("cust"), Some("customer"));
        assert_eq!(expand("customer"), None);
    }

    #[test]
    fn glued_words_split() {
        let known = |word: &str| word == "club";
        assert_eq!(split_glued("clubname", known), Some(("club".into(), "name".into())));
        assert_eq!(split_glued("stuid", known), Some(("stu".into(), "id".into())));
        assert_eq!(split_glued("surname", known), None);
    }
}
