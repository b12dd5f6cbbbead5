//! Runs a command beside database servers of its own: the tests of the packages for other languages.
//!
//! `with_servers COMMAND …` sets `LEO_TEST_POSTGRES_URL` and `LEO_TEST_MARIADB_URL` to a database with the table `orders`, as a login that may
//! only read; where a server is not installed, its variable is not set and a line says so. The servers end with the command.

use std::process::{Command, ExitCode};

use leo_tests::certificates::Shown;
use leo_tests::{mariadb, postgres};

const ORDERS: &str = "CREATE TABLE orders (id INTEGER PRIMARY KEY, region VARCHAR(20), day DATE, amount DECIMAL(10, 2), note VARCHAR(20));
INSERT INTO orders VALUES (1, 'north', '2024-01-02', 12.50, 'héllo'), (2, 'south', '2024-02-03', 7.25, NULL), (3, 'north', '2024-02-04', 0.10, '日本');";

fn main() -> ExitCode {
    let mut given = std::env::args_os().skip(1);
    let Some(program) = given.next() else {
        eprintln!("usage: with_servers COMMAND …");
        return ExitCode::from(2);
    };
    let mut command = Command::new(program);
    command.args(given);
    let postgres = postgres::Server::listening(Some(Shown::Good), &[]);
    if let Some(server) = &postgres {
        server.run("shop", &format!("{ORDERS} GRANT SELECT ON orders TO reader;"));
        command.env("LEO_TEST_POSTGRES_URL", server.url("reader", "shop"));
    }
    let mariadb = mariadb::Server::start(Shown::Good, &[]);
    if let Some(server) = &mariadb {
        let runtime = tokio::runtime::Runtime::new().expect("threads");
        for statement in ORDERS.split_inclusive(';') {
            runtime.block_on(server.run(statement));
        }
        let authority = server.authority().file().display().to_string().replace('/', "%2F");
        command.env("LEO_TEST_MARIADB_URL", format!("{}?sslmode=verify-full&sslrootcert={authority}", server.url("reader")));
    }
    // What ends the servers must run whatever the command does.
    let status = command.status();
    drop((postgres, mariadb));
    match status {
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("the command could not be run: {error}");
            ExitCode::from(127)
        }
    }
}
