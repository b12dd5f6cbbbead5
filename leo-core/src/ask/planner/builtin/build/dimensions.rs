//! Columns of the result.

use super::Builder;
use crate::ask::planner::builtin::reading::{Ask, Group};
use crate::ask::planner::builtin::schema::ColumnId;
use crate::query::{Dimension, Field, Grain, Scalar, SemanticQuery};

impl Builder<'_> {
    /// Adds a column unless it is there; returns its output name.
    pub(super) fn add_column(&mut self, query: &mut SemanticQuery, from: usize, column: ColumnId) -> String {
        let value = self.scalar(from, column);
        self.add_value(query, column, value, false)
    }

    /// Adds a column that orders or groups but is not returned.
    pub(super) fn add_hidden(&mut self, query: &mut SemanticQuery, from: usize, column: ColumnId) -> String {
        let value = self.scalar(from, column);
        self.add_value(query, column, value, true)
    }

    fn add_value(&mut self, query: &mut SemanticQuery, column: ColumnId, value: Scalar, hidden: bool) -> String {
        if let Some(known) = query.dimensions.iter_mut().find(|known| known.value == value && known.grain.is_none()) {
            known.hidden &= hidden;
            return known.name.clone();
        }
        let plain = self.index.column(column).name.clone();
        let wanted = if self.names.iter().any(|known| known.eq_ignore_ascii_case(&plain)) {
            format!("{}_{plain}", self.index.table(column.table).name.name)
        } else {
            plain
        };
        let name = self.name(&wanted);
        query.dimensions.push(Dimension { name: name.clone(), value, grain: None, hidden });
        name
    }

    /// Adds what names the rows of a table; with `key`, rows of one name stay apart.
    pub(super) fn add_rows(&mut self, query: &mut SemanticQuery, from: usize, table: usize, key: bool) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for column in self.index.tables[table].display.clone() {
            names.push(self.add_column(query, from, ColumnId { table, column }));
        }
        if key && let Some(key) = self.index.key(table) {
            names.push(self.add_hidden(query, from, key));
        }
        names
    }

    /// Adds what names the row a key points at, along that key.
    pub(super) fn add_row_of(&mut self, query: &mut SemanticQuery, from: usize, key: ColumnId) -> Vec<String> {
        let catalog = self.index.catalog();
        let key_name = &self.index.column(key).name;
        let relationship = self.index.relations.steps(key.table).find(|step| {
            let relationship = &catalog.relationships[step.relationship];
            step.to_parent && relationship.child_columns.len() == 1 && relationship.child_columns[0] == *key_name
        });
        let (Some(step), Some(lead)) = (relationship, self.path(from, key.table)) else {
            return vec![self.add_column(query, from, key)];
        };
        let mut via: Vec<String> = lead.steps.iter().map(|step| catalog.relationships[step.relationship].id()).collect();
        via.push(catalog.relationships[step.relationship].id());
        self.joined.extend(lead.steps.iter().chain([&step]).map(|step| step.relationship));
        // The preferred path needs no spelling out.
        let preferred = self.path(from, step.to).is_some_and(|path| {
            path.steps.iter().map(|step| step.relationship).eq(lead
                .steps
                .iter()
                .map(|step| step.relationship)
                .chain([step.relationship]))
        });
        let own = self.index.tables[step.to].display.iter().map(|column| ColumnId { table: step.to, column: *column });
        let own_key = self.index.key(step.to);
        let mut names = Vec::new();
        for (column, hidden) in own.map(|column| (column, false)).chain(own_key.map(|column| (column, true))).collect::<Vec<_>>()
        {
            let mut field: Field = self.index.field(column);
            if !preferred {
                field.via = via.clone();
            }
            names.push(self.add_value(query, column, Scalar::Field(field), hidden));
        }
        names
    }

    /// Adds a time dimension.
    pub(super) fn add_time(&mut self, query: &mut SemanticQuery, from: usize, grain: Grain) -> Option<String> {
        let column = match self.time_of(from) {
            Some(column) => column,
            None => {
                // A year kept as a number serves for years.
                let year = (0..self.index.tables[from].columns.len())
                    .map(|column| ColumnId { table: from, column })
                    .find(|column| self.index.info(*column).roles.year)?;
                if grain != Grain::Year {
                    return None;
                }
                return Some(self.add_column(query, from, year));
            }
        };
        self.note_time(column);
        let value = self.scalar(from, column);
        let wanted = match grain {
            Grain::Hour => "hour",
            Grain::Day => "day",
            Grain::Week | Grain::IsoWeek => "week",
            Grain::Month => "month",
            Grain::Quarter => "quarter",
            Grain::Year => "year",
            Grain::FiscalQuarter => "fiscal_quarter",
            Grain::FiscalYear => "fiscal_year",
            Grain::HourOfDay => "hour_of_day",
            Grain::DayOfWeek => "weekday",
            Grain::MonthOfYear => "month_of_year",
            Grain::QuarterOfYear => "quarter_of_year",
        };
        let name = self.name(wanted);
        query.dimensions.push(Dimension { name: name.clone(), value, grain: Some(grain), hidden: false });
        Some(name)
    }

    /// The column that answers "when" for rows of a table.
    pub(super) fn when(&self, table: usize) -> Option<ColumnId> {
        self.time_of(table).or_else(|| {
            (0..self.index.tables[table].columns.len())
                .map(|column| ColumnId { table, column })
                .find(|column| self.index.info(*column).roles.year)
        })
    }

    /// The column that answers "where" for rows of a table.
    pub(super) fn place(&self, table: usize) -> Option<ColumnId> {
        ["location", "address", "city", "place", "venue", "country", "hometown", "headquarter", "origin"].into_iter().find_map(
            |word| {
                crate::ask::planner::builtin::matching::property_column(self.index, table, word, |column| {
                    self.index.info(column).roles.text
                })
            },
        )
    }

    /// Adds everything asked that is not a measure. Returns the names by group, for what stays within a group.
    pub(super) fn add_asked(&mut self, query: &mut SemanticQuery, from: usize, entity: usize, grouped: bool) -> Option<()> {
        for ask in &self.reading.asks.clone() {
            match ask {
                Ask::Column(column) => {
                    self.add_column(query, from, *column);
                    // "name of the customer with the most orders": customers of one name stay apart.
                    let names_rows = self.index.tables[column.table].display.contains(&column.column);
                    if grouped
                        && names_rows
                        && let Some(key) = self.index.key(column.table)
                    {
                        self.add_hidden(query, from, key);
                    }
                }
                Ask::Rows(table) => {
                    self.add_rows(query, from, *table, grouped);
                }
                Ask::RowOf(column) => {
                    self.add_row_of(query, from, *column);
                }
                Ask::Everything(table) => {
                    for column in 0..self.index.tables[*table].columns.len() {
                        self.add_column(query, from, ColumnId { table: *table, column });
                    }
                }
                Ask::When => {
                    let column = self.when(entity)?;
                    self.add_column(query, from, column);
                }
                Ask::Where => {
                    let column = self.place(entity)?;
                    self.add_column(query, from, column);
                }
                Ask::Measure(_) => {}
            }
        }
        Some(())
    }

    /// Adds the groups; returns their output names.
    pub(super) fn add_groups(&mut self, query: &mut SemanticQuery, from: usize) -> Option<Vec<String>> {
        let mut names = Vec::new();
        for group in &self.reading.groups.clone() {
            match group {
                Group::Column(column) => names.push(self.add_column(query, from, *column)),
                Group::RowOf(column) => names.extend(self.add_row_of(query, from, *column)),
                Group::Table(table) => {
                    // "the name and number of orders of each customer": columns of the table already name the group.
                    let named = self.reading.asks.iter().any(|ask| match ask {
                        Ask::Column(column) => column.table == *table,
                        Ask::Rows(asked) | Ask::Everything(asked) => asked == table,
                        _ => false,
                    });
                    if named {
                        if let Some(key) = self.index.key(*table) {
                            names.push(self.add_hidden(query, from, key));
                        }
                    } else {
                        names.extend(self.add_rows(query, from, *table, true));
                    }
                }
                Group::Time(grain) => names.push(self.add_time(query, from, *grain)?),
            }
        }
        Some(names)
    }
}
