//! What a call's context puts into the session before a statement.

use super::{SessionValue, SourceSpec};
use crate::context::{Attribute, Context};
use crate::error::{Error, Result};
use crate::value::Value;

impl SourceSpec {
    /// Names and texts of the session values for a call: none of them is left out, so that row security never sees a session without.
    ///
    /// # Errors
    /// `Denied` when the context lacks an attribute that the spec names, or has a list, bytes or NULL there.
    #[cfg_attr(not(all(feature = "postgres", feature = "mysql", feature = "mssql")), allow(dead_code))]
    pub(crate) fn session_values(&self, ctx: &Context) -> Result<Vec<(String, String)>> {
        let of = |value: &SessionValue| match value {
            SessionValue::Tenant => Ok(ctx.tenant.clone()),
            SessionValue::User => Ok(ctx.user.clone()),
            SessionValue::Fixed(text) => Ok(text.clone()),
            SessionValue::Attribute(name) => match ctx.attributes.get(name) {
                Some(Attribute::One(Value::Null | Value::Bytes(_)) | Attribute::Many(_)) => Err(Error::denied(format!(
                    "the attribute `{name}` of the call is no single text, number or truth value, which the source needs in its session"
                ))),
                Some(Attribute::One(value)) => Ok(value.to_string()),
                None => Err(Error::denied(format!(
                    "the call has no attribute `{name}`, which the source needs in its session; let the host set it in the context"
                ))),
            },
        };
        self.session.iter().map(|(name, value)| Ok((name.clone(), of(value)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Engine;

    #[test]
    fn every_value_is_there_or_the_call_is_refused() {
        let mut ctx = Context::new("acme", "ada").unwrap();
        let mut spec = SourceSpec::new(Engine::Mssql);
        spec.session = [
            ("app.tenant".to_owned(), SessionValue::Tenant),
            ("app.user".to_owned(), SessionValue::User),
            ("app.level".to_owned(), SessionValue::Attribute("level".into())),
            ("app.kind".to_owned(), SessionValue::Fixed("report".into())),
        ]
        .into();
        assert_eq!(spec.session_values(&ctx).unwrap_err().kind(), crate::ErrorKind::Denied);
        for wrong in [Attribute::One(Value::Null), Attribute::Many(vec![Value::Int(1)])] {
            ctx.attributes.insert("level".into(), wrong);
            assert_eq!(spec.session_values(&ctx).unwrap_err().kind(), crate::ErrorKind::Denied);
        }
        ctx.attributes.insert("level".into(), Attribute::One(Value::Int(3)));
        let values = spec.session_values(&ctx).unwrap();
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(values, [("app.kind", "report"), ("app.level", "3"), ("app.tenant", "acme"), ("app.user", "ada")]);
    }
}
