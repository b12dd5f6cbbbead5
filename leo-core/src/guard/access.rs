//! What of the catalogue a user may see: [`Access`] made ready for looking up.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use globset::{GlobBuilder, GlobMatcher};

use super::mask::Mask;
use crate::adapter::{Access, TablePolicy};
use crate::catalog::{Catalog, Table, TableKind};
use crate::error::{Error, Result};

/// An [`Access`] bound to a catalogue.
#[derive(Debug)]
pub(in crate::guard) struct Visibility<'a> {
    catalog: &'a Catalog,
    allow: Option<Vec<GlobMatcher>>,
    deny: Vec<GlobMatcher>,
    policies: HashMap<u32, Restriction<'a>>,
    by_name_granted: HashSet<String>,
    /// Reads a view's definition.
    read_view: ReadView,
    /// Whether personal data is kept from this user.
    redacts: bool,
    min_group_size: Option<u64>,
    /// Tables that need a time filter.
    timed: Vec<GlobMatcher>,
    /// What stands behind relations that show other tables' rows, as far as somebody asked.
    behind: RefCell<HashMap<u32, Behind>>,
    /// Personal data by column of the views that somebody asked about.
    personal: RefCell<HashMap<u32, Vec<Option<String>>>>,
}

/// What a view's query reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::guard) struct ViewReads {
    /// Places of the tables and views.
    pub(in crate::guard) tables: BTreeSet<u32>,
    /// For each column of the view, the columns (table and place) whose values show through.
    pub(in crate::guard) columns: Vec<Vec<(u32, u32)>>,
}

/// Reads a view's definition; `None` when it cannot be told for certain.
pub(in crate::guard) type ReadView = fn(&Catalog, &Table) -> Option<ViewReads>;

/// A policy of one table.
#[derive(Debug)]
pub(in crate::guard) struct Restriction<'a> {
    /// Places of the columns that do not exist for this user.
    pub(in crate::guard) denied: Rc<[u32]>,
    /// Masks by place of the column.
    pub(in crate::guard) masks: BTreeMap<u32, Mask>,
    /// The host's condition on rows.
    pub(in crate::guard) row_filter: Option<&'a str>,
    /// Whether past versions of the rows may be asked for.
    pub(in crate::guard) past_versions: bool,
}

impl<'a> Restriction<'a> {
    fn new(table: &Table, policy: &'a TablePolicy) -> Result<Self> {
        let mut masks = BTreeMap::new();
        for (name, mask) in &policy.masks {
            let mask: Mask = mask.parse().map_err(Error::config)?;
            masks.extend(places(table, std::slice::from_ref(name))?.iter().map(|place| (*place, mask)));
        }
        Ok(Self {
            denied: places(table, &policy.deny_columns)?,
            masks,
            row_filter: policy.row_filter.as_deref(),
            past_versions: policy.past_versions,
        })
    }

    /// Whether rows are filtered or values masked.
    pub(in crate::guard) fn changes_rows(&self) -> bool {
        self.row_filter.is_some() || !self.masks.is_empty()
    }
}

/// What a relation that shows other tables' rows shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Behind {
    /// Some table behind it has a policy for this user.
    restricted: bool,
    /// Some table behind it does not exist for this user.
    hidden: bool,
    /// What is behind it is not known.
    unknown: bool,
}

impl<'a> Visibility<'a> {
    /// Binds `access` to `catalog`.
    ///
    /// # Errors
    /// `Config` when a glob is not valid, or a policy names a table, column or mask that does not exist: a typing error must not
    /// open what it meant to close.
    pub(in crate::guard) fn new(catalog: &'a Catalog, access: &'a Access, read_view: ReadView) -> Result<Self> {
        let globs = |patterns: &[String]| -> Result<Vec<GlobMatcher>> { patterns.iter().map(|pattern| glob(pattern)).collect() };
        let mut policies = HashMap::new();
        for (name, policy) in &access.tables {
            let mut found = false;
            for (index, table) in (0u32..).zip(&catalog.tables).filter(|(_, table)| is_named(catalog, table, name)) {
                found = true;
                policies.insert(index, Restriction::new(table, policy)?);
            }
            if !found {
                return Err(Error::config(format!("the access policy names the table `{name}`, which the source does not have")));
            }
        }
        let allow = access.allow_tables.as_deref().map(globs).transpose()?;
        let by_name_granted = access
            .allow_tables
            .iter()
            .flatten()
            .filter(|pattern| !pattern.contains(['*', '?', '[', '{', '!']))
            .map(|pattern| pattern.rsplit('.').next().unwrap_or(pattern).to_lowercase())
            .collect();
        let deny = globs(&access.deny_tables)?;
        let redacts = access.show_personal_data == Some(false) && catalog.has_personal_data();
        let (behind, personal) = (RefCell::default(), RefCell::default());
        Ok(Self {
            catalog,
            allow,
            deny,
            policies,
            by_name_granted,
            read_view,
            redacts,
            min_group_size: access.min_group_size,
            timed: Vec::new(),
            behind,
            personal,
        })
    }

    /// The same with the tables that need a time filter, as globs.
    ///
    /// # Errors
    /// `Config` when one is not valid.
    pub(in crate::guard) fn with_time_filters(mut self, patterns: &[String]) -> Result<Self> {
        self.timed = patterns.iter().map(|pattern| glob(pattern)).collect::<Result<_>>()?;
        Ok(self)
    }

    /// Whether the table at `index` may only be read for a period.
    pub(in crate::guard) fn needs_time_filter(&self, index: u32) -> bool {
        self.catalog.tables.get(index as usize).is_some_and(|table| self.matches(&self.timed, table))
    }

    /// Whether some pattern fits the table's name, with or without its schema.
    fn matches(&self, globs: &[GlobMatcher], table: &Table) -> bool {
        let full = self
            .catalog
            .schema_of(&table.name)
            .map_or_else(|| table.name.name.clone(), |schema| format!("{schema}.{}", table.name.name));
        globs.iter().any(|glob| glob.is_match(&full) || glob.is_match(&table.name.name))
    }

    /// Places of the tables whose name is `name` but for case, visible or not.
    pub(in crate::guard) fn named(&self, name: &str) -> impl Iterator<Item = u32> + 'a {
        self.catalog.named(name).iter().filter_map(|index| u32::try_from(*index).ok())
    }

    /// Whether the table exists for this user.
    pub(in crate::guard) fn is_visible(&self, table: &Table) -> bool {
        if self.allow.is_none() && self.deny.is_empty() {
            return true;
        }
        !self.matches(&self.deny, table) && self.allow.as_deref().is_none_or(|allow| self.matches(allow, table))
    }

    /// The policy of the table at `index` itself.
    pub(in crate::guard) fn restriction(&self, index: u32) -> Option<&Restriction<'a>> {
        self.policies.get(&index)
    }

    /// Whether the table at `index` is not read as it is: it has a policy, or is a view over one that has.
    pub(in crate::guard) fn is_restricted(&self, index: u32) -> bool {
        self.policies.contains_key(&index) || self.is_expanded(index)
    }

    /// Whether past versions of the restricted table at `index` may be asked for: a view's are those of what stands behind it.
    pub(in crate::guard) fn shows_past(&self, index: u32) -> bool {
        !self.is_view(index) && self.restriction(index).is_some_and(|restriction| restriction.past_versions)
    }

    /// Whether the view at `index` is replaced by its query, so that the policies of the tables behind it hold.
    pub(in crate::guard) fn is_expanded(&self, index: u32) -> bool {
        self.is_view(index) && self.behind(index).restricted
    }

    /// Why the relation at `index` cannot be shown, when it shows rows that this user may not see under their own name.
    ///
    /// The host decides otherwise by granting it by its own name, without wildcards. That opens hidden tables; the policies of
    /// tables behind a view hold whatever is granted.
    pub(in crate::guard) fn refuses(&self, index: u32) -> Option<&'static str> {
        let Behind { restricted, hidden, unknown } = self.behind(index);
        if self.is_view(index) && unknown && !self.policies.is_empty() {
            return Some("its definition is not known, so what it shows cannot be restricted");
        }
        let granted = || {
            let table = self.catalog.tables.get(index as usize);
            table.is_some_and(|table| self.by_name_granted.contains(&table.name.name.to_lowercase()))
        };
        match (restricted && !self.is_view(index), hidden || unknown) {
            (false, false) => None,
            _ if granted() => None,
            _ => Some("it shows rows of a table that you may not see, or not all of"),
        }
    }

    fn is_view(&self, index: u32) -> bool {
        self.catalog.tables.get(index as usize).is_some_and(|table| table.kind == TableKind::View)
    }

    /// What stands behind the relation at `index`, through views of views.
    fn behind(&self, index: u32) -> Behind {
        let Some(table) = self.catalog.tables.get(index as usize) else { return Behind::default() };
        let is_open = self.allow.is_none() && self.deny.is_empty() && self.policies.is_empty();
        if is_open || (table.kind == TableKind::Table && table.rows_of.is_empty()) {
            return Behind::default();
        }
        if let Some(known) = self.behind.borrow().get(&index) {
            return *known;
        }
        let mut found = Behind::default();
        let mut seen = HashSet::from([index]);
        let mut pending = vec![index];
        while let Some(table) = pending.pop().and_then(|index| self.catalog.tables.get(index as usize)) {
            let mut next: Vec<u32> = Vec::new();
            for other in &table.rows_of {
                let same = |index: &u32| {
                    self.catalog.tables.get(*index as usize).is_some_and(|table| other.schema.is_none() || table.name == *other)
                };
                let before = next.len();
                next.extend(self.named(&other.name).filter(same));
                found.unknown |= next.len() == before;
            }
            if table.kind != TableKind::Table {
                // A definition that cannot be read may show anything.
                match (self.read_view)(self.catalog, table) {
                    Some(reads) => next.extend(reads.tables),
                    None => found.unknown = true,
                }
            }
            for index in next {
                if !seen.insert(index) {
                    continue;
                }
                let Some(table) = self.catalog.tables.get(index as usize) else { continue };
                found.restricted |= self.policies.contains_key(&index);
                found.hidden |= !self.is_visible(table);
                pending.push(index);
            }
        }
        self.behind.borrow_mut().insert(index, found);
        found
    }

    /// Rows that a group must have to be shown to this user, when there is such a number.
    pub(in crate::guard) fn min_group_size(&self) -> Option<u64> {
        self.min_group_size.filter(|rows| self.redacts && *rows > 1)
    }

    /// Whether some column of the table or view holds personal data.
    pub(in crate::guard) fn holds_personal_data(&self, index: u32) -> bool {
        let columns = self.catalog.tables.get(index as usize).map_or(0, |table| table.columns.len() as u32);
        (0..columns).any(|place| self.personal(index, place).is_some())
    }

    /// Whether personal data is kept from this user.
    pub(in crate::guard) fn redacts(&self) -> bool {
        self.redacts
    }

    /// The kind of personal data that a column shows this user; none where a mask stands before it.
    pub(in crate::guard) fn personal(&self, index: u32, place: u32) -> Option<String> {
        self.personal_within(index, place, 8)
    }

    fn personal_within(&self, index: u32, place: u32, depth: usize) -> Option<String> {
        let table = self.catalog.tables.get(index as usize)?;
        if self.restriction(index).is_some_and(|restriction| restriction.masks.contains_key(&place)) {
            return None;
        }
        if let Some(kind) = table.columns.get(place as usize).and_then(|column| column.protected_kind()) {
            return Some(kind.to_owned());
        }
        if table.kind == TableKind::Table {
            return None;
        }
        let known = self.personal.borrow().get(&index).map(|kinds| kinds.get(place as usize).cloned().flatten());
        if let Some(known) = known {
            return known;
        }
        // A view that cannot be read may show anything.
        let reads = if depth == 0 { None } else { (self.read_view)(self.catalog, table) };
        let kinds: Vec<Option<String>> = match reads.filter(|reads| reads.columns.len() == table.columns.len()) {
            None => table.columns.iter().map(|_| Some("unknown".to_owned())).collect(),
            Some(reads) => {
                let kind = |columns: &Vec<(u32, u32)>| {
                    columns.iter().find_map(|(table, place)| self.personal_within(*table, *place, depth - 1))
                };
                reads.columns.iter().map(kind).collect()
            }
        };
        let found = kinds.get(place as usize).cloned().flatten();
        self.personal.borrow_mut().insert(index, kinds);
        found
    }

    /// Names of the visible tables.
    pub(in crate::guard) fn names(&self) -> impl Iterator<Item = &str> {
        self.catalog.tables.iter().filter(|table| self.is_visible(table)).map(|table| table.name.name.as_str())
    }
}

fn glob(pattern: &str) -> Result<GlobMatcher> {
    GlobBuilder::new(pattern).case_insensitive(true).build().map(|glob| glob.compile_matcher()).map_err(|error| {
        Error::config(format!("`{pattern}` is not a valid pattern for table names; use `*` and `?`")).with_source(error)
    })
}

/// Whether `name`, written `table` or `schema.table`, means `table`.
fn is_named(catalog: &Catalog, table: &Table, name: &str) -> bool {
    let own = &table.name.name;
    own.eq_ignore_ascii_case(name)
        || catalog.schema_of(&table.name).is_some_and(|schema| format!("{schema}.{own}").eq_ignore_ascii_case(name))
}

/// Places of the columns with these names; case is ignored, so that no spelling slips through.
fn places(table: &Table, columns: &[String]) -> Result<Rc<[u32]>> {
    let mut places = Vec::with_capacity(columns.len());
    for name in columns {
        let known = places.len();
        let same = |own: &str| own.eq_ignore_ascii_case(name) || own.to_lowercase() == name.to_lowercase();
        places.extend((0u32..).zip(&table.columns).filter(|(_, column)| same(&column.name)).map(|(place, _)| place));
        if places.len() == known {
            let message = format!("the access policy names the column `{name}` of `{}`, which does not exist", table.name);
            return Err(Error::config(message));
        }
    }
    Ok(places.into())
}
