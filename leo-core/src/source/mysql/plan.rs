//! What `EXPLAIN FORMAT=JSON` says a statement costs.
//!
//! Three forms are read: MySQL's first (`query_block` with `cost_info`), its second (`estimated_rows`, `estimated_total_cost`) and MariaDB's
//! (`query_block` with `table` and, from 11 on, `cost`). Rows are those that tables give, summed over the loops of joins.

use serde_json::Value as Json;

use crate::gate::Estimate;

/// The estimate in a plan; `None` when it has no figures.
pub(super) fn estimate(plan: &str) -> Option<Estimate> {
    let plan: Json = serde_json::from_str(plan).or_else(|_| serde_json::from_str(&without_conditions(plan))).ok()?;
    let second = plan.get("query_plan").unwrap_or(&plan);
    if second.get("estimated_rows").is_some() || second.get("estimated_total_cost").is_some() {
        let cost = second.get("estimated_total_cost").and_then(number);
        let rows = most(second);
        return Some(Estimate { rows: rows.map(whole), cost, bytes: None });
    }
    let block = plan.get("query_block")?;
    let cost = block.pointer("/cost_info/query_cost").or_else(|| block.get("cost")).and_then(number);
    let rows = read(block);
    (rows > 0.0 || cost.is_some()).then(|| Estimate { rows: Some(whole(rows)), cost, bytes: None })
}

/// The plan with its conditions left out: MariaDB writes one member a line, and does not escape backslashes of literals in them.
fn without_conditions(plan: &str) -> String {
    let line = |line: &str| match line.trim_start().strip_prefix('"').and_then(|rest| rest.split_once("\": ")) {
        Some((name, _)) if name.ends_with("condition") => {
            if line.trim_end().ends_with(',') { "\"-\": 0," } else { "\"-\": 0" }.to_owned()
        }
        _ => line.to_owned(),
    };
    plan.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// Rows as a whole number.
fn whole(rows: f64) -> u64 {
    // Saturates, and NaN becomes zero.
    rows.ceil() as u64
}

/// Numbers are numbers in one form and text in another.
fn number(value: &Json) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))
}

/// Rows that the tables under `node` give.
fn read(node: &Json) -> f64 {
    match node {
        Json::Object(parts) => parts
            .iter()
            .map(|(name, part)| match (name.as_str(), part) {
                ("table", table) => once(table).0 + beside(table),
                ("nested_loop", Json::Array(steps)) => loops(steps),
                (_, Json::Object(_) | Json::Array(_)) => read(part),
                _ => 0.0,
            })
            .sum(),
        Json::Array(parts) => parts.iter().map(read).sum(),
        _ => 0.0,
    }
}

/// A join: each table is read once for each row that came so far.
fn loops(steps: &[Json]) -> f64 {
    let (mut total, mut outer) = (0.0, 1.0);
    for step in steps {
        let found = step.get("table").or_else(|| step.pointer("/block-nl-join/table"));
        let Some(table) = found else {
            total += read(step);
            continue;
        };
        let (rows, kept) = once(table);
        // A buffered join reads the table once for all.
        total += if step.get("table").is_some() { outer * rows } else { rows };
        total += beside(table);
        outer *= kept;
    }
    total
}

/// Rows of one reading of a table, and those that its conditions keep.
fn once(table: &Json) -> (f64, f64) {
    let rows = ["rows_examined_per_scan", "rows"].iter().find_map(|key| table.get(key)).and_then(number).unwrap_or(1.0);
    let filtered = table.get("filtered").and_then(number).unwrap_or(100.0);
    (rows, rows * filtered / 100.0)
}

/// What a table holds beside its own figures: the plan that makes it, subqueries.
fn beside(table: &Json) -> f64 {
    let Json::Object(parts) = table else { return 0.0 };
    parts.values().filter(|part| part.is_object() || part.is_array()).map(read).sum()
}

/// The largest estimate of rows in MySQL's second form.
fn most(node: &Json) -> Option<f64> {
    let own = node.get("estimated_rows").and_then(number);
    let inputs = node.get("inputs").and_then(Json::as_array).into_iter().flatten().filter_map(most);
    own.into_iter().chain(inputs).reduce(f64::max)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn rows(plan: &str) -> Option<u64> {
        estimate(plan).unwrap().rows
    }

    #[test]
    fn plans_of_all_servers_are_read() {
        let mysql = r#"{"query_block": {"select_id": 1, "cost_info": {"query_cost": "12.50"}, "nested_loop": [
            {"table": {"table_name": "a", "rows_examined_per_scan": 10, "filtered": "50.00"}},
            {"table": {"table_name": "b", "rows_examined_per_scan": 3, "filtered": "100.00"}}]}}"#;
        assert_eq!(estimate(mysql).unwrap(), Estimate { rows: Some(25), cost: Some(12.5), bytes: None });
        let second = r#"{"query": "…", "query_plan": {"estimated_rows": 4.0, "estimated_total_cost": 9.25,
            "inputs": [{"estimated_rows": 1000.0}]}}"#;
        assert_eq!(estimate(second).unwrap(), Estimate { rows: Some(1000), cost: Some(9.25), bytes: None });
        let mariadb = r#"{"query_block": {"select_id": 1, "nested_loop": [
            {"table": {"table_name": "a", "rows": 100, "filtered": 100}},
            {"block-nl-join": {"table": {"table_name": "b", "rows": 50, "filtered": 100}, "buffer_type": "flat"}}]}}"#;
        assert_eq!(rows(mariadb), Some(150));
        let derived = r#"{"query_block": {"table": {"table_name": "<derived2>", "rows": 5, "filtered": 100,
            "materialized": {"query_block": {"table": {"table_name": "t", "rows": 70, "filtered": 100}}}}}}"#;
        assert_eq!(rows(derived), Some(75));
        let union = r#"{"query_block": {"union_result": {"query_specifications": [
            {"query_block": {"table": {"rows": 2}}}, {"query_block": {"table": {"rows": 3}}}]}}}"#;
        assert_eq!(rows(union), Some(5));
        let unescaped =
            "{\"query_block\": {\n\"table\": {\n\"rows\": 7,\n\"attached_condition\": \"t.a = '\\7'\",\n\"filtered\": 100\n}}}";
        assert_eq!(rows(unescaped), Some(7));
        assert_eq!(estimate(r#"{"query_block": {"message": "No tables used"}}"#), None);
        assert_eq!(estimate("no plan"), None);
    }
}
