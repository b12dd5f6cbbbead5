//! Statements with their tokens moved about: near what people write, and near what attackers write.

use crate::generate::rng::Rng;

/// What attackers put into statements.
#[rustfmt::skip]
pub const ATTACKS: &[&str] = &[
    ";", "; DROP TABLE orders", "; DELETE FROM orders", "--", "-- \n", "/*", "*/", "/*!50000", "/**/", "'", "\"", "`", "[", "]", "(", ")", ",", ".",
    "DELETE FROM customers", "UPDATE orders SET total = 0", "INSERT INTO orders (id) VALUES (1)", "INSERT INTO orders DEFAULT VALUES",
    "REPLACE INTO regions SELECT * FROM regions", "RETURNING *", "INTO", "SET", "AS x (DELETE FROM orders RETURNING *)",
    "WITH x AS (SELECT 1) DELETE FROM orders", "WITH x AS (SELECT 1) UPDATE orders SET note = 'x'", "DROP VIEW paid_orders",
    "CREATE TEMP TABLE t AS", "CREATE TABLE t AS", "CREATE VIEW v AS", "CREATE TRIGGER g AFTER INSERT ON orders BEGIN SELECT 1; END",
    "ALTER TABLE orders ADD COLUMN x", "VACUUM", "VACUUM INTO 'copy'", "REINDEX", "ANALYZE", "BEGIN", "COMMIT", "SAVEPOINT a", "EXPLAIN",
    "EXPLAIN QUERY PLAN", "ATTACH ':memory:' AS other", "DETACH other", "PRAGMA table_info(orders)", "PRAGMA query_only = 0",
    "pragma_table_info('secrets')", "pragma_table_list", "pragma_database_list AS p", "(SELECT file FROM pragma_database_list)",
    "sqlite_master", "sqlite_schema", "main.sqlite_schema", "sqlite_temp_schema", "sqlite_temp_master", "sqlite_sequence", "sqlite_stat1",
    "secrets", "main.secrets", "temp.scratch", "scratch", "\"secrets\"", "[secrets]", "`secrets`", "'secrets'", "SECRETS", "main . secrets",
    "main.\"secrets\"", "secrets AS orders", "orders AS secrets", "hidden_view", "found", "found('x')", "secrets_fts",
    ", secrets", "JOIN secrets", "NATURAL JOIN secrets", "LEFT JOIN secrets ON 1", "CROSS JOIN (secrets)", "FROM (secrets)", "FROM secrets",
    "UNION SELECT token FROM secrets", "UNION ALL SELECT sql FROM sqlite_schema", "EXCEPT SELECT 1 FROM secrets", "INTERSECT",
    "(SELECT token FROM secrets)", "EXISTS (SELECT 1 FROM secrets)", "IN secrets", "IN main.secrets", "NOT IN secrets", "IN (secrets)",
    "IN sqlite_schema", "IN pragma_table_list", "= (SELECT count(*) FROM secrets)", "LIMIT (SELECT count(*) FROM secrets)",
    "ORDER BY (SELECT token FROM secrets)", "json_each((SELECT token FROM secrets))", "OVER (ORDER BY (SELECT token FROM secrets))",
    "FILTER (WHERE 1 IN secrets)", "WITH orders AS (SELECT * FROM secrets)", "WITH secrets AS (SELECT 1 AS token)",
    "WITH RECURSIVE r AS (SELECT token FROM secrets UNION SELECT token FROM r)", "VALUES (1)", "TABLE secrets", "INDEXED BY i", "NOT INDEXED",
    "load_extension('x')", "fts3_tokenizer('simple')", "writefile('f', 'x')", "main.", "temp.", "other.", "AS", "FROM", "WHERE", "SELECT",
    "UNION", "WITH", "JOIN", "ON", "USING (id)", "CASE", "END", "\u{0}", "\u{a0}", "\u{feff}", "\u{b}", "\u{200b}", "x'00'", "?1", ":a", "@a", "$a", "#",
    "\\", "\\'", "$$", "::", "||", "MATCH", "REGEXP", "COLLATE", "ESCAPE", "RAISE(ABORT, 'x')", "MATERIALIZED",
];

/// What may stand where a table does.
#[rustfmt::skip]
const RELATIONS: &[&str] = &[
    "secrets", "main.secrets", "SECRETS", "\"secrets\"", "[secrets]", "`secrets`", "(secrets)", "(SELECT * FROM secrets)", "temp.scratch", "scratch",
    "sqlite_master", "sqlite_schema", "main.sqlite_schema", "sqlite_temp_schema", "sqlite_sequence", "sqlite_stat1", "hidden_view", "found",
    "pragma_table_list", "pragma_table_info('secrets')", "pragma_database_list", "orders, secrets", "orders JOIN secrets USING (id)",
    "orders NATURAL JOIN secrets", "(orders, secrets)", "orders LEFT JOIN (secrets) ON 1", "(VALUES ((SELECT token FROM secrets)))",
    "json_each((SELECT token FROM secrets))", "orders AS secrets", "(WITH s AS (SELECT * FROM secrets) SELECT * FROM s)", "main.orders",
];

/// What may stand where a value does.
#[rustfmt::skip]
const VALUES: &[&str] = &[
    "(SELECT token FROM secrets)", "(SELECT count(*) FROM sqlite_schema)", "EXISTS (SELECT 1 FROM secrets)", "(1 IN secrets)", "(1 IN main.secrets)",
    "(1 IN sqlite_schema)", "(SELECT name FROM pragma_table_list)", "(SELECT max(token) OVER () FROM secrets)", "secrets.token", "token",
    "CASE WHEN 1 IN secrets THEN 1 END", "(SELECT file FROM pragma_database_list)", "(WITH s AS (SELECT token FROM secrets) SELECT token FROM s)",
    "coalesce(NULL, (SELECT token FROM secrets LIMIT 1))", "(SELECT 1 FROM orders WHERE 1 IN secrets)", "(SELECT sql FROM sqlite_master LIMIT 1)",
    "load_extension('x')", "rowid", "\"token\"", "'secrets'", "(1 IN (SELECT id FROM orders))", "1",
];

/// What may stand before or behind a statement.
#[rustfmt::skip]
const AROUND: &[(&str, &str)] = &[
    ("EXPLAIN ", ""), ("EXPLAIN QUERY PLAN ", ""), ("CREATE TABLE t AS ", ""), ("CREATE TEMP TABLE t AS ", ""), ("CREATE VIEW v AS ", ""),
    ("INSERT INTO regions (name) ", ""), ("REPLACE INTO regions (name) ", " RETURNING *"), ("WITH x AS (", ") DELETE FROM orders"),
    ("WITH x AS (", ") UPDATE orders SET note = 'x'"), ("WITH x AS (", ") INSERT INTO regions (name) SELECT 1 FROM x"),
    ("", "; DELETE FROM orders"), ("", ";;PRAGMA user_version"), ("", " UNION SELECT token FROM secrets"), ("", " UNION ALL SELECT sql FROM sqlite_schema"),
    ("", " EXCEPT SELECT id FROM secrets"), ("", " INTERSECT SELECT 1 WHERE 1 IN secrets"), ("", " LIMIT (SELECT count(*) FROM secrets)"),
    ("", " ORDER BY (SELECT token FROM secrets)"), ("WITH secrets AS (SELECT 1 AS id) ", ""), ("WITH orders AS (SELECT * FROM secrets) ", ""),
    ("SELECT * FROM (", ")"), ("SELECT (", ")"), ("SELECT 1 WHERE EXISTS (", ")"), ("VALUES ((", "))"), ("/* ", " */ DELETE FROM orders"),
    ("-- x\n", ""), ("ATTACH (", ") AS other"), ("BEGIN; ", "; COMMIT"), ("VACUUM INTO (", ")"), ("DELETE FROM orders WHERE id IN (", ")"),
];

/// The tokens of a text, near enough: spaces stay with what follows them.
pub fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(first) = chars.next() {
        let mut token = String::from(first);
        if first.is_alphanumeric() || first == '_' {
            while let Some(next) = chars.next_if(|next| next.is_alphanumeric() || *next == '_') {
                token.push(next);
            }
        } else if matches!(first, '\'' | '"' | '`') {
            for next in chars.by_ref() {
                token.push(next);
                if next == first {
                    break;
                }
            }
        }
        match tokens.last_mut() {
            Some(last) if last.trim().is_empty() => last.push_str(&token),
            _ => tokens.push(token),
        }
    }
    tokens
}

const TABLES: &[&str] = &["customers", "regions", "orders", "order_lines", "products", "paid_orders"];

/// Puts one of `others` in the place of one of the tokens that fit.
fn replace(tokens: &mut [String], others: &[&str], rng: &mut Rng, fits: impl Fn(&str) -> bool) {
    let places: Vec<usize> = (0..tokens.len()).filter(|at| fits(tokens[*at].trim())).collect();
    if !places.is_empty() {
        tokens[rng.pick(&places)] = format!(" {}", rng.pick(others));
    }
}

/// A change of one of `corpus`, or of two of them.
pub fn mutant(corpus: &[Vec<String>], rng: &mut Rng) -> String {
    let at = rng.below(corpus.len());
    let mut tokens = corpus[at].clone();
    match rng.below(10) {
        0..3 => replace(&mut tokens, RELATIONS, rng, |token| TABLES.iter().any(|own| token.eq_ignore_ascii_case(own))),
        3..6 => replace(&mut tokens, VALUES, rng, |token| {
            token.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '\'')
        }),
        6..8 => {
            let (before, behind) = rng.pick(AROUND);
            return format!("{before}{}{behind}", tokens.concat());
        }
        _ => {}
    }
    for _ in 0..rng.below(3) {
        if tokens.is_empty() {
            break;
        }
        let (at, other) = (rng.below(tokens.len()), rng.below(tokens.len()));
        match rng.below(10) {
            0 => drop(tokens.remove(at)),
            1 => tokens.insert(at, tokens[other].clone()),
            2 => tokens.swap(at, other),
            3 => {
                let rest = &corpus[rng.below(corpus.len())];
                let from = rng.below(rest.len());
                tokens.truncate(at);
                tokens.extend(rest[from.min(rest.len())..].iter().cloned());
            }
            4..7 => tokens.insert(at, format!(" {} ", rng.pick(ATTACKS))),
            7 => tokens.push(format!(" {}", rng.pick(ATTACKS))),
            _ => tokens[at] = format!(" {} ", rng.pick(ATTACKS)),
        }
    }
    tokens.concat()
}
