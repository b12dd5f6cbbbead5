//! Shared test support.

pub mod audit;
pub mod behaviour;
pub mod certificates;
pub mod company;
pub mod generate;
pub mod guard;
pub mod guard_cases;
pub mod json_schema;
pub mod mariadb;
pub mod model_server;
pub mod mutate;
pub mod parquet;
pub mod postgres;
pub mod property;
pub mod references;
pub mod semantic;
pub mod shape;
pub mod sshd;
pub mod tds;
pub mod transact;
