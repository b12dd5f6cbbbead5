//! The policies of the property, each in the host's words and, for the reference, in plain SQL.

use leo::Value;
use leo::context::Attribute;

/// A policy of one table or view.
#[derive(Debug, Clone, Copy, Default)]
pub struct TableRule {
    /// Table or view.
    pub table: &'static str,
    /// The filter as the host writes it.
    pub filter: Option<&'static str>,
    /// The same with the attributes' values written out.
    pub plain: Option<&'static str>,
    /// Columns that do not exist.
    pub hidden: &'static [&'static str],
    /// Columns and their masks.
    pub masks: &'static [(&'static str, &'static str)],
}

/// A whole policy.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// What it is about.
    pub name: &'static str,
    /// Restrictions inside of tables.
    pub rules: &'static [TableRule],
    /// Tables that do not exist.
    pub denied: &'static [&'static str],
}

const fn filter(table: &'static str, filter: &'static str, plain: &'static str) -> TableRule {
    TableRule { table, filter: Some(filter), plain: Some(plain), hidden: &[], masks: &[] }
}

const fn hide(table: &'static str, hidden: &'static [&'static str]) -> TableRule {
    TableRule { table, filter: None, plain: None, hidden, masks: &[] }
}

const fn mask(table: &'static str, masks: &'static [(&'static str, &'static str)]) -> TableRule {
    TableRule { table, filter: None, plain: None, hidden: &[], masks }
}

const REGION: TableRule = filter("people", "region = :region", "region = 'north'");

/// The policies.
#[rustfmt::skip]
pub const POLICIES: &[Policy] = &[
    Policy { name: "one value", rules: &[REGION], denied: &[] },
    Policy { name: "a list, two tables", denied: &[], rules: &[
        filter("people", "region IN (:regions)", "region IN ('north', 'west')"),
        filter("teams", "region IN (:regions) AND budget < :most", "region IN ('north', 'west') AND budget < 30.5"),
    ] },
    Policy { name: "an empty list", denied: &[], rules: &[filter("orders", "state IN (:none)", "0"), filter("people", "team NOT IN (:none)", "0")] },
    Policy { name: "OR and NULL", denied: &[], rules: &[
        filter("people", "region = :region OR boss IS NULL OR NOT (age > 18)", "region = 'north' OR boss IS NULL OR NOT (age > 18)"),
        filter("notes", "stars <> :two", "stars <> 2"),
    ] },
    Policy { name: "hidden columns", denied: &[], rules: &[hide("people", &["secret", "pin"]), hide("orders", &["note"]), hide("Odd Name", &["select"])] },
    Policy { name: "masks of text", denied: &[], rules: &[mask("people", &[("name", "partial"), ("mail", "redact"), ("secret", "hash")])] },
    Policy { name: "masks of other types", denied: &[], rules: &[
        mask("people", &[("pin", "null"), ("score", "null"), ("age", "hash"), ("tag", "redact")]),
        mask("teams", &[("code", "hash"), ("budget", "partial"), ("title", "null")]),
    ] },
    Policy { name: "all together", denied: &[], rules: &[
        TableRule { table: "people", filter: Some("region IN (:regions)"), plain: Some("region IN ('north', 'west')"),
            hidden: &["secret"], masks: &[("mail", "hash"), ("name", "partial"), ("pin", "null")] },
        TableRule { table: "orders", filter: Some("state = :state OR amount > :most"), plain: Some("state = 'paid' OR amount > 30.5"),
            hidden: &["day"], masks: &[("note", "redact")] },
        TableRule { table: "notes", filter: Some("stars > 1"), plain: Some("stars > 1"), hidden: &[], masks: &[("body", "partial")] },
        filter("teams", "team > 2", "team > 2"),
        filter("Odd Name", "\"a b\" IS NOT NULL AND \"select\" > 0", "\"a b\" IS NOT NULL AND \"select\" > 0"),
    ] },
    Policy { name: "a filter over what is hidden", denied: &[], rules: &[
        TableRule { table: "people", filter: Some("secret <> :word AND pin >= 7"), plain: Some("secret <> 'x' AND pin >= 7"),
            hidden: &["secret", "pin"], masks: &[] },
    ] },
    Policy { name: "a filter over what is masked", denied: &[], rules: &[
        TableRule { table: "people", filter: Some("mail LIKE '%o%' OR tag = 'BO'"), plain: Some("mail LIKE '%o%' OR tag = 'BO'"),
            hidden: &[], masks: &[("mail", "redact"), ("tag", "hash"), ("name", "hash")] },
    ] },
    Policy { name: "a policy of a view", denied: &[], rules: &[
        TableRule { table: "staff", filter: Some("age >= :least"), plain: Some("age >= 7"), hidden: &["team"], masks: &[("mail", "redact")] },
        filter("sales", "state <> 'void'", "state <> 'void'"),
    ] },
    Policy { name: "policies of a view and of its tables", denied: &[], rules: &[
        REGION,
        TableRule { table: "staff", filter: Some("age IS NOT NULL"), plain: Some("age IS NOT NULL"), hidden: &[], masks: &[("name", "partial")] },
        TableRule { table: "orders", filter: None, plain: None, hidden: &[], masks: &[("amount", "null")] },
    ] },
    Policy { name: "hidden tables", denied: &["notes"], rules: &[filter("orders", "amount > 0", "amount > 0")] },
    Policy { name: "quotes and cases", denied: &[], rules: &[
        filter("PEOPLE", "\"REGION\" = :region AND [Age] >= 7 OR `Boss` = (1 + 2)", "region = 'north' AND age >= 7 OR boss = 3"),
        filter("odd name", "\"Größe\" BETWEEN 0 AND :most", "\"Größe\" BETWEEN 0 AND 30.5"),
    ] },
    Policy { name: "computed filters", denied: &[], rules: &[
        filter("people", "age % 2 = 0 AND coalesce(score, 0) >= :zero", "age % 2 = 0 AND coalesce(score, 0) >= 0"),
        filter("orders", "CASE WHEN state = 'paid' THEN 1 ELSE nr > 3 END", "CASE WHEN state = 'paid' THEN 1 ELSE nr > 3 END"),
        filter("teams", "length(title) > :two AND title NOT LIKE 'x%'", "length(title) > 2 AND title NOT LIKE 'x%'"),
    ] },
];

/// The user's attributes.
pub fn attributes() -> Vec<(&'static str, Attribute)> {
    let text = |text: &str| Value::Text(text.to_owned());
    vec![
        ("region", Attribute::One(text("north"))),
        ("regions", Attribute::Many(vec![text("north"), text("west")])),
        ("none", Attribute::Many(vec![])),
        ("state", Attribute::One(text("paid"))),
        ("word", Attribute::One(text("x"))),
        ("most", Attribute::One(Value::Float(30.5))),
        ("least", Attribute::One(Value::Int(7))),
        ("two", Attribute::One(Value::Int(2))),
        ("zero", Attribute::One(Value::Int(0))),
    ]
}
