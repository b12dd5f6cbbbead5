//! What people said, laid over what a sync found.

use super::model::{ColumnKnowledge, Knowledge, KnownRelationship};
use crate::catalog::{
    Catalog, Decision, Description, DescriptionOrigin, PersonalDecision, Relationship, RelationshipOrigin, TableRole, Term,
    TermOrigin,
};

impl Knowledge {
    /// Whether [`apply`](Self::apply) could change anything.
    pub(crate) fn is_about_structure(&self) -> bool {
        !self.tables.is_empty() || !self.relationships.is_empty()
    }

    /// Lays what is said of tables and columns over the catalogue: comments, personal data, relationships.
    ///
    /// # Behavior
    /// What names a table or column that is not there is of no effect: it may come back with the next sync.
    /// [`mistakes`](Self::mistakes) lists it. Said relationships win over inferred ones of the same columns, and not over declared ones.
    pub fn apply(&self, catalog: &mut Catalog) {
        let mut decisions = Vec::new();
        for (name, known) in &self.tables {
            let Some(table) = catalog.table_called(name).map(|table| table.name.clone()) else { continue };
            let Some(table) = catalog.tables.iter_mut().find(|own| own.name == table) else { continue };
            describe(&mut table.term, &mut table.description, &mut table.comment, &known.term, &known.description);
            if let Some(kind) = known.role {
                // A part that was rejected is kept as such, so that it is not found again.
                table.role = Some(TableRole { kind, confidence: 1.0, reason: "somebody said so".into(), confirmed: true });
            }
            for (name, known) in &known.columns {
                let Some(column) = table.columns.iter_mut().find(|column| column.name.eq_ignore_ascii_case(name)) else {
                    continue;
                };
                describe(&mut column.term, &mut column.description, &mut column.comment, &known.term, &known.description);
                if let Some(kind) = &known.personal {
                    let decision = match kind.trim().eq_ignore_ascii_case(ColumnKnowledge::NOT_PERSONAL) {
                        true => Decision::Reject,
                        false => Decision::Confirm { kind: kind.clone() },
                    };
                    decisions.push(PersonalDecision { table: table.name.clone(), column: column.name.clone(), decision });
                }
            }
        }
        catalog.apply_decisions(&decisions);
        let said: Vec<Relationship> = self.relationships.iter().filter_map(|said| relationship(catalog, said)).collect();
        for relationship in said {
            let is_same =
                |other: &Relationship| other.child == relationship.child && other.child_columns == relationship.child_columns;
            if catalog.relationships.iter().any(|other| is_same(other) && other.origin == RelationshipOrigin::Declared) {
                continue;
            }
            catalog.relationships.retain(|other| !is_same(other));
            // Behind the declared ones, before those that are guessed.
            let at = catalog.relationships.partition_point(|other| other.origin == RelationshipOrigin::Declared);
            catalog.relationships.insert(at, relationship);
        }
        catalog.reindex();
    }
}

/// The host's words in the place of any others.
fn describe(
    term: &mut Option<Term>,
    description: &mut Option<Description>,
    comment: &mut Option<String>,
    said_term: &Option<String>,
    said: &Option<String>,
) {
    if let Some(text) = said_term {
        *term = Some(Term { text: text.clone(), origin: TermOrigin::Host, confidence: 1.0 });
    }
    if let Some(text) = said {
        *description = Some(Description { text: text.clone(), origin: DescriptionOrigin::Host });
        // Searches and prompts read comments.
        *comment = Some(text.clone());
    }
}

fn relationship(catalog: &Catalog, said: &KnownRelationship) -> Option<Relationship> {
    let (child, parent) = (catalog.table_called(&said.table)?, catalog.table_called(&said.references)?);
    Relationship::between((child, &said.columns), (parent, &said.referenced_columns), RelationshipOrigin::Host, 1.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::catalog::TableName;
    use crate::dialect::Dialect;
    use crate::knowledge::{TableKnowledge, read_yaml};

    fn shop() -> Catalog {
        let mut catalog = Catalog::from_ddl(
            Dialect::Sqlite,
            "CREATE TABLE customers (id int primary key, email text, nick text); CREATE TABLE orders (id int, buyer int)",
        )
        .unwrap();
        catalog.mark_personal_data("customers.nick", "name").unwrap();
        catalog
    }

    #[test]
    fn what_was_said_wins_over_what_was_found() {
        let knowledge = read_yaml(
            "tables:
  Customers:
    description: Who bought something at least once.
    columns:
      EMAIL: { personal: Email, description: where bills go }
      nick: { personal: none }
  gone: { owner: nobody }
relationships:
  - { table: orders, columns: [buyer], references: customers, referenced_columns: [id] }
",
        )
        .unwrap();
        let mut catalog = shop();
        knowledge.apply(&mut catalog);
        let customers = catalog.table(&TableName::bare("customers")).unwrap();
        assert_eq!(customers.comment.as_deref(), Some("Who bought something at least once."));
        assert_eq!(customers.column("email").unwrap().protected_kind(), Some("email"));
        assert_eq!(customers.column("email").unwrap().comment.as_deref(), Some("where bills go"));
        assert!(customers.column("nick").unwrap().personal.is_none());
        let found = &catalog.relationships[0];
        assert_eq!((found.id().as_str(), found.origin), ("orders(buyer)->customers(id)", RelationshipOrigin::Host));
        // Said twice, it is there once.
        knowledge.apply(&mut catalog);
        assert_eq!(catalog.relationships.len(), 1);
    }

    #[test]
    fn tables_with_dots_in_their_names_are_found_by_the_name_that_is_shown() {
        for (dialect, ddl) in [
            (Dialect::Sqlite, "CREATE TABLE \"crm.people\" (email text)"),
            (Dialect::Postgres, "CREATE TABLE public.\"crm.people\" (email text)"),
        ] {
            let mut catalog = Catalog::from_ddl(dialect, ddl).unwrap();
            let shown = catalog.tables[0].name.to_string();
            let knowledge =
                read_yaml(&format!("tables: {{ {shown}: {{ columns: {{ email: {{ personal: email }} }} }} }}")).unwrap();
            assert!(knowledge.mistakes(&catalog).is_empty(), "{shown}");
            knowledge.apply(&mut catalog);
            assert_eq!(catalog.tables[0].columns[0].protected_kind(), Some("email"), "{shown}");
        }
    }

    #[test]
    fn the_nearer_word_wins() {
        let of = |owner: &str| Knowledge {
            tables: [("orders".to_owned(), TableKnowledge { owner: Some(owner.to_owned()), ..TableKnowledge::default() })].into(),
            ..Knowledge::default()
        };
        let both = of("ada").overlaid(&of("grace"));
        assert_eq!(both.tables["orders"].owner.as_deref(), Some("grace"));
        assert!(!of("ada").is_empty() && Knowledge::default().is_empty());
    }
}
