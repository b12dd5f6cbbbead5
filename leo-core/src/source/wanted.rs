//! Which tables of a source are read: globs over `schema.table`.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::SourceSpec;
use crate::error::{Error, Result};
use crate::gate::IntrospectOptions;

/// The tables that both the source's spec and one introspection ask for.
#[derive(Debug)]
pub(crate) struct Wanted {
    include: Vec<GlobSet>,
    exclude: Vec<GlobSet>,
    default_schema: Option<String>,
}

impl Wanted {
    /// Globs of the spec and of one introspection; a glob without a schema means tables of `default_schema`, of any where there is none.
    ///
    /// # Errors
    /// `Config` for a glob that is none.
    pub(crate) fn new(spec: &SourceSpec, options: &IntrospectOptions, default_schema: Option<&str>) -> Result<Self> {
        Self::of([&spec.include, &options.include], [&spec.exclude, &options.exclude], default_schema)
    }

    /// As [`Wanted::new`], for lists of globs: a table must match each list that includes and none that excludes.
    pub(crate) fn of(include: [&[String]; 2], exclude: [&[String]; 2], default_schema: Option<&str>) -> Result<Self> {
        let named = |lists: [&[String]; 2]| -> Result<Vec<GlobSet>> {
            lists.into_iter().filter(|list| !list.is_empty()).map(globs).collect()
        };
        Ok(Self { include: named(include)?, exclude: named(exclude)?, default_schema: default_schema.map(str::to_owned) })
    }

    /// Whether tables are named, rather than all taken.
    #[cfg(feature = "mysql")]
    pub(crate) fn names_some(&self) -> bool {
        !self.include.is_empty()
    }

    /// Whether the table is asked for.
    pub(crate) fn has(&self, schema: Option<&str>, table: &str) -> bool {
        let full = schema.map(|schema| format!("{schema}.{table}"));
        let is_default = match (schema, &self.default_schema) {
            (Some(schema), Some(default)) => schema.eq_ignore_ascii_case(default),
            _ => true,
        };
        let matches =
            |globs: &GlobSet| full.as_ref().is_some_and(|full| globs.is_match(full)) || (is_default && globs.is_match(table));
        self.include.iter().all(matches) && !self.exclude.iter().any(matches)
    }
}

fn globs(patterns: &[String]) -> Result<GlobSet> {
    let wrong = |pattern: &str, error: globset::Error| {
        Error::config(format!("`{pattern}` is not a glob; write for instance `sales_*` or `shop.orders`")).with_source(error)
    };
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(GlobBuilder::new(pattern).case_insensitive(true).build().map_err(|error| wrong(pattern, error))?);
    }
    set.build().map_err(|error| wrong(&patterns.join(", "), error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Engine;

    #[test]
    fn the_spec_and_the_call_must_both_want_a_table() {
        let mut spec = SourceSpec::new(Engine::Postgres);
        spec.include = vec!["sales.*".into(), "customers".into()];
        spec.exclude = vec!["*.tmp_*".into()];
        let options = IntrospectOptions { include: vec!["*.o*".into(), "customers".into()], exclude: vec![] };
        let wanted = Wanted::new(&spec, &options, Some("public")).unwrap();
        assert!(wanted.has(Some("sales"), "orders") && wanted.has(Some("public"), "customers"));
        assert!(
            !wanted.has(Some("sales"), "regions")
                && !wanted.has(Some("other"), "customers")
                && !wanted.has(Some("sales"), "tmp_o")
        );
        spec.include = vec!["[".into()];
        assert!(Wanted::new(&spec, &options, None).is_err());
    }
}
