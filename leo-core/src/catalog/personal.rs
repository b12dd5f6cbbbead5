//! Columns with personal data: those that a host names, and what people decide about those that profiling found.

use serde::{Deserialize, Serialize};

use super::TableName;
use super::model::{Catalog, Column, PersonalData, PersonalTier};
use crate::error::{Error, Result};

/// A column that may hold personal data and waits for somebody to say so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonalFinding {
    /// The table.
    pub table: TableName,
    /// The column.
    pub column: String,
    /// What it seems to be, as in [`PersonalData::kind`].
    pub kind: String,
    /// How sure that is.
    pub tier: PersonalTier,
    /// Why, in a sentence without values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl PersonalFinding {
    /// The decision that it is what it seems to be.
    pub fn confirm(&self) -> PersonalDecision {
        self.decide(Decision::Confirm { kind: self.kind.clone() })
    }

    /// The decision that it is not personal.
    pub fn reject(&self) -> PersonalDecision {
        self.decide(Decision::Reject)
    }

    fn decide(&self, decision: Decision) -> PersonalDecision {
        PersonalDecision { table: self.table.clone(), column: self.column.clone(), decision }
    }
}

/// What somebody decided about a column. Kept by the host, it survives every sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonalDecision {
    /// The table.
    pub table: TableName,
    /// The column.
    pub column: String,
    /// The decision.
    pub decision: Decision,
}

/// Whether a column holds personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It does, of this kind.
    Confirm {
        /// As in [`PersonalData::kind`]; never `none`.
        kind: String,
    },
    /// It does not.
    Reject,
}

/// What knowledge says in the place of a kind where somebody looked and found no personal data.
pub(crate) const NOT_PERSONAL: &str = "none";

impl Decision {
    /// Whether it says one thing.
    ///
    /// # Errors
    /// `Config` for a confirmation without a kind: nobody can tell whether the column is to be shown or to be hidden.
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Self::Confirm { kind } if kind.trim().is_empty() || kind.trim().eq_ignore_ascii_case(NOT_PERSONAL) => {
                Err(Error::config(format!(
                    "`{kind}` is no kind of personal data; name one such as `email`, or reject what was found where there is none"
                )))
            }
            _ => Ok(()),
        }
    }
}

/// Columns of which nobody is sure whether they hold personal data: those whose name and values disagree, which are protected
/// meanwhile, then those that only their names speak for, which are not. Within a tier in the order of the catalogue.
///
/// # Example
/// ```
/// use leo::Dialect;
/// use leo::catalog::{Catalog, PersonalData, PersonalTier, personal_review};
///
/// let mut catalog = Catalog::from_ddl(Dialect::Sqlite, "CREATE TABLE customers (id INTEGER, contact TEXT)")?;
/// let reason = Some("40 of 200 values are e-mail addresses, and the name does not say so".to_owned());
/// catalog.tables[0].columns[1].personal = Some(PersonalData { kind: "email".into(), tier: PersonalTier::Medium, reason });
/// let decisions: Vec<_> = personal_review(&catalog).iter().map(|finding| finding.confirm()).collect();
/// assert_eq!(catalog.apply_decisions(&decisions), 1);
/// assert!(personal_review(&catalog).is_empty() && catalog.has_personal_data());
/// # Ok::<(), leo::Error>(())
/// ```
pub fn personal_review(catalog: &Catalog) -> Vec<PersonalFinding> {
    let mut waiting: Vec<PersonalFinding> = Vec::new();
    for table in &catalog.tables {
        for (column, personal) in table.columns.iter().filter_map(|column| Some((column, column.personal.as_ref()?))) {
            if personal.tier >= PersonalTier::Medium {
                let PersonalData { kind, tier, reason } = personal.clone();
                waiting.push(PersonalFinding { table: table.name.clone(), column: column.name.clone(), kind, tier, reason });
            }
        }
    }
    waiting.sort_by_key(|finding| finding.tier);
    waiting
}

impl Catalog {
    /// Says that the column `table.column` or `schema.table.column` holds personal data of a kind such as `email` or `phone`, in
    /// lower case from then on.
    ///
    /// # Errors
    /// `Config` when there is no such column: a typing error must not show what it meant to hide. `Config` when the kind is `none`, or nothing.
    ///
    /// # Example
    /// ```
    /// use leo::Dialect;
    /// use leo::catalog::Catalog;
    ///
    /// let mut catalog = Catalog::from_ddl(Dialect::Sqlite, "CREATE TABLE customers (id INTEGER, email TEXT)")?;
    /// catalog.mark_personal_data("customers.email", "email")?;
    /// assert!(catalog.has_personal_data());
    /// assert!(catalog.mark_personal_data("customers.mail", "email").is_err());
    /// # Ok::<(), leo::Error>(())
    /// ```
    pub fn mark_personal_data(&mut self, column: &str, kind: &str) -> Result<()> {
        let unknown = || Error::config(format!("`{column}` is marked as personal data, but the source has no such column"));
        let (table, name) = column.rsplit_once('.').ok_or_else(unknown)?;
        let table = self.table_called(table).map(|table| table.name.clone()).ok_or_else(unknown)?;
        let table = self.tables.iter_mut().find(|own| own.name == table).ok_or_else(unknown)?;
        let column = table.columns.iter_mut().find(|own| own.name.eq_ignore_ascii_case(name)).ok_or_else(unknown)?;
        let decision = Decision::Confirm { kind: kind.to_owned() };
        decision.check()?;
        decide(column, &decision);
        self.reindex();
        Ok(())
    }

    /// Applies what people decided, to be done after every sync; how many of the decisions found their column.
    ///
    /// # Behavior
    /// A confirmed column has [`PersonalTier::Confirmed`] from then on, a rejected one is not personal, whatever said so before: what the
    /// host itself marks has to be marked afterwards. Of several decisions about a column the last one counts. One about a column that
    /// is not there is passed over: it may come back.
    pub fn apply_decisions(&mut self, decisions: &[PersonalDecision]) -> usize {
        let mut applied = 0;
        for made in decisions {
            let Some(name) = self.table(&made.table).map(|table| table.name.clone()) else { continue };
            let at =
                self.named(&name.name).iter().copied().find(|at| self.tables.get(*at).is_some_and(|table| table.name == name));
            let Some(table) = at.and_then(|at| self.tables.get_mut(at)) else { continue };
            let Some(own) = table.column(&made.column).map(|column| column.name.clone()) else { continue };
            if let Some(column) = table.columns.iter_mut().find(|column| column.name == own) {
                decide(column, &made.decision);
                applied += 1;
            }
        }
        self.reindex();
        applied
    }
}

fn decide(column: &mut Column, decision: &Decision) {
    column.personal = match decision {
        Decision::Confirm { kind } => {
            let reason = column.personal.take().and_then(|personal| personal.reason);
            Some(PersonalData { kind: kind.to_lowercase(), tier: PersonalTier::Confirmed, reason })
        }
        Decision::Reject => None,
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;

    fn catalog() -> Catalog {
        let mut catalog = Catalog::from_ddl(
            Dialect::Postgres,
            "CREATE TABLE people (id int, mail text, phone text, note text); CREATE TABLE other.people (mail text);",
        )
        .unwrap();
        let tiers = [None, Some(PersonalTier::Low), Some(PersonalTier::High), Some(PersonalTier::Medium)];
        let table = catalog.tables.iter_mut().find(|table| table.name.schema.as_deref() != Some("other")).unwrap();
        for (column, tier) in table.columns.iter_mut().zip(tiers) {
            column.personal = tier.map(|tier| PersonalData { kind: column.name.clone(), tier, reason: Some("why".into()) });
        }
        catalog.reindex();
        catalog
    }

    #[test]
    fn what_is_unsure_waits_the_protected_first() {
        let catalog = catalog();
        let waiting = personal_review(&catalog);
        let shown: Vec<_> = waiting.iter().map(|finding| (finding.column.as_str(), finding.tier)).collect();
        assert_eq!(shown, [("note", PersonalTier::Medium), ("mail", PersonalTier::Low)]);
        let written = serde_json::to_string(&waiting).unwrap();
        assert_eq!(serde_json::from_str::<Vec<PersonalFinding>>(&written).unwrap(), waiting);
    }

    #[test]
    fn decisions_are_applied_in_bulk_and_again_after_a_sync() {
        let decisions: Vec<PersonalDecision> = personal_review(&catalog())
            .iter()
            .map(|finding| if finding.column == "note" { finding.reject() } else { finding.confirm() })
            .collect();
        for _ in 0..2 {
            let mut synced = catalog();
            let before = synced.version().to_owned();
            let gone = PersonalDecision { table: TableName::bare("gone"), column: "x".into(), decision: Decision::Reject };
            assert_eq!(synced.apply_decisions(&[&[gone][..], &decisions].concat()), 2);
            let people = synced.tables.iter().find(|table| table.columns.len() == 4).unwrap();
            let kinds: Vec<_> = people.columns.iter().map(Column::protected_kind).collect();
            assert_eq!(kinds, [None, Some("mail"), Some("phone"), None]);
            assert!(personal_review(&synced).is_empty() && synced.version() != before);
            let other = synced.tables.iter().find(|table| table.columns.len() == 1).unwrap();
            assert!(other.columns[0].personal.is_none(), "a table of the same name in another schema is another one");
        }
    }

    #[test]
    fn none_is_no_kind() {
        let mut catalog = catalog();
        for kind in ["none", "None ", ""] {
            let error = catalog.mark_personal_data("people.mail", kind).unwrap_err();
            assert!(error.message().contains("is no kind of personal data"), "{error}");
        }
        assert!(catalog.mark_personal_data("people.mail", "email").is_ok());
    }

    #[test]
    fn the_last_decision_counts() {
        let mut catalog = catalog();
        let on = |column: &str, decision| PersonalDecision { table: TableName::bare("people"), column: column.into(), decision };
        let health = Decision::Confirm { kind: "Health".into() };
        assert_eq!(
            catalog.apply_decisions(&[on("PHONE", Decision::Reject), on("phone", health), on("none", Decision::Reject)]),
            2
        );
        let table = catalog.tables.iter().find(|table| table.columns.len() == 4).unwrap();
        assert_eq!(table.column("phone").unwrap().protected_kind(), Some("health"));
    }
}
