//! The behaviour suite on Parquet files, through DataFusion.

use std::sync::Arc;

use arrow_array::{
    Array, Date32Array, Decimal128Array, Float64Array, Int16Array, Int32Array, Int64Array, StringArray, TimestampMicrosecondArray,
};
use arrow_schema::Field;
use async_trait::async_trait;
use leo::gate::Connector;
use leo::source::files::FilesSource;
use leo_tests::behaviour::{self, Fixture, SOURCE, Skill};
use leo_tests::parquet::{days, micros, write};

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let column =
            |name: &str, array: Arc<dyn Array>, nullable: bool| (Field::new(name, array.data_type().clone(), nullable), array);
        let (name, city) = (vec!["Ann", "Bob", "Zoë 🦀"], vec![Some("Oslo"), None, Some("")]);
        let born = vec![Some(days("1990-01-02")), None, Some(days("1969-12-31"))];
        write(
            &folder.path().join("customers.parquet"),
            vec![
                column("id", Arc::new(Int64Array::from(vec![1, 2, 3])), false),
                column("name", Arc::new(StringArray::from(name)), false),
                column("city", Arc::new(StringArray::from(city)), true),
                column("born", Arc::new(Date32Array::from(born)), true),
            ],
        );
        let total = Decimal128Array::from(vec![9_950, 25_000, 1]).with_precision_and_scale(12, 2).unwrap();
        let placed = vec![Some(micros("2024-02-29 23:59:59")), Some(micros("2024-03-31 02:30:00")), None];
        write(
            &folder.path().join("orders.parquet"),
            vec![
                column("id", Arc::new(Int64Array::from(vec![1, 2, 3])), false),
                column("customer_id", Arc::new(Int64Array::from(vec![1, 1, 2])), true),
                column("total", Arc::new(total), true),
                column("note", Arc::new(StringArray::from(vec![None, Some("late"), Some("")])), true),
                column("placed", Arc::new(TimestampMicrosecondArray::from(placed)), true),
            ],
        );
        let ids = 1..=10_000_i64;
        let labels = ids.clone().map(|id| format!("reading {id}"));
        write(
            &folder.path().join("readings.parquet"),
            vec![
                column("id", Arc::new(Int64Array::from_iter_values(ids.clone())), false),
                column("small", Arc::new(Int16Array::from_iter_values(ids.clone().map(|id| (id % 100) as i16))), true),
                column("whole", Arc::new(Int32Array::from_iter_values(ids.clone().map(|id| id as i32 * 1_000))), true),
                column("wide", Arc::new(Int64Array::from_iter_values(ids.clone().map(|id| id * 1_000_000_000))), true),
                column("ratio", Arc::new(Float64Array::from_iter_values(ids.map(|id| id as f64 / 4.0))), true),
                column("label", Arc::new(StringArray::from_iter_values(labels)), true),
            ],
        );
        Self(folder)
    }
}

#[async_trait]
impl Fixture for Files {
    fn name(&self) -> &'static str {
        "files"
    }

    fn has(&self, skill: Skill) -> bool {
        // Files have no keys, views or comments, and there is no server to be asked.
        matches!(skill, Skill::Tables | Skill::Temporal | Skill::Decimals | Skill::Reasons)
    }

    async fn connect(&self) -> leo::Result<Arc<dyn Connector>> {
        Ok(Arc::new(FilesSource::open(SOURCE, &[self.0.path()])?))
    }

    fn refused(&self) -> (&'static str, &'static str) {
        ("SELECT abs(id, id) AS a FROM customers", "abs")
    }

    fn failing(&self) -> &'static str {
        "SELECT id, CAST(note AS BIGINT) AS n FROM orders WHERE note = 'late'"
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_behave() {
    behaviour::run(&Files::new()).await;
}
