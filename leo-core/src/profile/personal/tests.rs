//! Columns as a whole: their values, their names, their tables.

use super::national::tests::{PATTERNS, Random, numbers};
use super::*;
use crate::catalog::{Column, ColumnStatistics, LogicalType, PersonalTier, Table, TableName};
use crate::value::Value;

use PersonalTier::{High, Low, Medium};

/// What the column `column` of `table` with these texts is marked as.
fn of_texts(table: &str, column: &str, texts: &[&str]) -> Option<(String, PersonalTier)> {
    let mut table = Table::new(TableName::bare(table));
    table.columns.push(Column::new(column, "TEXT", LogicalType::Text));
    table.columns[0].statistics = Some(ColumnStatistics::default());
    mark(&mut table, &[Some(Evidence::of_texts(texts.iter().copied()))]);
    table.columns[0].personal.as_ref().map(|personal| (personal.kind.clone(), personal.tier))
}

fn of_numbers(column: &str, numbers: &[i64]) -> Option<(String, PersonalTier)> {
    let mut table = Table::new(TableName::bare("t"));
    table.columns.push(Column::new(column, "INTEGER", LogicalType::Integer));
    let range = |value: Option<&i64>| value.map(|value| Value::Int(*value));
    let (min, max) = (range(numbers.iter().min()), range(numbers.iter().max()));
    table.columns[0].statistics = Some(ColumnStatistics { min, max, ..ColumnStatistics::default() });
    mark(&mut table, &[Some(Evidence::of_numbers(numbers.iter().copied()))]);
    table.columns[0].personal.as_ref().map(|personal| (personal.kind.clone(), personal.tier))
}

fn texts(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

#[test]
fn values_tell_what_they_are() {
    for (kind, values) in [
        ("email", &["ann@x.org", "bob@example.com", "c.d@mail.example.net", "unknown"][..]),
        ("iban", &["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "NO9386011117947"]),
        ("card", &["4111 1111 1111 1111", "5555555555554444", "378282246310005", "6011111111111117", "3530111333300000"]),
        ("phone", &["+49 30 901820", "(415) 555-2671", "0044 20 7946 0958", "020 7946 0958", "06 12 34 56 78"]),
        ("ip", &["192.168.0.1", "10.0.12.3", "172.16.254.1", "fe80::1:2"]),
        ("mac", &["00:1A:2b:3c:4D:5e", "00:1A:2b:3c:4D:5f", "00-1a-2b-3c-4d-60"]),
        ("national_id", &["078-05-1120", "219-09-9999", "457-55-5462"]),
        ("address", &["29 Hornsey Road", "Hauptstraße 12a", "12 rue de la Paix", "1600 Pennsylvania Ave"]),
        ("name", &["Anna Müller", "Peter Smith", "María García López", "Jean Dupont", "O'Brien, Conor"]),
    ] {
        assert_eq!(of_texts("t", "c1", values), Some((kind.to_owned(), High)), "{values:?}");
    }
}

#[test]
fn numbers_with_check_digits_are_told_without_a_name() {
    for (name, _) in PATTERNS {
        let numbers = numbers(name, 60);
        let found = of_texts("t", "c1", &texts(&numbers));
        // One check digit alone is what other numbers have too.
        let chance = IDS.iter().find(|id| id.name == *name).unwrap().chance;
        let tier = if chance < 0.05 { High } else { Medium };
        assert_eq!(found, Some(("national_id".to_owned(), tier)), "{name}: {}", numbers[0]);
        assert_eq!(of_texts("t", "national_id", &texts(&numbers)), Some(("national_id".to_owned(), High)), "{name}");
    }
}

#[test]
fn other_numbers_are_not_personal() {
    let keys: Vec<i64> = (1_000_000_000..1_000_001_000).collect();
    let mut random = Random::new(3);
    let mut any = |digits: u32| -> Vec<i64> {
        let start = 10_i64.pow(digits - 1);
        (0..1_000)
            .map(|_| start + (random.below(1 << 31) as i64 * (1 << 31) + random.below(1 << 31) as i64) % (start * 9))
            .collect()
    };
    for name in ["id", "c1", "amount", "order_number", "customer_id"] {
        assert_eq!(of_numbers(name, &keys), None, "{name}");
        for digits in 4..=18 {
            let numbers = any(digits);
            assert_eq!(of_numbers(name, &numbers), None, "{name} {digits}");
            let written: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            assert_eq!(of_texts("t", name, &texts(&written)), None, "{name} {digits}");
        }
    }
}

#[test]
fn what_resembles_personal_data_is_not_taken_for_it() {
    for (name, values) in [
        ("version", &["1.2.3.4", "10.0.0.1", "2.0.15.3", "1.10.0.2"][..]),
        ("c1", &["1.2.3", "2.0.0", "10.1.4"]),
        ("c1", &["2024-01-31", "2023-12-01", "1999-07-07"]),
        ("c1", &["2024-01-31 10:00:00", "2023-12-01 11:30:00"]),
        ("c1", &["978-0-306-40615-7", "978-3-16-148410-0", "979-10-90636-07-1"]),
        ("order_no", &["2024-0001-77", "2024-0002-78", "2024-0003-79", "2024-0004-80", "2024-0005-81"]),
        ("c1", &["12345-6789", "98765-4321", "10001-0001"]),
        ("c1", &["Germany", "Chad", "Jordan", "France", "Peru", "United States", "Georgia", "India", "Israel", "Spain"]),
        ("c1", &["Paris", "London", "Victoria", "Charlotte", "San Francisco", "Berlin", "Florence", "Austin", "Rome", "Lima"]),
        (
            "product_name",
            &["Jack Daniel's", "Chef Anton's Gumbo Mix", "Uncle Bob's Organic Dried Pears", "Chai", "Tofu", "Ipoh Coffee"],
        ),
        ("c1", &["Smith & Sons", "Wilson Ltd", "Taylor Group", "Anna's Bakery GmbH", "Morgan Bank", "Brown Brothers"]),
        ("status", &["open", "closed", "pending", "shipped"]),
        ("email_opt_in", &["yes", "no"]),
        ("phone_type", &["home", "work", "mobile"]),
        ("c1", &["A-1001-X", "B-2002-Y", "C-3003-Z"]),
        ("c1", &["550e8400-e29b-41d4-a716-446655440000", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"]),
        ("description", &["A mix of 12 herbs and spices for the grill", "Soft drinks, coffees, teas, beers, and ales for all"]),
        ("c1", &["12.5", "1,299.00", "0.75"]),
        ("address_id", &["12", "13", "14"]),
        ("phone", &["Y", "N"]),
        ("cell", &["A1", "B2", "C3"]),
        ("c1", &["1 234 567", "12 345 678", "123 456 789", "1 000 000", "999 999 999"]),
        ("c1", &["2019-2020", "2020-2021", "2021-2022", "2022-2023", "2023-2024"]),
        ("c1", &["Red", "Green", "Black", "White", "Brown", "Yellow", "Orange", "Gray", "Pink", "Blue", "Silver"]),
        ("part_no", &["123-4567", "12-34567", "1234-567", "12-3456-78", "12-345-678"]),
    ] {
        assert_eq!(of_texts("t", name, values), None, "{name} {values:?}");
    }
}

#[test]
fn names_and_values_are_weighed() {
    let kind = |kind: &str, tier| Some((kind.to_owned(), tier));
    // Both agree.
    assert_eq!(of_texts("t", "phone", &["4155552671", "4155552672", "4155552673"]), kind("phone", High));
    assert_eq!(of_numbers("mobile", &[4_155_552_671, 4_155_552_672, 4_915_112_345]), kind("phone", High));
    assert_eq!(of_texts("t", "passport_no", &["C01X00T47", "123456789", "AB1234567"]), kind("passport", High));
    assert_eq!(of_texts("t", "vorname", &["Anna", "Xaver", "Jörg", "Uschi"]), kind("name", High));
    assert_eq!(of_texts("people", "name", &["Ada Byron", "Peter Smith", "Xu Bo", "Ann Lee", "Eva Novak"]), kind("name", High));
    assert_eq!(
        of_texts("t", "password", &["$2b$12$abcdefghijklmnopqrstuv", "$2b$12$abcdefghijklmnopqrstuw"]),
        kind("secret", High)
    );
    assert_eq!(of_texts("t", "dob", &["1976-01-20", "20.01.1980"]), kind("birth_date", High));
    assert_eq!(of_numbers("birth_year", &[1_950, 1_976, 2_001]), kind("birth_date", High));
    // They do not.
    assert_eq!(of_texts("t", "email", &["n/a", "see file", "x"]), kind("email", Medium));
    assert_eq!(of_texts("t", "phone", &["ann@x.org", "bob@x.org", "cy@x.org"]), kind("email", Medium));
    assert_eq!(of_texts("t", "pwd", &["hunter2", "letmein"]), kind("secret", Medium));
    assert_eq!(of_texts("t", "surname", &["Qwzzt", "Xbbrw"]), kind("name", Medium));
    assert_eq!(of_numbers("birth_rate", &[10, 12]), None);
    // There are none.
    assert_eq!(of_texts("t", "email", &[]), kind("email", Low));
    assert_eq!(of_texts("t", "ssn", &["", " "]), kind("national_id", Low));
    assert_eq!(of_texts("t", "c1", &[]), None);
}

#[test]
fn prose_is_marked_for_what_stands_in_it() {
    let note = |at: usize| match at % 10 {
        0 => format!("Customer asked to be called at +49 30 90182{at:02} next week"),
        1 => format!("Please send the invoice to buyer{at}@example.org instead, thanks"),
        _ => format!("Parcel {at} was late and the box was damaged on arrival"),
    };
    let notes: Vec<String> = (0..100).map(note).collect();
    assert_eq!(of_texts("t", "notes", &texts(&notes)), Some(("free_text".to_owned(), High)));
    let others: Vec<String> = (2..10).map(note).collect();
    assert_eq!(of_texts("t", "notes", &texts(&others)), None);
}

#[test]
fn coordinates_are_personal_where_they_are_of_people() {
    let geo = |name: &str, other: &str| {
        let mut table = Table::new(TableName::bare(name));
        for column in ["lat", "lon", other] {
            table.columns.push(Column::new(column, "REAL", LogicalType::Float));
        }
        for (column, (low, high)) in table.columns.iter_mut().zip([(47.1, 54.9), (5.9, 15.0)]) {
            column.statistics =
                Some(ColumnStatistics { min: Some(Value::Float(low)), max: Some(Value::Float(high)), ..Default::default() });
        }
        mark(&mut table, &[]);
        table.columns.iter().filter(|column| column.protected_kind() == Some("geo")).count()
    };
    assert_eq!(
        (geo("positions", "user_id"), geo("customers", "x"), geo("stations", "x"), geo("stations", "city_id")),
        (2, 2, 0, 0)
    );
}

#[test]
fn the_reason_has_no_values_and_the_host_has_the_last_word() {
    let mut table = Table::new(TableName::bare("t"));
    table.columns = vec![Column::new("a", "TEXT", LogicalType::Text), Column::new("b", "TEXT", LogicalType::Text)];
    let confirmed = crate::catalog::PersonalData { kind: "health".into(), tier: PersonalTier::Confirmed, reason: None };
    table.columns[1].personal = Some(confirmed.clone());
    let values = ["ann@x.org", "bob@x.org", "none"];
    let evidence = || Some(Evidence::of_texts(values.iter().copied()));
    mark(&mut table, &[evidence(), evidence()]);
    let reason = table.columns[0].personal.clone().unwrap().reason.unwrap();
    assert_eq!(reason, "2 of 3 values are e-mail addresses");
    assert_eq!(table.columns[1].personal, Some(confirmed));
    mark(&mut table, &[Some(Evidence::of_texts(["x"].into_iter()))]);
    assert!(table.columns[0].personal.is_none(), "what is gone is not marked any more");
    let mut unread = Table::new(TableName::bare("t"));
    unread.columns = vec![Column::new("email", "TEXT", LogicalType::Text), Column::new("dob", "DATE", LogicalType::Date)];
    mark_by_names(&mut unread);
    assert!(unread.columns.iter().all(|column| column.personal.as_ref().is_some_and(|personal| personal.tier == Low)));
    assert!(unread.columns.iter().all(|column| column.protected_kind().is_none()));
}

mod any {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_column_is_judged(name in "\\PC{0,20}", values in proptest::collection::vec("\\PC{0,80}", 0..8), numbers in proptest::collection::vec(any::<i64>(), 0..8)) {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let personal = of_texts("t", &name, &values);
            prop_assert!(personal.is_none_or(|(kind, tier)| !kind.is_empty() && tier != PersonalTier::Confirmed));
            of_numbers(&name, &numbers);
        }
    }
}
