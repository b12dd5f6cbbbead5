//! Truncation of points in time to the forms [`Grain`] documents, in each dialect.

use sqlparser::ast::{BinaryOperator, DataType, DateTimeField, Expr, TimezoneInfo};

use super::super::ast::{
    binary, call, cast, concat, divided, extract, int, interval_text, interval_unit, minus, modulo, nested, plus, text, word,
};
use super::super::{Compiler, ast};
use super::{Civil, integer_type, named, string_type};
use crate::catalog::Column;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::query::model::Grain;

/// By how much points in time are moved before they are truncated, so that one period meets another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::query::compile) enum Shift {
    /// Not at all.
    #[default]
    None,
    /// By whole months; a day the month does not have becomes its last.
    Months(i64),
    /// By days.
    Days(i64),
}

impl Compiler<'_> {
    /// A column of dates truncated to `grain`.
    pub(in crate::query::compile) fn label(&mut self, expr: &Expr, column: &Column, grain: Grain, shift: Shift) -> Result<Expr> {
        let civil = self.civil(expr, column)?;
        let fiscal = i64::from(self.calendar.fiscal_shift());
        Ok(match self.dialect {
            Dialect::Sqlite => sqlite(civil, grain, shift, fiscal),
            dialect => {
                // BigQuery's functions for dates take no timestamps: unless hours are asked for, the date is all that is read.
                let date_only =
                    dialect == Dialect::Bigquery && civil.has_times && !matches!(grain, Grain::Hour | Grain::HourOfDay);
                let expr = if date_only { call("DATE", vec![civil.expr]) } else { civil.expr };
                Native { dialect, is_date: date_only || !civil.has_times }.label(expr, grain, shift, fiscal)
            }
        })
    }

    /// A column of dates as days, to count the days between two: with fractions where times are stored, unless `whole`.
    pub(in crate::query::compile) fn days_between(
        &mut self,
        from: (&Expr, &Column),
        to: (&Expr, &Column),
        whole: bool,
    ) -> Result<Expr> {
        let (from, to) = (self.civil(from.0, from.1)?, self.civil(to.0, to.1)?);
        Ok(between(self.dialect, from, to, whole))
    }

    /// Days from a column to a constant or back; `to_column` says which is later.
    pub(in crate::query::compile) fn days_to_constant(
        &mut self,
        column: (&Expr, &Column),
        constant: Expr,
        has_times: bool,
        to_column: bool,
    ) -> Result<Expr> {
        let civil = self.civil(column.0, column.1)?;
        let read = match self.dialect {
            Dialect::Sqlite | Dialect::Mysql => constant,
            _ if !has_times => cast(constant, DataType::Date),
            Dialect::Tsql => cast(constant, named("datetime2")),
            Dialect::Bigquery => cast(constant, DataType::Datetime(None)),
            _ => cast(constant, DataType::Timestamp(None, TimezoneInfo::None)),
        };
        let constant = Civil { expr: read, modifiers: Vec::new(), has_times };
        Ok(if to_column { between(self.dialect, constant, civil, false) } else { between(self.dialect, civil, constant, false) })
    }
}

fn between(dialect: Dialect, from: Civil, to: Civil, whole: bool) -> Expr {
    let days = whole || !(from.has_times || to.has_times);
    // A quotient of whole numbers or decimals keeps few digits in these two.
    let exact = !matches!(dialect, Dialect::Mysql | Dialect::Tsql);
    let seconds_per_day = || ast::number(if exact { "86400.0" } else { "86400e0" });
    match dialect {
        Dialect::Sqlite => {
            let day = |civil: Civil| {
                let name = if days && civil.has_times { Some("date") } else { None };
                let mut args = vec![civil.expr];
                args.extend(civil.modifiers.iter().map(|modifier| text(modifier)));
                match name {
                    Some(name) => call("julianday", vec![call(name, args)]),
                    None => call("julianday", args),
                }
            };
            minus(day(to), day(from))
        }
        Dialect::Mysql if days => call("DATEDIFF", vec![to.expr, from.expr]),
        Dialect::Mysql => divided(call("TIMESTAMPDIFF", vec![word("SECOND"), from.expr, to.expr]), seconds_per_day()),
        Dialect::Tsql if days => call("DATEDIFF", vec![word("day"), from.expr, to.expr]),
        Dialect::Tsql => divided(call("DATEDIFF_BIG", vec![word("second"), from.expr, to.expr]), seconds_per_day()),
        Dialect::Bigquery if days => {
            call("DATE_DIFF", vec![cast(to.expr, DataType::Date), cast(from.expr, DataType::Date), word("DAY")])
        }
        Dialect::Bigquery => {
            let datetime = |expr: Expr| cast(expr, DataType::Datetime(None));
            divided(call("DATETIME_DIFF", vec![datetime(to.expr), datetime(from.expr), word("SECOND")]), seconds_per_day())
        }
        Dialect::Postgres if days => minus(cast(to.expr, DataType::Date), cast(from.expr, DataType::Date)),
        _ => {
            let read = |civil: Civil| {
                let data_type = if days { DataType::Date } else { DataType::Timestamp(None, TimezoneInfo::None) };
                let typed = cast(civil.expr, data_type);
                if days { cast(typed, DataType::Timestamp(None, TimezoneInfo::None)) } else { typed }
            };
            if dialect == Dialect::Datafusion {
                let epoch = |civil: Civil| call("date_part", vec![text("epoch"), read(civil)]);
                divided(nested(minus(epoch(to), epoch(from))), seconds_per_day())
            } else {
                let (to, from) = (read(to), read(from));
                divided(extract(DateTimeField::Epoch, minus(to, from)), seconds_per_day())
            }
        }
    }
}

/// How many months dates run ahead before a grain is read off them.
fn months_ahead(grain: Grain, shift: Shift, fiscal: i64) -> i64 {
    let own = if matches!(grain, Grain::FiscalQuarter | Grain::FiscalYear) { fiscal } else { 0 };
    own + if let Shift::Months(months) = shift { months } else { 0 }
}

/// Whether a grain may be read off the first day of the month.
fn of_whole_months(grain: Grain) -> bool {
    matches!(
        grain,
        Grain::Month
            | Grain::Quarter
            | Grain::Year
            | Grain::FiscalQuarter
            | Grain::FiscalYear
            | Grain::MonthOfYear
            | Grain::QuarterOfYear
    )
}

fn sqlite(civil: Civil, grain: Grain, shift: Shift, fiscal: i64) -> Expr {
    let mut modifiers = civil.modifiers.clone();
    let months = months_ahead(grain, shift, fiscal);
    if let Shift::Days(days) = shift {
        modifiers.push(format!("{days:+} days"));
    }
    if months != 0 {
        if of_whole_months(grain) {
            modifiers.push("start of month".to_owned());
            modifiers.push(format!("{months:+} months"));
        } else {
            modifiers.push(format!("{months:+} months"));
            modifiers.push("floor".to_owned());
        }
    }
    let with = |function: &str, first: Vec<Expr>, more: &[&str]| {
        let mut args = first;
        args.push(civil.expr.clone());
        args.extend(modifiers.iter().map(String::as_str).chain(more.iter().copied()).map(text));
        call(function, args)
    };
    let format = |format: &str| with("strftime", vec![text(format)], &[]);
    let number = |code: &str| cast(format(code), integer_type(Dialect::Sqlite));
    let quarter = || divided(nested(plus(number("%m"), int(2))), int(3));
    match grain {
        Grain::Hour => format("%Y-%m-%d %H:00"),
        Grain::Day => with("date", Vec::new(), &[]),
        Grain::Week => with("date", Vec::new(), &["weekday 0", "-6 days"]),
        Grain::IsoWeek => format("%G-W%V"),
        Grain::Month => format("%Y-%m"),
        Grain::Quarter => concat([format("%Y"), text("-Q"), nested(quarter())]),
        Grain::FiscalQuarter => concat([text("FY"), format("%Y"), text("-Q"), nested(quarter())]),
        Grain::Year | Grain::FiscalYear => number("%Y"),
        Grain::HourOfDay => number("%H"),
        Grain::DayOfWeek => number("%u"),
        Grain::MonthOfYear => number("%m"),
        Grain::QuarterOfYear => quarter(),
    }
}

/// Truncation in engines with date types.
struct Native {
    dialect: Dialect,
    /// Whether the value has no time of day.
    is_date: bool,
}

impl Native {
    fn label(&self, date: Expr, grain: Grain, shift: Shift, fiscal: i64) -> Expr {
        let months = months_ahead(grain, shift, fiscal);
        let date = match shift {
            Shift::Days(days) => self.moved(date, days, "day"),
            _ => date,
        };
        let date = match months {
            0 => date,
            _ if of_whole_months(grain) => self.moved(self.month_start(date), months, "month"),
            _ => self.moved(date, months, "month"),
        };
        match self.dialect {
            Dialect::Postgres => self.postgres(date, grain),
            Dialect::Mysql => self.mysql(date, grain),
            Dialect::Tsql => self.tsql(date, grain),
            Dialect::Bigquery => self.bigquery(date, grain),
            _ => self.datafusion(date, grain),
        }
    }

    fn month_start(&self, date: Expr) -> Expr {
        match self.dialect {
            Dialect::Mysql => call("DATE_FORMAT", vec![date, text("%Y-%m-01")]),
            Dialect::Tsql => call("DATEFROMPARTS", vec![call("YEAR", vec![date.clone()]), call("MONTH", vec![date]), int(1)]),
            Dialect::Bigquery => call("DATE_TRUNC", vec![self.day(date), word("MONTH")]),
            Dialect::Postgres => call("DATE_TRUNC", vec![text("month"), date]),
            _ => call("date_trunc", vec![text("month"), date]),
        }
    }

    fn moved(&self, date: Expr, count: i64, unit: &str) -> Expr {
        let field = || if unit == "day" { DateTimeField::Day } else { DateTimeField::Month };
        match self.dialect {
            Dialect::Mysql | Dialect::Bigquery => {
                let name = if count < 0 { "DATE_SUB" } else { "DATE_ADD" };
                let date = if self.dialect == Dialect::Bigquery { self.day(date) } else { date };
                call(name, vec![date, interval_unit(int(count.abs()), field())])
            }
            Dialect::Tsql => call("DATEADD", vec![word(unit), int(count), date]),
            _ => {
                let span = interval_text(&format!("{} {unit}s", count.abs()));
                nested(if count < 0 { minus(date, span) } else { plus(date, span) })
            }
        }
    }

    /// BigQuery: the date of a date or datetime.
    fn day(&self, date: Expr) -> Expr {
        if self.is_date { date } else { call("DATE", vec![date]) }
    }

    fn postgres(&self, date: Expr, grain: Grain) -> Expr {
        let format = |date: Expr, format: &str| call("TO_CHAR", vec![date, text(format)]);
        let number = |field: DateTimeField| cast(extract(field, date.clone()), integer_type(Dialect::Postgres));
        match grain {
            Grain::Hour => format(date, "YYYY-MM-DD HH24:00"),
            Grain::Day => format(date, "YYYY-MM-DD"),
            Grain::Week => format(call("DATE_TRUNC", vec![text("week"), date]), "YYYY-MM-DD"),
            Grain::IsoWeek => format(date, "IYYY-\"W\"IW"),
            Grain::Month => format(date, "YYYY-MM"),
            Grain::Quarter => format(date, "YYYY-\"Q\"Q"),
            Grain::FiscalQuarter => format(date, "\"FY\"YYYY-\"Q\"Q"),
            Grain::Year | Grain::FiscalYear => number(DateTimeField::Year),
            Grain::HourOfDay => number(DateTimeField::Hour),
            Grain::DayOfWeek => number(DateTimeField::Isodow),
            Grain::MonthOfYear => number(DateTimeField::Month),
            Grain::QuarterOfYear => number(DateTimeField::Quarter),
        }
    }

    fn mysql(&self, date: Expr, grain: Grain) -> Expr {
        let part = |name: &str| call(name, vec![date.clone()]);
        let format = |date: Expr, format: &str| call("DATE_FORMAT", vec![date, text(format)]);
        match grain {
            Grain::Hour => format(date, "%Y-%m-%d %H:00"),
            Grain::Day => format(date, "%Y-%m-%d"),
            Grain::Week => {
                let into = part("WEEKDAY");
                format(call("DATE_SUB", vec![date, interval_unit(into, DateTimeField::Day)]), "%Y-%m-%d")
            }
            Grain::IsoWeek => format(date, "%x-W%v"),
            Grain::Month => format(date, "%Y-%m"),
            Grain::Quarter => call("CONCAT", vec![part("YEAR"), text("-Q"), part("QUARTER")]),
            Grain::FiscalQuarter => call("CONCAT", vec![text("FY"), part("YEAR"), text("-Q"), part("QUARTER")]),
            Grain::Year | Grain::FiscalYear => part("YEAR"),
            Grain::HourOfDay => part("HOUR"),
            Grain::DayOfWeek => plus(part("WEEKDAY"), int(1)),
            Grain::MonthOfYear => part("MONTH"),
            Grain::QuarterOfYear => part("QUARTER"),
        }
    }

    fn tsql(&self, date: Expr, grain: Grain) -> Expr {
        let part = |unit: &str| call("DATEPART", vec![word(unit), date.clone()]);
        let year = || call("YEAR", vec![date.clone()]);
        // 1 January 1900 was a Monday; counting from it does not depend on the session's first day of the week.
        let weekday = || modulo(call("DATEDIFF", vec![word("day"), text("19000101"), date.clone()]), int(7));
        let convert = |date: Expr, length: u64, style: i64| Expr::Convert {
            is_try: false,
            expr: Box::new(date),
            data_type: Some(DataType::Char(Some(sqlparser::ast::CharacterLength::IntegerLength { length, unit: None }))),
            charset: None,
            target_before_value: true,
            styles: vec![int(style)],
        };
        match grain {
            Grain::Hour => call("CONCAT", vec![convert(date, 13, 120), text(":00")]),
            Grain::Day => convert(date, 10, 23),
            Grain::Week => {
                let back = minus(int(0), nested(weekday()));
                convert(call("DATEADD", vec![word("day"), back, date]), 10, 23)
            }
            Grain::IsoWeek => {
                // The Thursday of the week decides its year; 26 days after the n-th week's day less n days lie in that year.
                let week = || part("iso_week");
                let year = call("YEAR", vec![call("DATEADD", vec![word("day"), minus(int(26), week()), date.clone()])]);
                let digits = call("FORMAT", vec![week(), text("00")]);
                call("CONCAT", vec![year, text("-W"), digits])
            }
            Grain::Month => convert(date, 7, 23),
            Grain::Quarter => call("CONCAT", vec![year(), text("-Q"), part("quarter")]),
            Grain::FiscalQuarter => call("CONCAT", vec![text("FY"), year(), text("-Q"), part("quarter")]),
            Grain::Year | Grain::FiscalYear => year(),
            Grain::HourOfDay => part("hour"),
            Grain::DayOfWeek => plus(weekday(), int(1)),
            Grain::MonthOfYear => call("MONTH", vec![date]),
            Grain::QuarterOfYear => part("quarter"),
        }
    }

    fn bigquery(&self, date: Expr, grain: Grain) -> Expr {
        let day = self.day(date.clone());
        let format = |day: Expr, format: &str| call("FORMAT_DATE", vec![text(format), day]);
        let number = |field: DateTimeField| extract(field, date.clone());
        match grain {
            Grain::Hour => call("FORMAT_DATETIME", vec![text("%Y-%m-%d %H:00"), date]),
            Grain::Day => format(day, "%Y-%m-%d"),
            Grain::Week => format(call("DATE_TRUNC", vec![day, word("ISOWEEK")]), "%Y-%m-%d"),
            Grain::IsoWeek => format(day, "%G-W%V"),
            Grain::Month => format(day, "%Y-%m"),
            Grain::Quarter => format(day, "%Y-Q%Q"),
            Grain::FiscalQuarter => format(day, "FY%Y-Q%Q"),
            Grain::Year | Grain::FiscalYear => number(DateTimeField::Year),
            Grain::HourOfDay => number(DateTimeField::Hour),
            Grain::DayOfWeek => plus(call("MOD", vec![plus(number(DateTimeField::DayOfWeek), int(5)), int(7)]), int(1)),
            Grain::MonthOfYear => number(DateTimeField::Month),
            Grain::QuarterOfYear => number(DateTimeField::Quarter),
        }
    }

    fn datafusion(&self, date: Expr, grain: Grain) -> Expr {
        let part = |unit: &str| cast(call("date_part", vec![text(unit), date.clone()]), integer_type(Dialect::Datafusion));
        let format = |date: Expr, format: &str| call("to_char", vec![date, text(format)]);
        let digits = |unit: &str| cast(part(unit), string_type(Dialect::Datafusion));
        match grain {
            Grain::Hour => format(date, "%Y-%m-%d %H:00"),
            Grain::Day => format(date, "%Y-%m-%d"),
            Grain::Week => format(call("date_trunc", vec![text("week"), date]), "%Y-%m-%d"),
            Grain::IsoWeek => format(date, "%G-W%V"),
            Grain::Month => format(date, "%Y-%m"),
            Grain::Quarter => concat([digits("year"), text("-Q"), digits("quarter")]),
            Grain::FiscalQuarter => concat([text("FY"), digits("year"), text("-Q"), digits("quarter")]),
            Grain::Year | Grain::FiscalYear => part("year"),
            Grain::HourOfDay => part("hour"),
            // Sunday is 0 here.
            Grain::DayOfWeek => plus(binary(nested(plus(part("dow"), int(6))), BinaryOperator::Modulo, int(7)), int(1)),
            Grain::MonthOfYear => part("month"),
            Grain::QuarterOfYear => part("quarter"),
        }
    }
}
