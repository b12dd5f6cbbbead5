//! Columns that a host says hold personal data.

use super::TableName;
use super::model::{Catalog, PersonalData, PersonalTier};
use crate::error::{Error, Result};

impl Catalog {
    /// Says that the column `table.column` or `schema.table.column` holds personal data of a kind such as `email` or `phone`, in
    /// lower case from then on.
    ///
    /// # Errors
    /// `Config` when there is no such column: a typing error must not show what it meant to hide.
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
        let table = self.table(&TableName::parse(table)).map(|table| table.name.clone()).ok_or_else(unknown)?;
        let table = self.tables.iter_mut().find(|own| own.name == table).ok_or_else(unknown)?;
        let column = table.columns.iter_mut().find(|own| own.name.eq_ignore_ascii_case(name)).ok_or_else(unknown)?;
        column.personal = Some(PersonalData { kind: kind.to_lowercase(), tier: PersonalTier::Confirmed });
        self.reindex();
        Ok(())
    }
}
