//! What tables and columns hold, in a sentence: from the comment, else from names, types and keys alone.
//!
//! Nothing of the rows is in a sentence, so that it may be shown to whoever may see the names in it.

use std::collections::HashMap;

use super::relate::stem;
use crate::catalog::{
    Catalog, Column, Description, DescriptionOrigin, Relationship, RoleKind, Table, TableName, Term, TimeEncoding, split_words,
};

/// Tables that a sentence names at most.
const NAMED: usize = 3;
/// Characters of a comment that are taken over.
const COMMENT: usize = 500;

/// The description of a table, and those of its columns, in order.
pub type TableDescriptions = (Option<Description>, Vec<Option<Description>>);

/// What the tables and columns of `catalog` hold, in its order; none where there is nothing to say that the name does not.
///
/// # Behavior
/// Deterministic. Says more where roles and terms were assigned before. Linear in columns and relationships.
pub fn find_descriptions(catalog: &Catalog) -> Vec<TableDescriptions> {
    let mut parents: HashMap<&TableName, Vec<&Relationship>> = HashMap::new();
    let mut children: HashMap<&TableName, Vec<&TableName>> = HashMap::new();
    for relationship in &catalog.relationships {
        parents.entry(&relationship.child).or_default().push(relationship);
        children.entry(&relationship.parent).or_default().push(&relationship.child);
    }
    let spoken: HashMap<&TableName, String> = catalog.tables.iter().map(|table| (&table.name, spoken_table(table))).collect();
    let of_table = |table: &Table| {
        let parents = parents.get(&table.name).map_or(&[][..], Vec::as_slice);
        let children = children.get(&table.name).map_or(&[][..], Vec::as_slice);
        let own = from_comment(table.comment.as_deref()).or_else(|| of_table(table, parents, children, &spoken));
        let column =
            |column: &Column| from_comment(column.comment.as_deref()).or_else(|| of_column(table, column, parents, &spoken));
        (own, table.columns.iter().map(column).collect())
    };
    catalog.tables.iter().map(of_table).collect()
}

/// Gives the tables and columns of `catalog` their descriptions; what the host wrote stays, and what a model wrote, where there is no comment.
pub fn assign_descriptions(catalog: &mut Catalog) {
    let found = find_descriptions(catalog);
    for (table, (own, columns)) in catalog.tables.iter_mut().zip(found) {
        settle(&mut table.description, own);
        for (column, description) in table.columns.iter_mut().zip(columns) {
            settle(&mut column.description, description);
        }
    }
}

/// The better of the two: by origin, the new one of equals. What came from a comment or a rule before is made anew.
fn settle(known: &mut Option<Description>, new: Option<Description>) {
    let is_given = |description: &Description| matches!(description.origin, DescriptionOrigin::Host | DescriptionOrigin::Model);
    match (known.as_ref().filter(|known| is_given(known)), &new) {
        (Some(given), Some(new)) if new.origin <= given.origin => {}
        (Some(_), _) => return,
        (None, _) => {}
    }
    *known = new;
}

fn from_comment(comment: Option<&str>) -> Option<Description> {
    let words = comment?.split_whitespace().collect::<Vec<_>>().join(" ");
    let text: String = words.chars().take(COMMENT).collect();
    (!text.is_empty()).then_some(Description { text, origin: DescriptionOrigin::Comment })
}

fn by_rule(text: String) -> Option<Description> {
    Some(Description { text, origin: DescriptionOrigin::Rule })
}

fn of_table(
    table: &Table,
    parents: &[&Relationship],
    children: &[&TableName],
    spoken: &HashMap<&TableName, String>,
) -> Option<Description> {
    let plural = spoken.get(&table.name)?;
    let one = singular(plural);
    let to = listed(parents.iter().map(|relationship| &relationship.parent).filter(|parent| **parent != table.name), spoken);
    let by = listed(children.iter().copied().filter(|child| **child != table.name), spoken);
    let what = match table.part() {
        Some(RoleKind::Bridge) => return by_rule(format!("Links {}.", to?)),
        Some(RoleKind::Reference) => format!("A list of {plural}"),
        Some(RoleKind::StateTracking) => format!("How things stood: {plural}"),
        _ => format!("One row per {one}"),
    };
    let mut text = what;
    if let Some(to) = &to {
        text.push_str(&format!("; refers to {to}"));
    }
    if let Some(by) = &by {
        text.push_str(&format!("; referred to by {by}"));
    }
    if to.is_none() && by.is_none() && table.part().is_none() {
        return None;
    }
    text.push('.');
    by_rule(text)
}

fn of_column(
    table: &Table,
    column: &Column,
    parents: &[&Relationship],
    spoken: &HashMap<&TableName, String>,
) -> Option<Description> {
    let parent = parents.iter().find(|relationship| relationship.child_columns.contains(&column.name));
    if let Some(relationship) = parent {
        let name = spoken.get(&relationship.parent)?;
        return by_rule(match relationship.parent == table.name {
            true => format!("Refers to another row of {name}."),
            false => format!("Refers to a row of {name}."),
        });
    }
    if matches!(table.primary_key.as_slice(), [only] if *only == column.name) {
        return by_rule("Tells the rows apart.".to_owned());
    }
    let form = match column.time_encoding? {
        TimeEncoding::CompactDate => "A day, written YYYYMMDD.",
        TimeEncoding::YearMonth => "A month, written YYYY-MM.",
        TimeEncoding::UnixSeconds => "A moment, in seconds since 1970 UTC.",
        TimeEncoding::UnixMillis => "A moment, in milliseconds since 1970 UTC.",
        _ => return None,
    };
    by_rule(form.to_owned())
}

/// The first few tables in words, and how many more there are.
fn listed<'t>(tables: impl Iterator<Item = &'t TableName>, spoken: &HashMap<&TableName, String>) -> Option<String> {
    let mut names: Vec<&String> = Vec::new();
    for name in tables.filter_map(|table| spoken.get(table)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len().saturating_sub(NAMED);
    let mut shown: Vec<String> = names.into_iter().take(NAMED).cloned().collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    let last = shown.pop()?;
    Some(if shown.is_empty() { last } else { format!("{} and {last}", shown.join(", ")) })
}

fn spoken_table(table: &Table) -> String {
    let term = table.term.as_ref().map(|term: &Term| term.text.clone());
    term.unwrap_or_else(|| split_words(&table.name.name).join(" "))
}

/// The words with the last one in the singular.
fn singular(words: &str) -> String {
    match words.rsplit_once(' ') {
        Some((before, last)) => format!("{before} {}", stem(last)),
        None => stem(words),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;
    use crate::profile::{assign_roles, assign_terms};

    fn shop() -> Catalog {
        let mut catalog = Catalog::from_ddl(
            Dialect::Sqlite,
            "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, referred_by INTEGER REFERENCES customers (id));
             CREATE TABLE stores (id INTEGER PRIMARY KEY, name TEXT, city TEXT);
             CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), store_id INTEGER REFERENCES stores (id), order_date INTEGER, total NUMERIC);
             CREATE TABLE tags (id INTEGER PRIMARY KEY, tag TEXT);
             CREATE TABLE cust_tags (customer_id INTEGER REFERENCES customers (id), tag_id INTEGER REFERENCES tags (id), PRIMARY KEY (customer_id, tag_id));
             CREATE TABLE alone (x TEXT);",
        )
        .unwrap();
        assign_roles(&mut catalog);
        assign_terms(&mut catalog);
        catalog
    }

    fn said<'c>(catalog: &'c Catalog, table: &str, column: Option<&str>) -> Option<(&'c str, DescriptionOrigin)> {
        let table = catalog.table(&TableName::bare(table)).unwrap();
        let found = match column {
            Some(column) => &table.column(column).unwrap().description,
            None => &table.description,
        };
        found.as_ref().map(|description| (description.text.as_str(), description.origin))
    }

    #[test]
    fn sentences_are_made_of_names_and_keys() {
        let mut catalog = shop();
        assign_descriptions(&mut catalog);
        use DescriptionOrigin::Rule;
        for (table, column, text) in [
            ("orders", None, "One row per order; refers to customers and stores."),
            ("customers", None, "One row per customer; referred to by customer tags and orders."),
            ("cust_tags", None, "Links customers and tags."),
            ("tags", None, "A list of tags; referred to by customer tags."),
            ("orders", Some("store_id"), "Refers to a row of stores."),
            ("customers", Some("referred_by"), "Refers to another row of customers."),
            ("customers", Some("id"), "Tells the rows apart."),
        ] {
            assert_eq!(said(&catalog, table, column), Some((text, Rule)), "{table} {column:?}");
        }
        assert_eq!(said(&catalog, "orders", Some("total")), None);
    }

    #[test]
    fn comments_come_first_and_the_host_before_them() {
        let mut catalog = shop();
        let orders = catalog.tables.iter_mut().find(|table| table.name.name == "orders").unwrap();
        orders.comment = Some("What was\n  bought. ".into());
        orders.description = Some(Description { text: "by a model".into(), origin: DescriptionOrigin::Model });
        orders.columns[4].description = Some(Description { text: "by a model".into(), origin: DescriptionOrigin::Model });
        orders.columns[1].description = Some(Description { text: "stale".into(), origin: DescriptionOrigin::Comment });
        assign_descriptions(&mut catalog);
        assert_eq!(said(&catalog, "orders", None), Some(("What was bought.", DescriptionOrigin::Comment)));
        assert_eq!(said(&catalog, "orders", Some("total")), Some(("by a model", DescriptionOrigin::Model)));
        assert_eq!(
            said(&catalog, "orders", Some("customer_id")),
            Some(("Refers to a row of customers.", DescriptionOrigin::Rule))
        );
        let given = Some(Description { text: "Paid orders.".into(), origin: DescriptionOrigin::Host });
        catalog.tables.iter_mut().find(|table| table.name.name == "orders").unwrap().description = given;
        assign_descriptions(&mut catalog);
        assert_eq!(said(&catalog, "orders", None), Some(("Paid orders.", DescriptionOrigin::Host)));
    }

    #[test]
    fn no_value_of_a_row_is_in_a_sentence() {
        let mut catalog = shop();
        let before = find_descriptions(&catalog);
        for table in &mut catalog.tables {
            table.rows = Some(987_654);
            for column in &mut table.columns {
                column.default = Some("'hunter2'".into());
                column.statistics = Some(crate::catalog::ColumnStatistics {
                    min: Some("hunter2".into()),
                    max: Some("hunter3".into()),
                    top: vec![("hunter4".into(), 7)],
                    ..Default::default()
                });
            }
        }
        assert_eq!(find_descriptions(&catalog), before);
    }
}
