//! What the login may do, from the server's own list of grants.

/// Rights that change nothing in the data.
const HARMLESS: &[&str] = &[
    "USAGE",
    "SELECT",
    "SHOW VIEW",
    "SHOW DATABASES",
    "SHOW_ROUTINE",
    "EXECUTE",
    "PROCESS",
    "REFERENCES",
    "REPLICATION CLIENT",
    "BINLOG MONITOR",
    "SLAVE MONITOR",
    "REPLICA MONITOR",
    "PROXY",
    "TABLE_ENCRYPTION_ADMIN",
];

/// Whether lines of `SHOW GRANTS` let the login change data, structure or the server.
pub(super) fn may_write<'a>(grants: impl IntoIterator<Item = &'a str>) -> bool {
    grants.into_iter().any(|grant| {
        // `GRANT role TO user` gives rights that its own lines list.
        let Some(rights) = grant.strip_prefix("GRANT ").and_then(|rest| rest.split_once(" ON ")).map(|(rights, _)| rights) else {
            return false;
        };
        let mut depth = 0;
        let without_columns: String = rights
            .chars()
            .filter(|c| {
                depth += i32::from(*c == '(') - i32::from(*c == ')');
                depth == 0 && *c != ')'
            })
            .collect();
        without_columns.split(',').any(|right| {
            let right = right.trim().to_ascii_uppercase();
            !HARMLESS.contains(&right.as_str())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::may_write;

    #[test]
    fn logins_that_only_read_are_told_from_others() {
        assert!(!may_write([
            "GRANT USAGE ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*1'",
            "GRANT SELECT, SHOW VIEW, EXECUTE ON `shop`.* TO `r`@`%`"
        ]));
        assert!(!may_write([
            "GRANT SELECT (`id`, `insert`), REFERENCES (`id`) ON `shop`.`t` TO `r`@`%`",
            "GRANT `reader` TO `r`@`%`"
        ]));
        assert!(may_write(["GRANT ALL PRIVILEGES ON *.* TO `a`@`%` WITH GRANT OPTION"]));
        assert!(may_write(["GRANT USAGE ON *.* TO `a`@`%`", "GRANT SELECT, INSERT (`id`, `x`) ON `shop`.`t` TO `a`@`%`"]));
        assert!(may_write(["GRANT FILE ON *.* TO `a`@`%`"]));
        assert!(may_write(["GRANT CREATE TEMPORARY TABLES ON `shop`.* TO `a`@`%`"]));
    }
}
