//! A second sync of what did not change reads no rows, also in another process, whatever the rows lie in.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use leo::builder::Source;
use leo::seal::EnvironmentKeys;
use leo::settings::Preset;
use leo::store::SqliteStorage;
use leo::sync::{SyncOptions, SyncStage};
use leo::{Leo, Result};

fn open(folder: &Path, source: Source) -> Leo {
    Leo::builder()
        .preset(Preset::Local)
        .source(source)
        .storage(Arc::new(SqliteStorage::open(folder.join("leo.db")).unwrap()))
        .keys(Arc::new(EnvironmentKeys::parse(&format!("1:{}", "5".repeat(64))).unwrap()))
        .build()
        .unwrap()
}

/// Tables whose rows a sync of a new process reads.
async fn read(folder: &Path, source: Result<Source>) -> usize {
    let leo = open(folder, source.unwrap());
    leo.sync(None, &SyncOptions::default(), &|step| assert!(step.stage != SyncStage::Profile || step.problem.is_none()))
        .await
        .unwrap();
    let events = leo.recent_audit().await.unwrap();
    events.iter().filter(|event| event.action == "statement" && event.purpose.as_deref() == Some("profile")).count()
}

#[tokio::test]
async fn files_are_read_again_when_they_change() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pets.csv");
    std::fs::write(&file, "id,name\n1,Rex\n2,Ada\n").unwrap();
    let source = || Source::open(&file);
    assert!(read(folder.path(), source()).await > 0);
    assert_eq!(read(folder.path(), source()).await, 0);
    std::fs::write(&file, "id,name\n1,Rex\n2,Ada\n3,Bob\n").unwrap();
    assert!(read(folder.path(), source()).await > 0);
}

#[tokio::test]
async fn mariadb_tells_when_rows_changed() {
    let Some(server) = leo_tests::mariadb::Server::shared() else { return };
    server.run("CREATE TABLE unchanged_pets (id int primary key, name text); INSERT INTO unchanged_pets VALUES (1, 'Rex'), (2, 'Ada')").await;
    // Younger changes could have another one within their second.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let folder = tempfile::tempdir().unwrap();
    let versions = async || {
        let leo = open(folder.path(), Source::connect(server.url("reader").parse().unwrap()).await.unwrap());
        let catalog = leo.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
        catalog.tables.iter().find(|table| table.name.name == "unchanged_pets").unwrap().data_version.clone()
    };
    let first = versions().await;
    assert!(first.is_some());
    assert_eq!(versions().await, first);
    server.run("UPDATE unchanged_pets SET name = 'Bob' WHERE id = 2").await;
    assert_ne!(versions().await, first, "just changed");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_ne!(versions().await, first);
    server.run("DROP TABLE unchanged_pets").await;
}
