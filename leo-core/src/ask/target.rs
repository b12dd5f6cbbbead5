//! A source as questions see it: what is known about it, and what of that each user may see.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::meaning::Meanings;
use super::planner::{Found, SchemaIndex, Verified};
use crate::adapter::Access;
use crate::catalog::{Catalog, Hit, TableName, Term, TermOrigin};
use crate::error::Result;
use crate::guard::visible_part;
use crate::index::{Index, Kind, OtherWords, Own, Updated, Visible, documents, wider};
use crate::knowledge::{Knowledge, MetricDefinition, SynonymTarget, TableKnowledge};
use crate::profile::{assign_descriptions, assign_roles, assign_terms};
use crate::sync::{DescribedTable, Report};

/// Indexes kept for users who see a part of the source only.
const RESTRICTED: usize = 64;
/// Between two looks at the structure out of turn.
const LOOKED_AGAIN: SignedDuration = SignedDuration::from_mins(1);

/// A source, open or not.
#[derive(Debug, Default)]
pub(crate) struct Target {
    id: String,
    /// One that no other has, in this process: what was read from another source of the same id is not taken for this one's.
    number: u64,
    /// What the host handed to the builder.
    pub(crate) given: Knowledge,
    /// What people said since, laid over that, and its version.
    said: RwLock<(u64, Arc<Knowledge>)>,
    /// The source's own today, for data that was frozen.
    pub(crate) as_of: Option<Date>,
    /// Kinds of personal data by `table.column`, as the host says.
    pub(crate) personal_data: BTreeMap<String, String>,
    execution: AtomicBool,
    known: RwLock<Option<Arc<Known>>>,
    /// Held while what was found and what was said are laid over each other, so that the newer of either is never undone by the older.
    laying: Mutex<()>,
    /// Its names as vectors.
    pub(super) meanings: Meanings,
    /// Held while the source is synced, so that callers who find nothing known wait for one sync.
    pub(crate) syncing: tokio::sync::Mutex<()>,
    /// How far a sync is, or how the last one went.
    pub(crate) report: Report,
    /// When its structure was looked at because the database did not know what was asked of it.
    looked_again: Mutex<Option<Timestamp>>,
    /// What a model said of its tables.
    described: Mutex<Option<Arc<Vec<DescribedTable>>>>,
}

impl Target {
    pub(crate) fn new(id: impl Into<String>, execution: bool) -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        Self { id: id.into(), number, execution: AtomicBool::new(execution), ..Self::default() }
    }

    /// The same source, of which nothing is known.
    pub(crate) fn unknown(&self) -> Self {
        Self {
            given: self.given.clone(),
            said: RwLock::new(self.said.read().unwrap_or_else(PoisonError::into_inner).clone()),
            as_of: self.as_of,
            personal_data: self.personal_data.clone(),
            ..Self::new(&self.id, self.executes())
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Whether statements may run, or are only shown.
    pub(crate) fn executes(&self) -> bool {
        self.execution.load(Ordering::Acquire)
    }

    pub(crate) fn set_execution(&self, on: bool) {
        self.execution.store(on, Ordering::Release);
    }

    /// What is known now; `None` before the first sync.
    pub(crate) fn known(&self) -> Option<Arc<Known>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the structure may be looked at again, out of turn; it is then.
    pub(crate) fn may_look_again(&self, now: Timestamp) -> bool {
        let mut last = self.looked_again.lock().unwrap_or_else(PoisonError::into_inner);
        let may = last.is_none_or(|last| now.duration_since(last).abs() >= LOOKED_AGAIN);
        if may {
            *last = Some(now);
        }
        may
    }

    /// What a model said of its tables in this process.
    pub(crate) fn described(&self) -> Option<Arc<Vec<DescribedTable>>> {
        self.described.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_described(&self, said: Arc<Vec<DescribedTable>>) {
        *self.described.lock().unwrap_or_else(PoisonError::into_inner) = Some(said);
    }

    /// Replaces what is known by what was found `at` that moment. Statements vetted before are refused from now on if the structure changed.
    ///
    /// # Errors
    /// `Config` when the host marked a column that the catalogue does not have: a typing error must not show what it meant to hide.
    pub(crate) fn learn(&self, found: Arc<Catalog>, at: Timestamp) -> Result<Arc<Known>> {
        let _alone = self.laying.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = self.known().filter(|known| Arc::ptr_eq(&known.found, &found)) {
            // Nothing changed, and what was made of it for questions holds.
            *known.learned.lock().unwrap_or_else(PoisonError::into_inner) = at;
            return Ok(known);
        }
        // What a sync found is what the next one compares with; what people said is laid over it anew each time.
        self.make_known(found, at)
    }

    /// Takes note of what people said, and lays it over what is known. An older version than the one there is changes nothing: who read it
    /// was overtaken.
    ///
    /// # Errors
    /// As [`learn`](Self::learn).
    pub(crate) fn say(&self, version: u64, said: &Knowledge) -> Result<()> {
        let _alone = self.laying.lock().unwrap_or_else(PoisonError::into_inner);
        {
            let mut held = self.said.write().unwrap_or_else(PoisonError::into_inner);
            let both = self.given.clone().overlaid(said);
            if version < held.0 || (held.0 == version && *held.1 == both) {
                return Ok(());
            }
            *held = (version, Arc::new(both));
        }
        match self.known() {
            Some(known) => self.make_known(Arc::clone(&known.found), known.learned()).map(drop),
            None => Ok(()),
        }
    }

    /// What the host and its people say of the source.
    fn knowledge(&self) -> Arc<Knowledge> {
        Arc::clone(&self.said.read().unwrap_or_else(PoisonError::into_inner).1)
    }

    /// Hours after which the newest row of a table is too old, as people said; tables as they wrote them.
    pub(crate) fn fresh_within(&self) -> Vec<(TableName, u32)> {
        let said = |(name, known): (&String, &TableKnowledge)| {
            Some((TableName::bare(name), u32::try_from(known.fresh_within_hours?).unwrap_or(u32::MAX)))
        };
        self.knowledge().tables.iter().filter_map(said).collect()
    }

    /// The caller holds `laying`.
    fn make_known(&self, found: Arc<Catalog>, learned: Timestamp) -> Result<Arc<Known>> {
        let knowledge = self.knowledge();
        let catalog = if self.personal_data.is_empty() && !knowledge.is_about_structure() {
            Arc::clone(&found)
        } else {
            let mut catalog = (*found).clone();
            knowledge.apply(&mut catalog);
            // Sentences say what part a table plays, and people may have said another one.
            assign_descriptions(&mut catalog);
            // What the host marked is protected whatever people decide.
            for (column, kind) in &self.personal_data {
                catalog.mark_personal_data(column, kind)?;
            }
            Arc::new(catalog)
        };
        let earlier = self.known().and_then(|known| known.words.get().cloned().or_else(|| known.take_earlier()));
        let known = Arc::new(Known::new((found, catalog), knowledge, learned, earlier));
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&known));
        Ok(known)
    }
}

/// What a sync found, made ready for planning.
#[derive(Debug)]
pub(crate) struct Known {
    /// What a sync found.
    pub(crate) found: Arc<Catalog>,
    /// That, with what people said laid over it.
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) knowledge: Arc<Knowledge>,
    /// When the source was last looked at.
    learned: Mutex<Timestamp>,
    /// All names and values, made at the first search. Those who see a part search in it with what they see.
    words: OnceLock<Arc<Index>>,
    /// Whether that index is kept where a later process finds it.
    pub(crate) words_kept: AtomicBool,
    /// The index of what was known before: only what changed is read anew.
    earlier: Mutex<Option<Arc<Index>>>,
    full: View,
    /// Newest last, by the access: equal ones see the same.
    restricted: Mutex<VecDeque<(Access, View)>>,
}

/// What one access lets its users see, indexed.
#[derive(Debug, Clone)]
struct View {
    catalog: Arc<Catalog>,
    /// Tables of which they see the structure alone.
    locked: Arc<BTreeSet<TableName>>,
    schema: Arc<SchemaIndex>,
    /// Which documents of the index they may see, found out at the first search.
    visible: Arc<OnceLock<Arc<Visible>>>,
    /// The verified questions about it, read at the first question.
    verified: Arc<OnceLock<Verified>>,
}

impl View {
    fn new(catalog: Arc<Catalog>, locked: BTreeSet<TableName>, knowledge: &Knowledge) -> Self {
        let schema = Arc::new(SchemaIndex::build(&catalog, knowledge));
        Self { catalog, locked: Arc::new(locked), schema, visible: Arc::default(), verified: Arc::default() }
    }

    fn restricted(catalog: &Catalog, access: &Access, knowledge: &Knowledge) -> Result<Self> {
        let (mut visible, locked) = visible_part(catalog, access)?;
        // What was told by all tables together is told anew by those that are left.
        assign_roles(&mut visible);
        assign_terms(&mut visible);
        assign_descriptions(&mut visible);
        Ok(Self::new(Arc::new(visible), locked, knowledge))
    }
}

impl Known {
    fn new(
        (found, catalog): (Arc<Catalog>, Arc<Catalog>),
        knowledge: Arc<Knowledge>,
        learned: Timestamp,
        earlier: Option<Arc<Index>>,
    ) -> Self {
        let full = View::new(Arc::clone(&catalog), BTreeSet::new(), &knowledge);
        Self {
            found,
            catalog,
            knowledge,
            learned: Mutex::new(learned),
            words: OnceLock::new(),
            words_kept: AtomicBool::new(false),
            earlier: Mutex::new(earlier),
            full,
            restricted: Mutex::default(),
        }
    }

    /// When the source was last looked at.
    pub(crate) fn learned(&self) -> Timestamp {
        *self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The index of what `access` lets its user see.
    ///
    /// # Errors
    /// `Config` when the access names what the source does not have.
    pub(crate) fn index(&self, access: &Access) -> Result<Arc<SchemaIndex>> {
        self.view(access).map(|view| view.schema)
    }

    /// The catalogue as far as `access` lets its user see it.
    ///
    /// # Errors
    /// As [`index`](Self::index).
    pub(crate) fn visible(&self, access: &Access) -> Result<Arc<Catalog>> {
        self.view(access).map(|view| view.catalog)
    }

    /// The tables of that catalogue of which the user sees the structure alone.
    ///
    /// # Errors
    /// As [`index`](Self::index).
    pub(crate) fn locked(&self, access: &Access) -> Result<Arc<BTreeSet<TableName>>> {
        self.view(access).map(|view| view.locked)
    }

    /// The verified statement for `question`, if there is one. Who sees a part is only given statements about that part.
    ///
    /// # Errors
    /// As [`index`](Self::index).
    pub(super) fn verified(&self, access: &Access, question: &str) -> Result<Option<Found>> {
        if self.knowledge.verified.is_empty() {
            return Ok(None);
        }
        let view = self.view(access)?;
        let sees_all = *access == Access::full();
        let verified = view.verified.get_or_init(|| Verified::build(&view.schema, &self.knowledge, sees_all));
        Ok(verified.find(&view.schema, question))
    }

    /// Tables and columns that `access` lets its user see and that fit `words`.
    ///
    /// # Errors
    /// As [`index`](Self::index).
    pub(crate) fn search(&self, access: &Access, words: &str, limit: usize) -> Result<Vec<Hit>> {
        let (index, visible) = self.searched(access)?;
        Ok(index.hits(&self.catalog, &index.search(words, &visible, wider(limit)), limit))
    }

    /// At most `limit` tables that a question may need, best first, of those that `access` lets its user see.
    ///
    /// # Errors
    /// As [`index`](Self::index).
    pub(crate) fn tables_for(&self, access: &Access, question: &str, limit: usize) -> Result<Vec<TableName>> {
        let (index, visible) = self.searched(access)?;
        let linked = index.tables(question, &visible, limit);
        Ok(linked.iter().filter_map(|linked| Some(self.catalog.tables.get(linked.table as usize)?.name.clone())).collect())
    }

    /// At most `limit` columns that a question may need, of those that `access` lets its user see.
    ///
    /// # Errors
    /// As [`index`](Self::index).
    pub(super) fn columns_for(&self, access: &Access, question: &str, limit: usize) -> Result<HashSet<(TableName, String)>> {
        let (index, visible) = self.searched(access)?;
        let named = |own: crate::index::LinkedColumn| {
            let table = self.catalog.tables.get(own.table as usize)?;
            Some((table.name.clone(), table.columns.get(own.column as usize)?.name.clone()))
        };
        Ok(index.columns(question, &visible, limit).into_iter().filter_map(named).collect())
    }

    /// Everything that is searched, and which of it the user may see.
    fn searched(&self, access: &Access) -> Result<(Arc<Index>, Arc<Visible>)> {
        let view = self.view(access)?;
        let index = self.words();
        let visible = view.visible.get_or_init(|| {
            Arc::new(match *access == Access::full() {
                true => Visible::all(),
                false => index.visible_in(&self.catalog, &view.catalog, |kind, name| match kind {
                    // What it is made of must be seen.
                    Kind::Metric => self.metric(name).is_some_and(|metric| metric.is_made_of(&view.catalog)),
                    Kind::Glossary => true,
                    // Questions may hold values of rows.
                    _ => false,
                }),
            })
        });
        Ok((index, Arc::clone(visible)))
    }

    /// The index of everything.
    pub(crate) fn words(&self) -> Arc<Index> {
        Arc::clone(self.words.get_or_init(|| Arc::new(self.index_of_words().0)))
    }

    /// The index of everything, made from the one that was kept; and whether it is another one. Where there is one already, that.
    pub(crate) fn words_from(&self, kept: Option<Index>) -> (Arc<Index>, bool) {
        if let Some(kept) = kept {
            self.earlier.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| Arc::new(kept));
        }
        let mut is_other = true;
        let made = || {
            let (index, updated) = self.index_of_words();
            is_other = updated.made + updated.removed > 0;
            Arc::new(index)
        };
        (Arc::clone(self.words.get_or_init(made)), is_other)
    }

    fn take_earlier(&self) -> Option<Arc<Index>> {
        self.earlier.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn index_of_words(&self) -> (Index, Updated) {
        let synonyms = &self.knowledge.synonyms;
        let others: Vec<OtherWords<'_>> = synonyms
            .iter()
            .map(|synonym| match &synonym.target {
                SynonymTarget::Table(table) => OtherWords { words: &synonym.words, table, column: None },
                SynonymTarget::Column { table, column } => OtherWords { words: &synonym.words, table, column: Some(column) },
            })
            .chain(terms(&self.catalog))
            .collect();
        let mut index = self.take_earlier().map(Arc::unwrap_or_clone).unwrap_or_default();
        let updated = index.update(&self.catalog, &documents(&self.catalog, &others, &self.own()));
        (index, updated)
    }

    fn metric(&self, name: &str) -> Option<&MetricDefinition> {
        self.knowledge.metrics.iter().find(|metric| metric.name == name)
    }

    /// What people added that is no table and no column.
    fn own(&self) -> Vec<Own<'_>> {
        let Knowledge { metrics, glossary, verified, .. } = &*self.knowledge;
        let metrics = metrics.iter().map(|metric| Own {
            kind: Kind::Metric,
            name: &metric.name,
            table: Some(&metric.table),
            synonyms: &metric.synonyms,
            text: metric.description.as_deref(),
        });
        let glossary = glossary.iter().map(|entry| Own {
            kind: Kind::Glossary,
            name: &entry.term,
            table: None,
            synonyms: &entry.synonyms,
            text: Some(&entry.means),
        });
        let verified = verified.iter().map(|pair| Own {
            kind: Kind::Query,
            name: &pair.question,
            table: None,
            synonyms: &[],
            text: pair.note.as_deref(),
        });
        metrics.chain(glossary).chain(verified).collect()
    }

    fn view(&self, access: &Access) -> Result<View> {
        if *access == Access::full() {
            return Ok(self.full.clone());
        }
        let found = self.cached().iter().find(|(known, _)| known == access).map(|(_, view)| view.clone());
        if let Some(view) = found {
            return Ok(view);
        }
        // Built outside the lock: a large source takes a while, and others need not wait for it.
        let view = View::restricted(&self.catalog, access, &self.knowledge)?;
        let mut cached = self.cached();
        cached.push_back((access.clone(), view.clone()));
        while cached.len() > RESTRICTED {
            cached.pop_front();
        }
        Ok(view)
    }

    fn cached(&self) -> std::sync::MutexGuard<'_, VecDeque<(Access, View)>> {
        self.restricted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What people call tables and columns. What rules made of the names the index reads in them itself.
fn terms(catalog: &Catalog) -> impl Iterator<Item = OtherWords<'_>> {
    let said = |term: &'_ Option<Term>| term.as_ref().is_some_and(|term| term.origin == TermOrigin::Host);
    catalog.tables.iter().flat_map(move |table| {
        let own = Some((None, &table.term)).into_iter();
        let all = own.chain(table.columns.iter().map(|column| (Some(column.name.as_str()), &column.term)));
        all.filter(move |(_, term)| said(term))
            .filter_map(move |(column, term)| Some(OtherWords { words: &term.as_ref()?.text, table: &table.name, column }))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::Dialect;
    use crate::knowledge::read_yaml;

    #[test]
    fn who_was_overtaken_undoes_nothing() {
        let target = Target::new("shop", true);
        target
            .learn(
                Arc::new(Catalog::from_ddl(Dialect::Sqlite, "CREATE TABLE people (email text)").unwrap()),
                Timestamp::UNIX_EPOCH,
            )
            .unwrap();
        let is_protected = || target.known().unwrap().catalog.has_personal_data();
        let said = read_yaml("tables: { people: { columns: { email: { personal: email } } } }").unwrap();
        target.say(2, &said).unwrap();
        assert!(is_protected());
        target.say(1, &Knowledge::default()).unwrap();
        assert!(is_protected());
        target.say(3, &Knowledge::default()).unwrap();
        assert!(!is_protected());
    }

    #[test]
    fn no_two_accesses_share_a_view() {
        let with = |denied: &str| Access { deny_tables: vec![denied.into()], ..Access::full() };
        let catalog = Catalog::from_ddl(Dialect::Sqlite, "CREATE TABLE a (x int); CREATE TABLE b (y int)").unwrap();
        let target = Target::new("shop", true);
        let known = target.learn(Arc::new(catalog), Timestamp::UNIX_EPOCH).unwrap();
        let seen = |denied| known.visible(&with(denied)).unwrap().tables[0].name.name.clone();
        assert_eq!([seen("a"), seen("b"), seen("a")], ["b", "a", "b"]);
    }

    #[test]
    fn what_did_not_change_is_not_made_anew() {
        let target = Target::new("shop", true);
        let catalog = Arc::new(Catalog::from_ddl(Dialect::Sqlite, "CREATE TABLE a (x int)").unwrap());
        let first = target.learn(Arc::clone(&catalog), Timestamp::UNIX_EPOCH).unwrap();
        let later = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
        let second = target.learn(catalog, later).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(second.learned(), later);
    }
}
