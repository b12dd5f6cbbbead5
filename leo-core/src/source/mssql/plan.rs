//! Estimated plans through `SET SHOWPLAN_XML`.
//!
//! One family of servers takes the setting without a word and runs the statement after it. So a harmless statement comes first, once per
//! connection, and where no plan comes back for it none is asked for again.

use super::params;
use super::session::{Server, Session, text};
use crate::error::{Error, Result};
use crate::gate::Estimate;
use crate::value::Value;

const ON: &str = "SET SHOWPLAN_XML ON";
const OFF: &str = "SET SHOWPLAN_XML OFF";
const HARMLESS: &str = "SELECT 1";

/// The plan's own figures. Placeholders are declared and have no values: the plan is the one for any.
///
/// `None` where the server gives no plan, or none for this statement. The session is left as it was, or this is an error.
pub(super) async fn estimate(session: &mut Session, server: &Server, sql: &str, values: &[Value]) -> Result<Option<Estimate>> {
    if server.facts().no_plans || session.plans == Some(false) {
        return Ok(None);
    }
    let declared = match params::declarations(sql, values) {
        none if none.is_empty() => String::new(),
        some => format!("DECLARE {some};\n"),
    };
    if session.rows_if_known(ON).await?.is_none() {
        server.facts().no_plans = true;
        return Ok(None);
    }
    if session.plans.is_none() {
        let is_plan = plan(session, HARMLESS).await?.is_some();
        session.plans = Some(is_plan);
        if !is_plan {
            server.facts().no_plans = true;
        }
    }
    let estimate = match session.plans {
        Some(true) => plan(session, &format!("{declared}{sql}")).await?,
        _ => None,
    };
    if session.rows_if_known(OFF).await?.is_none() {
        // It would answer questions with plans.
        server.facts().no_plans = true;
        return Err(Error::unavailable("the server does not leave the state in which it makes plans"));
    }
    Ok(estimate)
}

async fn plan(session: &mut Session, sql: &str) -> Result<Option<Estimate>> {
    let rows = session.rows_if_known(sql).await?.unwrap_or_default();
    Ok(rows.iter().filter_map(|row| text(row, 0)).find_map(|xml| read(&xml)))
}

/// Rows and cost of the dearest statement in the plan; `None` when it is no plan.
fn read(xml: &str) -> Option<Estimate> {
    let start = xml.trim_start_matches('\u{feff}').trim_start();
    if !start.get(..start.len().min(200)).or(Some(start))?.contains("<ShowPlanXML") {
        return None;
    }
    let attribute = |element: &str, name: &str| {
        let behind = element.split_once(&format!(" {name}=\""))?.1;
        behind.split_once('"')?.0.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)
    };
    let statements = xml.split("<StmtSimple").skip(1).filter_map(|rest| rest.split_once('>').map(|(element, _)| element));
    let figures = statements.filter_map(|element| {
        Some((attribute(element, "StatementSubTreeCost")?, attribute(element, "StatementEstRows").unwrap_or_default()))
    });
    let (cost, rows) = figures.fold((0.0, 0.0), |most: (f64, f64), next| if next.0 > most.0 { next } else { most });
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some(Estimate { rows: Some(rows.ceil() as u64), cost: Some(cost), bytes: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_told_from_an_answer() {
        let xml = "<ShowPlanXML xmlns=\"http://schemas.microsoft.com/sqlserver/2004/07/showplan\" Version=\"1.539\"><BatchSequence><Batch>\
                   <Statements><StmtSimple StatementText=\"DECLARE @p1 bigint\" StatementId=\"1\" StatementType=\"ASSIGN\"/>\
                   <StmtSimple StatementText=\"SELECT a FROM t WHERE b &gt; @p1\" StatementId=\"2\" StatementEstRows=\"2155.5\" \
                   StatementSubTreeCost=\"0.0232142\" StatementType=\"SELECT\"><QueryPlan/></StmtSimple></Statements></Batch></BatchSequence>\
                   </ShowPlanXML>";
        assert_eq!(read(xml), Some(Estimate { rows: Some(2156), cost: Some(0.023_214_2), bytes: None }));
        for other in ["1", "", "ShowPlanXML", "é <html>"] {
            assert_eq!(read(other), None);
        }
    }
}
