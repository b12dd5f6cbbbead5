//! The host's clock: read once for each call, and what becomes of a call when it fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use leo::adapter::Clock;
use leo::builder::Source;
use leo::settings::{Preset, SettingsLayer};
use leo::source::sqlite::SqliteSource;
use leo::{AskOptions, Context, Error, ErrorKind, Leo, Result};

#[derive(Debug, Clone, Copy)]
enum Does {
    Says,
    Fails,
    Hangs,
}

#[derive(Debug)]
struct Told {
    does: Does,
    asked: AtomicUsize,
}

#[async_trait]
impl Clock for Told {
    async fn now(&self) -> Result<Timestamp> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match self.does {
            Does::Says => Ok("2024-02-10T23:30:00Z".parse().unwrap()),
            Does::Fails => Err(Error::unavailable("the sundial is in the shade")),
            Does::Hangs => std::future::pending().await,
        }
    }
}

fn leo(does: Does) -> (Leo, Arc<Told>) {
    let shop = "CREATE TABLE orders (id INTEGER PRIMARY KEY, placed DATE);
        INSERT INTO orders VALUES (1, '2023-12-31'), (2, '2024-01-01'), (3, '2024-01-31'), (4, '2024-02-01')";
    let clock = Arc::new(Told { does, asked: AtomicUsize::new(0) });
    let source = Source::new(SqliteSource::from_sql("shop", shop).unwrap());
    let leo = Leo::builder().preset(Preset::Local).source(source).clock(Arc::clone(&clock) as Arc<dyn Clock>).build().unwrap();
    (leo, clock)
}

#[tokio::test]
async fn windows_count_from_what_the_clock_says_and_it_is_asked_once() {
    let (leo, clock) = leo(Does::Says);
    let answer = leo.ask("how many orders last month?").await.unwrap();
    assert_eq!(answer.table.unwrap().value(0, 0).to_string(), "2");
    assert_eq!((answer.explain.now.as_str(), answer.explain.as_of), ("2024-02-10 23:30", false));
    assert_eq!(clock.asked.load(Ordering::Relaxed), 1);
    // Settings of a call may change the zone, not the moment.
    let mut settings = SettingsLayer::default();
    settings.set("time_zone", "Europe/Berlin").unwrap();
    let options = AskOptions { settings, ..AskOptions::default() };
    assert_eq!(leo.ask_with("how many orders?", &options).await.unwrap().explain.now, "2024-02-11 00:30");
    assert_eq!(clock.asked.load(Ordering::Relaxed), 2);
    leo.sources().list().await.unwrap();
    leo.catalog(None).await.unwrap();
    assert!(clock.asked.load(Ordering::Relaxed) <= 4);
}

#[tokio::test]
async fn a_context_with_a_moment_needs_no_clock() {
    let (leo, clock) = leo(Does::Fails);
    let ctx = Context::new("acme", "ada").unwrap().with_roles(["owner"]).with_now("2024-03-01T00:00:00Z".parse().unwrap());
    let answer = leo.for_user(ctx).ask("how many orders last month?").await.unwrap();
    assert_eq!(answer.table.unwrap().value(0, 0).to_string(), "1");
    assert!(leo.settings(None).await.is_ok(), "settings do not depend on the time");
    assert_eq!(clock.asked.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn a_call_fails_with_the_clock() {
    let (failing, _) = leo(Does::Fails);
    let error = failing.ask("how many orders?").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Adapter);
    assert!(!error.to_string().contains("sundial") && format!("{error:?}").contains("sundial"), "{error:?}");

    let (hanging, _) = leo(Does::Hangs);
    let began = tokio::time::Instant::now();
    let error = hanging.ask("how many orders?").await.unwrap_err();
    assert_eq!((error.kind(), began.elapsed()), (ErrorKind::Timeout, Duration::from_secs(5)));
    assert_eq!(hanging.sources().remove("shop").await.unwrap_err().kind(), ErrorKind::Timeout);

    let ctx = Context::new("acme", "ada").unwrap().with_roles(["owner"]);
    ctx.cancel.cancel();
    assert_eq!(hanging.for_user(ctx).ask("how many orders?").await.unwrap_err().kind(), ErrorKind::Cancelled);
}
