//! A database that people know: what Leo answers is what hand-written SQL gives.
#![allow(clippy::unwrap_used, clippy::panic)]

use leo::{Answer, AnswerStatus, Leo, Value};
use leo_tests::guard::shared;
use rusqlite::types::ValueRef;

struct Chinook {
    leo: Leo,
    file: std::path::PathBuf,
}

impl Chinook {
    fn open() -> Option<Self> {
        let file = shared("business/chinook/chinook.sqlite")?;
        Some(Self { leo: Leo::open(&file).unwrap(), file })
    }

    async fn ask(&self, question: &str) -> Answer {
        let answer = self.leo.ask(question).await.unwrap();
        assert_eq!(answer.status, AnswerStatus::Answered, "{question}: {}", answer.message());
        answer
    }

    /// The rows of a statement, without Leo.
    fn rows(&self, sql: &str) -> Vec<Vec<Value>> {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = rusqlite::Connection::open_with_flags(&self.file, flags).unwrap();
        let mut statement = connection.prepare(sql).unwrap();
        let width = statement.column_count();
        let rows = statement.query_map([], |row| {
            (0..width)
                .map(|at| {
                    Ok(match row.get_ref(at)? {
                        ValueRef::Integer(value) => Value::Int(value),
                        ValueRef::Real(value) => Value::Float(value),
                        ValueRef::Text(text) => Value::Text(String::from_utf8(text.to_vec()).unwrap()),
                        _ => Value::Null,
                    })
                })
                .collect()
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    /// Whether answer and statement give the same rows in the same order; sums may differ in the last bits.
    fn agree(&self, answer: &Answer, sql: &str) {
        let (ours, theirs) = (answer.table.as_ref().unwrap().rows().collect::<Vec<_>>(), self.rows(sql));
        assert_eq!(ours.len(), theirs.len(), "{}", answer.question);
        for (own, other) in ours.iter().zip(&theirs) {
            assert_eq!(own.len(), other.len(), "{}", answer.question);
            for (own, other) in own.iter().zip(other) {
                let same = match (own.as_f64(), other.as_f64()) {
                    (Some(own), Some(other)) => (own - other).abs() < 1e-6,
                    _ => own == other,
                };
                assert!(same, "{}: {own} is not {other}", answer.question);
            }
        }
    }
}

#[tokio::test]
async fn which_genre_sells_best_in_germany() {
    let Some(chinook) = Chinook::open() else { return };
    let answer = chinook.ask("Which genre sells best in Germany?").await;
    chinook.agree(
        &answer,
        "SELECT g.Name, SUM(l.UnitPrice * l.Quantity) FROM InvoiceLine AS l JOIN Invoice AS i ON i.InvoiceId = l.InvoiceId \
         JOIN Track AS t ON t.TrackId = l.TrackId JOIN Genre AS g ON g.GenreId = t.GenreId WHERE i.BillingCountry = 'Germany' \
         GROUP BY g.GenreId ORDER BY 2 DESC LIMIT 1",
    );
    assert!(answer.narrative.text().contains("Rock"), "{}", answer.narrative.text());
    // Germany is the country of invoices and of customers: which one was taken is said.
    assert!(answer.explain.assumptions.iter().any(|note| note.contains("“Germany”")), "{:?}", answer.explain.assumptions);
}

#[tokio::test]
async fn top_5_customers_by_total_spent() {
    let Some(chinook) = Chinook::open() else { return };
    let answer = chinook.ask("Top 5 customers by total spent").await;
    chinook.agree(
        &answer,
        "SELECT c.FirstName, c.LastName, SUM(l.UnitPrice * l.Quantity) FROM InvoiceLine AS l \
         JOIN Invoice AS i ON i.InvoiceId = l.InvoiceId JOIN Customer AS c ON c.CustomerId = i.CustomerId \
         GROUP BY c.CustomerId ORDER BY 3 DESC, 1, 2 LIMIT 5",
    );
    // The totals that the invoices themselves carry say the same.
    let by_invoice = chinook.rows(
        "SELECT c.LastName, SUM(i.Total) FROM Invoice AS i JOIN Customer AS c ON c.CustomerId = i.CustomerId \
         GROUP BY c.CustomerId ORDER BY 2 DESC, c.FirstName, 1 LIMIT 5",
    );
    let names: Vec<Value> = answer.table.as_ref().unwrap().column(1).collect();
    assert_eq!(names, by_invoice.into_iter().map(|row| row[0].clone()).collect::<Vec<_>>());
}

fn monthly(year: &str) -> String {
    format!(
        "SELECT strftime('%Y-%m', i.InvoiceDate), SUM(l.UnitPrice * l.Quantity) FROM InvoiceLine AS l \
         JOIN Invoice AS i ON i.InvoiceId = l.InvoiceId WHERE strftime('%Y', i.InvoiceDate) = '{year}' GROUP BY 1 ORDER BY 1"
    )
}

#[tokio::test]
async fn monthly_revenue_of_a_year() {
    let Some(chinook) = Chinook::open() else { return };
    let answer = chinook.ask("monthly revenue 2022").await;
    assert_eq!(answer.row_count, 12);
    chinook.agree(&answer, &monthly("2022"));
}

#[tokio::test]
async fn monthly_revenue_2012() {
    let Some(chinook) = Chinook::open() else { return };
    let answer = chinook.ask("monthly revenue 2012").await;
    chinook.agree(&answer, &monthly("2012"));
    // This copy's invoices begin in 2021: nobody has to guess why there is nothing.
    let warnings: Vec<&str> = answer.warnings.iter().map(|warning| warning.message.as_str()).collect();
    let said = format!("{} {}", answer.narrative.text(), warnings.join(" "));
    assert!(answer.row_count > 0 || said.contains("2021"), "{said}");
}
