//! Conditions of a query one by one: read, and taken out.

use super::model::{Filter, Scalar, SemanticQuery};

impl SemanticQuery {
    /// The conditions that must all hold, one by one.
    ///
    /// # Example
    /// ```
    /// use leo::catalog::TableName;
    /// use leo::query::{Field, Filter, Scalar, SemanticQuery, describe_filter};
    ///
    /// let has = |column| Filter::IsNull(Scalar::Field(Field::new(TableName::bare("loans"), column)));
    /// let query = SemanticQuery::new(TableName::bare("loans")).and(has("returned_at")).and(has("reader"));
    /// assert_eq!(query.filters().len(), 2);
    /// let open = query.without_filter(1).unwrap();
    /// assert_eq!(describe_filter(&open.filters()[0]), "loans.returned_at is not known");
    /// assert_eq!(open.without_filter(0).unwrap().filter, None);
    /// ```
    pub fn filters(&self) -> &[Filter] {
        match &self.filter {
            None => &[],
            Some(Filter::And(all)) => all,
            Some(one) => std::slice::from_ref(one),
        }
    }

    /// The query without the condition at `index` of [`filters`](Self::filters); `None` where there is none.
    pub fn without_filter(&self, index: usize) -> Option<Self> {
        let mut left = self.filters().to_vec();
        if index >= left.len() {
            return None;
        }
        left.remove(index);
        Some(self.with_filters(left))
    }

    /// The query with these conditions instead of its own.
    pub(crate) fn with_filters(&self, filters: Vec<Filter>) -> Self {
        filters.into_iter().fold(Self { filter: None, ..self.clone() }, Self::and)
    }
}

impl Filter {
    /// The value that it is a condition on, where it is one on a single value.
    pub(crate) fn subject(&self) -> Option<Scalar> {
        match self {
            Self::Compare { left: value, .. }
            | Self::In { value, .. }
            | Self::Between { value, .. }
            | Self::Text { value, .. }
            | Self::IsNull(value)
            | Self::InQuery { value, .. }
            | Self::CompareQuery { left: value, .. } => Some(value.clone()),
            Self::During { value, .. } => Some(Scalar::Field(value.clone())),
            Self::Not(inner) => inner.subject(),
            Self::Or(all) => {
                let mut subjects = all.iter().map(Self::subject);
                let first = subjects.next()??;
                subjects.all(|other| other.as_ref() == Some(&first)).then_some(first)
            }
            Self::And(_) | Self::Exists { .. } | Self::FollowedBy { .. } => None,
        }
    }
}
