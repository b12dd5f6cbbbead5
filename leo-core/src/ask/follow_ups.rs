//! Questions to ask next, made from the query and the catalogue in words the built-in planner reads.

use jiff::ToSpan;
use jiff::civil::Date;

use super::wording::{plural, singular, words};
use crate::catalog::{Catalog, Column, JoinGraph, LogicalType, Table, TableName, split_words};
use crate::query::{
    Aggregate, Arithmetic, Dimension, Field, Filter, Grain, Measure, ResolvedWindow, Scalar, SemanticQuery, TimeUnit, TimeWindow,
};

/// Questions offered at most.
const OFFERED: usize = 3;
/// Farthest table, in joins, a new dimension is taken from.
const REACH: usize = 3;
/// Tables looked at for a new dimension, nearest first.
const LOOKED_AT: usize = 24;

/// Up to three follow-up questions that `accept` takes, best first.
///
/// `accept` is where a caller plans each candidate and keeps those that come out as a query; with `|_| true` all are taken.
pub fn follow_ups(query: &SemanticQuery, catalog: &Catalog, mut accept: impl FnMut(&str) -> bool) -> Vec<String> {
    candidates(query, catalog).into_iter().filter(|question| accept(question)).take(OFFERED).collect()
}

/// The same question for the last complete period of the data, for a window that holds nothing because it lies outside the data,
/// which goes from the first day of `range` to the last.
///
/// `window` is the empty one: the period is a year, a quarter or a month, whichever is nearest to its length.
pub fn where_there_is_data(
    query: &SemanticQuery,
    catalog: &Catalog,
    window: &ResolvedWindow,
    range: (Date, Date),
) -> Option<String> {
    let ((from, until), (start, end)) = (range, (window.start?, window.end?));
    if start <= until && end > from {
        return None;
    }
    let measure = query.measures.iter().find(|measure| !measure.hidden)?;
    let grain = query.dimensions.iter().filter(|dimension| !dimension.hidden).find_map(|dimension| dimension.grain);
    let adverb = grain.and_then(adverb).map(|adverb| format!("{adverb} ")).unwrap_or_default();
    let mut question = format!("{adverb}{}", measure_phrase(measure));
    let groups: Vec<String> = query
        .dimensions
        .iter()
        .filter(|dimension| !dimension.hidden && dimension.grain.is_none())
        .map(|dimension| dimension_phrase(dimension, catalog))
        .collect();
    if !groups.is_empty() {
        question.push_str(&format!(" by {}", groups.join(" and ")));
    }
    let tomorrow = until.tomorrow().ok()?;
    let months = match start.duration_until(end).as_hours() / 24 {
        300.. => 12,
        80..300 => 3,
        _ => 1,
    };
    // The first day of the running period is the day after the last complete one.
    let running = tomorrow.first_of_month().saturating_sub(i32::from((tomorrow.month() - 1) % months).months());
    let first = running.saturating_sub(i32::from(months).months());
    let when = match months {
        12 => format!("in {}", first.year()),
        3 => format!("in Q{} {}", (first.month() + 2) / 3, first.year()),
        _ => format!("in {}", first.strftime("%B %Y")),
    };
    tidy(vec![format!("{question} {when}")]).pop()
}

/// Candidates in order of preference: the same by another dimension, in time, finer, against the period before.
fn candidates(query: &SemanticQuery, catalog: &Catalog) -> Vec<String> {
    let subject = words(&query.from.name);
    let Some(measure) = query.measures.iter().find(|measure| !measure.hidden) else {
        return from_list(query, catalog, &subject);
    };
    let phrase = measure_phrase(measure);
    let window = query.filter.as_ref().and_then(window_of).map(window_phrase);
    let when = window.as_ref().map(|phrase| format!(" {phrase}")).unwrap_or_default();
    let others = other_dimensions(query, catalog);
    let time = query.dimensions.iter().find(|dimension| dimension.grain.is_some() && !dimension.hidden);
    let is_timed = window.is_some() || time.is_some() || query.compare.is_some() || has_time(query, catalog);

    let mut found = Vec::new();
    if let Some(first) = others.first() {
        found.push(format!("{phrase} by {first}{when}"));
    }
    match time.and_then(|dimension| dimension.grain) {
        Some(grain) => found.extend(finer(grain).map(|adverb| format!("{adverb} {phrase}{when}"))),
        None if is_timed => found.push(format!("monthly {phrase}{when}")),
        None => {}
    }
    if query.compare.is_none() && is_timed {
        found.push(format!("{phrase} this year against last year"));
    }
    if let Some(top) = query.dimensions.iter().find(|dimension| dimension.grain.is_none() && !dimension.hidden) {
        let dimension = dimension_phrase(top, catalog);
        if query.limit.is_none() {
            found.push(format!("top 5 {} by {phrase}{when}", plural(&dimension)));
        } else {
            found.push(format!("share of {phrase} by {dimension}{when}"));
        }
    }
    found.extend(others.iter().skip(1).map(|dimension| format!("{phrase} by {dimension}{when}")));
    tidy(found)
}

fn from_list(query: &SemanticQuery, catalog: &Catalog, subject: &str) -> Vec<String> {
    let mut found = vec![format!("how many {} are there", plural(subject))];
    found.extend(
        other_dimensions(query, catalog)
            .into_iter()
            .take(2)
            .map(|dimension| format!("number of {} by {dimension}", plural(subject))),
    );
    tidy(found)
}

/// A question starts with a capital, ends with a question mark if it is one, and is offered once.
pub(super) fn tidy(questions: Vec<String>) -> Vec<String> {
    let mut tidied: Vec<String> = Vec::new();
    for question in questions {
        let mut chars = question.chars();
        let mut text: String = chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default();
        if text.starts_with("How ") {
            text.push('?');
        }
        if !tidied.contains(&text) {
            tidied.push(text);
        }
    }
    tidied
}

/// "number of orders" for a count of rows; every other measure goes by its name, which is made of the words it was asked with.
fn measure_phrase(measure: &Measure) -> String {
    match &measure.aggregate {
        Aggregate::CountRows(table) => format!("number of {}", plural(&words(&table.name))),
        _ => words(&measure.name),
    }
}

fn dimension_phrase(dimension: &Dimension, catalog: &Catalog) -> String {
    match &dimension.value {
        Scalar::Field(field) => column_phrase(&field.table, &field.column, catalog),
        _ => words(&dimension.name),
    }
}

/// `categories.name` is "category", `customers.country` is "country".
pub(super) fn column_phrase(table: &TableName, column: &str, catalog: &Catalog) -> String {
    let own = words(column);
    let is_only_a_name = matches!(own.as_str(), "name" | "title" | "label" | "description" | "code");
    match catalog.table(table) {
        Some(table) if is_only_a_name => singular(&words(&table.name.name)),
        _ => own,
    }
}

/// Columns that group well, near tables first, not those the query groups or filters by.
pub(super) fn other_dimensions(query: &SemanticQuery, catalog: &Catalog) -> Vec<String> {
    let graph = JoinGraph::new(catalog);
    let used = used_columns(query);
    let mut found: Vec<((usize, u8, TableName), String)> = Vec::new();
    for (table, joins) in graph.parents_within(&query.from, REACH).into_iter().take(LOOKED_AT) {
        for column in &table.columns {
            let Some(fitness) = groups_well(table, column) else { continue };
            if used.iter().any(|(name, used)| *name == table.name && used.eq_ignore_ascii_case(&column.name)) {
                continue;
            }
            found.push(((joins.max(1), fitness, table.name.clone()), column_phrase(&table.name, &column.name, catalog)));
        }
    }
    found.sort();
    let mut phrases: Vec<String> = Vec::new();
    for (_, phrase) in found {
        if !phrases.contains(&phrase) && phrases.len() < 6 {
            phrases.push(phrase);
        }
    }
    phrases
}

/// How well a column groups, 0 best; `None` for keys, texts without repetition, times, and what looks personal.
fn groups_well(table: &Table, column: &Column) -> Option<u8> {
    const PERSONAL: &[&str] =
        &["email", "mail", "phone", "fax", "address", "street", "password", "token", "ssn", "iban", "birth", "note", "comment"];
    let words = split_words(&column.name);
    let is_key = table.primary_key.contains(&column.name)
        || table.foreign_keys.iter().any(|key| key.columns.contains(&column.name))
        || words.last().is_some_and(|word| word == "id");
    if is_key
        || column.is_temporal()
        || column.data_type != LogicalType::Text
        || words.iter().any(|word| PERSONAL.contains(&word.as_str()))
        || column.protected_kind().is_some()
    {
        return None;
    }
    let named = words.last().is_some_and(|word| matches!(word.as_str(), "name" | "title"));
    match column.statistics.as_ref().map(|statistics| statistics.distinct) {
        Some(0 | 1) => None,
        Some(2..=30) => Some(if named { 1 } else { 0 }),
        Some(31..=200) => Some(2),
        Some(_) => None,
        // Nothing is known of the values: names that say category are a fair guess.
        None => words
            .iter()
            .any(|word| {
                matches!(
                    word.as_str(),
                    "country"
                        | "region"
                        | "category"
                        | "type"
                        | "status"
                        | "segment"
                        | "channel"
                        | "city"
                        | "state"
                        | "kind"
                        | "class"
                )
            })
            .then_some(1),
    }
}

fn used_columns(query: &SemanticQuery) -> Vec<(TableName, String)> {
    fn of_scalar(scalar: &Scalar, used: &mut Vec<(TableName, String)>) {
        match scalar {
            Scalar::Field(Field { table, column, .. }) => used.push((table.clone(), column.clone())),
            Scalar::Arithmetic {
                left,
                right,
                op: Arithmetic::Add | Arithmetic::Subtract | Arithmetic::Multiply | Arithmetic::Divide,
            } => {
                of_scalar(left, used);
                of_scalar(right, used);
            }
            Scalar::DaysBetween { from, to } => {
                of_scalar(from, used);
                of_scalar(to, used);
            }
            Scalar::Coalesce(all) => all.iter().for_each(|scalar| of_scalar(scalar, used)),
            Scalar::Literal(_) => {}
        }
    }
    fn of_filter(filter: &Filter, used: &mut Vec<(TableName, String)>) {
        match filter {
            Filter::And(all) | Filter::Or(all) => all.iter().for_each(|filter| of_filter(filter, used)),
            Filter::Not(one) => of_filter(one, used),
            Filter::Compare { left, .. } => of_scalar(left, used),
            Filter::In { value, .. } | Filter::Between { value, .. } | Filter::Text { value, .. } | Filter::IsNull(value) => {
                of_scalar(value, used)
            }
            _ => {}
        }
    }
    let mut used = Vec::new();
    query.dimensions.iter().for_each(|dimension| of_scalar(&dimension.value, &mut used));
    query.filter.iter().for_each(|filter| of_filter(filter, &mut used));
    used
}

fn has_time(query: &SemanticQuery, catalog: &Catalog) -> bool {
    let tables = std::iter::once(&query.from).chain(query.measures.iter().filter_map(|measure| match &measure.aggregate {
        Aggregate::CountRows(table) => Some(table),
        _ => None,
    }));
    tables.filter_map(|name| catalog.table(name)).any(|table| table.columns.iter().any(Column::is_temporal))
}

fn window_of(filter: &Filter) -> Option<&TimeWindow> {
    match filter {
        Filter::During { window, .. } => Some(window),
        Filter::And(all) => all.iter().find_map(window_of),
        _ => None,
    }
}

/// A window as one would say it: "last quarter", "in 2024", "past 14 days".
fn window_phrase(window: &TimeWindow) -> String {
    match window {
        TimeWindow::Current(unit) => format!("this {}", unit_word(*unit)),
        TimeWindow::Last { unit, count: 1 } => format!("last {}", unit_word(*unit)),
        TimeWindow::Last { unit, count } => format!("last {count} {}s", unit_word(*unit)),
        TimeWindow::Rolling { unit, count: 1 } => format!("past {}", unit_word(*unit)),
        TimeWindow::Rolling { unit, count } => format!("past {count} {}s", unit_word(*unit)),
        TimeWindow::ToDate(unit) => format!("{} to date", unit_word(*unit)),
        TimeWindow::Next { unit, count: 1 } => format!("next {}", unit_word(*unit)),
        TimeWindow::Next { unit, count } => format!("next {count} {}s", unit_word(*unit)),
        TimeWindow::Absolute { start: Some(start), end: Some(end) } => {
            let a_year =
                start.month() == 1 && start.day() == 1 && end.month() == 1 && end.day() == 1 && end.year() == start.year() + 1;
            match end.yesterday() {
                _ if a_year => format!("in {}", start.year()),
                Ok(last) => format!("from {start} to {last}"),
                Err(_) => format!("since {start}"),
            }
        }
        TimeWindow::Absolute { start: Some(start), end: None } => format!("since {start}"),
        TimeWindow::Absolute { start: None, end: Some(end) } => format!("before {end}"),
        TimeWindow::Absolute { start: None, end: None } => String::new(),
    }
}

fn unit_word(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Day => "day",
        TimeUnit::Week => "week",
        TimeUnit::Month => "month",
        TimeUnit::Quarter => "quarter",
        TimeUnit::Year => "year",
        TimeUnit::FiscalQuarter => "fiscal quarter",
        TimeUnit::FiscalYear => "fiscal year",
    }
}

fn adverb(grain: Grain) -> Option<&'static str> {
    Some(match grain {
        Grain::Year => "yearly",
        Grain::Quarter => "quarterly",
        Grain::Month => "monthly",
        Grain::Week | Grain::IsoWeek => "weekly",
        Grain::Day => "daily",
        _ => return None,
    })
}

fn finer(grain: Grain) -> Option<&'static str> {
    match grain {
        Grain::Year | Grain::FiscalYear => Some("quarterly"),
        Grain::Quarter | Grain::FiscalQuarter => Some("monthly"),
        Grain::Month => Some("weekly"),
        Grain::Week | Grain::IsoWeek => Some("daily"),
        Grain::DayOfWeek | Grain::MonthOfYear | Grain::QuarterOfYear | Grain::HourOfDay => Some("monthly"),
        Grain::Day | Grain::Hour => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::catalog::{ColumnStatistics, ForeignKey};
    use crate::dialect::Dialect;

    fn text(name: &str, distinct: u64) -> Column {
        let mut column = Column::new(name, "TEXT", LogicalType::Text);
        column.statistics = Some(ColumnStatistics { distinct, ..Default::default() });
        column
    }

    fn shop() -> Catalog {
        let mut orders = Table::new(TableName::bare("orders"));
        orders.columns = vec![
            Column::new("id", "INTEGER", LogicalType::Integer),
            Column::new("customer_id", "INTEGER", LogicalType::Integer),
            Column::new("ordered_at", "DATE", LogicalType::Date),
            Column::new("amount", "REAL", LogicalType::Float),
            text("status", 4),
        ];
        orders.primary_key = vec!["id".into()];
        orders.foreign_keys = vec![ForeignKey {
            columns: vec!["customer_id".into()],
            references: TableName::bare("customers"),
            referenced_columns: vec![],
        }];
        let mut customers = Table::new(TableName::bare("customers"));
        customers.columns =
            vec![Column::new("id", "INTEGER", LogicalType::Integer), text("name", 5_000), text("country", 12), text("email", 12)];
        customers.primary_key = vec!["id".into()];
        let mut lines = Table::new(TableName::bare("order_lines"));
        lines.columns = vec![Column::new("order_id", "INTEGER", LogicalType::Integer), text("kind", 3)];
        lines.foreign_keys = vec![ForeignKey {
            columns: vec!["order_id".into()],
            references: TableName::bare("orders"),
            referenced_columns: vec![],
        }];
        Catalog::new(Dialect::Sqlite, None, vec![orders, customers, lines])
    }

    fn revenue() -> SemanticQuery {
        let mut query = SemanticQuery::new(TableName::bare("orders"));
        query.measures =
            vec![Measure::new("revenue", Aggregate::Sum(Scalar::Field(Field::new(TableName::bare("orders"), "amount"))))];
        query
    }

    #[test]
    fn a_window_without_data_leads_to_the_last_complete_period() {
        let mut query = SemanticQuery::new(TableName::bare("orders"));
        query.measures = vec![Measure::new("orders_count", Aggregate::CountRows(TableName::bare("orders")))];
        query.dimensions = vec![Dimension::new("status", Scalar::Field(Field::new(TableName::bare("orders"), "status")))];
        let range = ("2021-03-01".parse().unwrap(), "2024-11-20".parse().unwrap());
        let asked = |start: &str, end: &str| {
            let (start, end) = (start.parse().ok(), end.parse().ok());
            let window = ResolvedWindow { start, end, incomplete: false, label: String::new() };
            where_there_is_data(&query, &shop(), &window, range)
        };
        assert_eq!(asked("2026-01-01", "2027-01-01").as_deref(), Some("Number of orders by status in 2023"));
        assert_eq!(asked("2026-01-01", "2026-04-01").as_deref(), Some("Number of orders by status in Q3 2024"));
        assert_eq!(asked("2026-01-01", "2026-02-01").as_deref(), Some("Number of orders by status in October 2024"));
        assert_eq!(asked("2012-01-01", "2013-01-01").as_deref(), Some("Number of orders by status in 2023"));
        assert_eq!(asked("2024-11-01", "2024-12-01"), None, "there is data in it");
    }

    #[test]
    fn questions_follow_from_the_query() {
        let mut query = revenue().and(Filter::During {
            value: Field::new(TableName::bare("orders"), "ordered_at"),
            window: TimeWindow::Last { unit: TimeUnit::Quarter, count: 1 },
        });
        query.dimensions = vec![Dimension {
            name: "country".into(),
            value: Scalar::Field(Field::new(TableName::bare("customers"), "country")),
            grain: None,
            hidden: false,
        }];
        assert_eq!(
            follow_ups(&query, &shop(), |_| true),
            ["Revenue by status last quarter", "Monthly revenue last quarter", "Revenue this year against last year"]
        );
        assert_eq!(
            follow_ups(&query, &shop(), |question| question.starts_with("Top")),
            ["Top 5 countries by revenue last quarter"]
        );
    }

    #[test]
    fn series_go_finer_and_lists_are_counted() {
        let mut query = revenue();
        query.dimensions = vec![Dimension {
            name: "month".into(),
            value: Scalar::Field(Field::new(TableName::bare("orders"), "ordered_at")),
            grain: Some(Grain::Month),
            hidden: false,
        }];
        assert!(follow_ups(&query, &shop(), |_| true).contains(&"Weekly revenue".to_owned()));
        let list = SemanticQuery::new(TableName::bare("customers"));
        assert_eq!(follow_ups(&list, &shop(), |_| true), ["How many customers are there?", "Number of customers by country"]);
    }

    #[test]
    fn personal_and_multiplying_columns_are_not_offered() {
        let all = candidates(&revenue(), &shop()).join(" ");
        assert!(!all.contains("email") && !all.contains("kind") && !all.contains("by name"), "{all}");
    }
}
