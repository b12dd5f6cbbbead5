//! Edits of queries over a schema without rows.
#![allow(clippy::unwrap_used, clippy::panic)]

use jiff::civil::date;

use super::{FollowUp, follow_up};
use crate::Dialect;
use crate::ask::planner::{BuiltinPlanner, Knowledge, Plan, SchemaIndex};
use crate::catalog::Catalog;
use crate::query::{Calendar, SemanticQuery, describe};

const CLINIC: &str = "CREATE TABLE patients (id int PRIMARY KEY, name text, town text, weight int);
    CREATE TABLE visits (id int PRIMARY KEY, patient_id int REFERENCES patients(id), visited_on date, cost int, ward text);";

fn index() -> SchemaIndex {
    SchemaIndex::build(&Catalog::from_ddl(Dialect::Sqlite, CLINIC).unwrap(), &Knowledge::default())
}

fn first(index: &SchemaIndex, question: &str) -> SemanticQuery {
    let now = date(2025, 3, 1).at(12, 0, 0, 0).in_tz("UTC").unwrap();
    match BuiltinPlanner::new(index).plan(question, &now, &Calendar::default()) {
        Plan::Query(planned) => planned.query,
        other => panic!("{question}: {other:?}"),
    }
}

fn after(index: &SchemaIndex, before: &SemanticQuery, question: &str) -> FollowUp {
    follow_up(question, Some(before), index, (date(2025, 3, 1), &Calendar::default()), 0.5)
}

fn continued(index: &SchemaIndex, before: &SemanticQuery, question: &str) -> SemanticQuery {
    match after(index, before, question) {
        FollowUp::Continues(planned) => planned.query,
        other => panic!("{question}: {other:?}"),
    }
}

#[test]
fn an_edit_keeps_all_other_conditions() {
    let index = index();
    let before = first(&index, "patients whose weight is above 80 and whose town is \"York\"");
    assert_eq!(before.filters().len(), 2);
    let edits = [
        "How many are there?",
        "What are their names?",
        "sort them by name",
        "also show their towns",
        "of these, whose weight is below 120?",
    ];
    for edit in edits {
        let query = continued(&index, &before, edit);
        assert!(before.filters().iter().all(|filter| query.filters().contains(filter)), "{edit}: {}", describe(&query));
    }
}

#[test]
fn a_condition_that_is_taken_away_leaves_the_query_without_it() {
    let index = index();
    let before = first(&index, "names of the patients");
    let with = continued(&index, &before, "of these, whose weight is above 80?");
    let added = with.filters().len() - 1;
    assert_eq!(with.without_filter(added).unwrap(), before);
    assert_eq!(with.without_filter(9), None);
    assert_eq!(continued(&index, &with, "ignore the weight"), before);
}

#[test]
fn series_change_their_grain_and_their_groups() {
    let index = index();
    let before = first(&index, "total cost of visits by year");
    let monthly = continued(&index, &before, "by month instead");
    assert!(describe(&monthly).contains("month of visits.visited_on"), "{}", describe(&monthly));
    let both = continued(&index, &monthly, "split by ward");
    assert!(
        describe(&both).starts_with("sum of visits.cost by month of visits.visited_on and visits.ward"),
        "{}",
        describe(&both)
    );
    let by_town = continued(&index, &continued(&index, &before, "and per ward?"), "by town instead");
    assert_eq!(by_town.dimensions.iter().filter(|dimension| !dimension.hidden).count(), 2, "{}", describe(&by_town));
    let by_ward = continued(&index, &first(&index, "total cost of visits by town"), "per ward instead");
    assert_eq!(describe(&by_ward), "sum of visits.cost by visits.ward");
    let least = continued(&index, &by_ward, "which one has the least?");
    assert_eq!((least.limit, least.order[0].descending), (Some(1), false));
}

#[test]
fn what_names_everything_is_new() {
    let index = index();
    let before = first(&index, "patients whose weight is above 80");
    for question in ["How many visits are there?", "names of the patients whose town is \"York\"", "patients and their towns"] {
        assert!(matches!(after(&index, &before, question), FollowUp::OnItsOwn), "{question}");
    }
}

#[test]
fn with_nothing_before_a_pronoun_is_unclear() {
    let index = index();
    let alone = |question| follow_up(question, None, &index, (date(2025, 3, 1), &Calendar::default()), 0.5);
    assert!(matches!(alone("What are their names?"), FollowUp::Unclear));
    assert!(matches!(alone("How many visits are there?"), FollowUp::OnItsOwn));
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "((and|of|these|them|their|which|one|ones|sort|by|top|5|than|more|also|what|about|for|each|except|those|that|it|weight|patients|[?,.]|\\PC{1,4}) ?){0,12}") {
        let index = index();
        let before = first(&index, "patients whose weight is above 80");
        if let FollowUp::Continues(planned) = after(&index, &before, &text) {
            proptest::prop_assert!(planned.query.validate(index.catalog()).is_ok());
        }
    }
}
