//! Vega-Lite specifications, valid for versions 5 and 6.

use serde_json::{Map, Value as Json, json};

use super::data::{self, Plot};
use super::format;
use super::hint::Unit;
use super::spec::{Arrangement, ChartKind, ChartSpec, Encoding, Scale, SortBy};
use crate::query::Grain;
use crate::table::Table;
use crate::value::Value;

/// Rows drawn where the chart is a table.
const TABLE_ROWS: usize = 50;
const MEASURE: &str = "__measure";
const VALUE: &str = "__value";

/// How a specification is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VegaLiteOptions {
    /// Version of the schema.
    pub version: VegaLiteVersion,
    /// Name of a data source the host supplies at run time; without it the rows are in the specification.
    pub data_name: Option<String>,
}

/// Version of the Vega-Lite schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VegaLiteVersion {
    /// Version 5.
    V5,
    /// Version 6.
    #[default]
    V6,
}

/// The chart as a Vega-Lite specification.
///
/// Columns keep their names (escaped where Vega-Lite would read a path), so a host may swap the data. Numbers that are not finite are
/// `null`. A table is drawn as text marks, its first 50 rows.
pub fn vega_lite(spec: &ChartSpec, table: &Table, options: &VegaLiteOptions) -> Json {
    let schema = match options.version {
        VegaLiteVersion::V5 => "https://vega.github.io/schema/vega-lite/v5.json",
        VegaLiteVersion::V6 => "https://vega.github.io/schema/vega-lite/v6.json",
    };
    let mut root = Map::new();
    root.insert("$schema".into(), schema.into());
    if !spec.title.is_empty() {
        root.insert("title".into(), format::label(&spec.title, 120).into());
    }
    root.insert("description".into(), format::label(&spec.alt_text, 400).into());
    root.insert(
        "data".into(),
        match &options.data_name {
            Some(name) => json!({ "name": name }),
            None => json!({ "values": rows(spec, table) }),
        },
    );
    root.extend(body(spec, table));
    Json::Object(root)
}

fn rows(spec: &ChartSpec, table: &Table) -> Vec<Json> {
    let limit = if spec.kind == ChartKind::Table { TABLE_ROWS } else { usize::MAX };
    (0..table.num_rows().min(limit))
        .map(|row| {
            let cells = (0..table.num_columns())
                .map(|column| (table.column_name(column).to_owned(), data::json(table.value(row, column))));
            Json::Object(cells.collect())
        })
        .collect()
}

fn body(spec: &ChartSpec, table: &Table) -> Map<String, Json> {
    let built = match spec.kind {
        ChartKind::Table => None,
        ChartKind::Kpi => kpi(spec),
        ChartKind::Pie => pie(spec, table),
        ChartKind::Scatter => scatter(spec),
        ChartKind::Heatmap => heatmap(spec, table),
        _ => cartesian(spec, table),
    };
    match built.unwrap_or_else(|| text_table(spec, table)) {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}

fn cartesian(spec: &ChartSpec, table: &Table) -> Option<Json> {
    let first = spec.y.first()?;
    let sideways = spec.kind == ChartKind::HorizontalBar;
    let bars = matches!(spec.kind, ChartKind::Bar | ChartKind::HorizontalBar);
    let spark = spec.kind == ChartKind::Sparkline;
    let several = spec.y.len() > 1;
    let mut encoding = Map::new();
    let mut out = Map::new();
    let mut transforms = Vec::new();

    let category = match &spec.x {
        Some(x) => {
            let mut channel = channel(x, if bars && x.scale == Scale::Temporal { Scale::Ordinal } else { x.scale });
            channel.extend(category_order(spec, table, sideways));
            channel
        }
        None => {
            transforms.push(json!({ "window": [{ "op": "row_number", "as": "__row" }] }));
            object(json!({ "field": "__row", "type": "ordinal", "title": null }))
        }
    };
    let mut value = if several {
        let fields: Vec<String> = spec.y.iter().map(|y| field(&y.column)).collect();
        transforms.push(json!({ "fold": fields, "as": [MEASURE, VALUE] }));
        object(json!({ "field": VALUE, "type": "quantitative", "title": null }))
    } else {
        channel(first, Scale::Quantitative)
    };
    with_number_format(&mut value, &first.unit);
    if bars || spec.kind == ChartKind::Area {
        value.insert("stack".into(), if spec.arrangement == Arrangement::Stacked { "zero".into() } else { Json::Null });
    } else {
        value.insert("scale".into(), json!({ "zero": false }));
    }
    let split = match (&spec.series, several) {
        (Some(series), _) => Some(channel(series, Scale::Nominal)),
        (None, true) => Some(object(json!({ "field": MEASURE, "type": "nominal", "title": null }))),
        _ => None,
    };
    let (mut horizontal, mut vertical) = if sideways { (value, category) } else { (category, value) };
    if spark {
        horizontal.insert("axis".into(), Json::Null);
        vertical.insert("axis".into(), Json::Null);
        out.insert("height".into(), 40.into());
    }
    encoding.insert("x".into(), Json::Object(horizontal));
    encoding.insert("y".into(), Json::Object(vertical));
    if let Some(split) = split {
        if bars && spec.arrangement == Arrangement::Grouped {
            let offset = split.get("field").cloned().unwrap_or_default();
            encoding.insert(if sideways { "yOffset" } else { "xOffset" }.into(), json!({ "field": offset, "type": "nominal" }));
        }
        encoding.insert("color".into(), Json::Object(split));
    }
    let mark = match spec.kind {
        ChartKind::Area => json!({ "type": "area", "line": true, "opacity": 0.6, "tooltip": true }),
        ChartKind::Line => json!({ "type": "line", "point": table.num_rows() <= 100, "tooltip": true }),
        ChartKind::Sparkline => json!({ "type": "line", "tooltip": true }),
        _ => json!({ "type": "bar", "tooltip": true }),
    };
    out.insert("mark".into(), mark);
    if !transforms.is_empty() {
        out.insert("transform".into(), Json::Array(transforms));
    }
    out.insert("encoding".into(), Json::Object(encoding));
    Some(Json::Object(out))
}

fn pie(spec: &ChartSpec, table: &Table) -> Option<Json> {
    let (x, y) = (spec.x.as_ref()?, spec.y.first()?);
    let mut color = channel(x, Scale::Nominal);
    color.extend(category_order(spec, table, false));
    if color.get("sort").is_some_and(|sort| sort == "-y" || sort == "y") {
        color.insert("sort".into(), json!({ "field": field(&y.column), "order": "descending" }));
    }
    let mut encoding =
        object(json!({ "theta": { "field": field(&y.column), "type": "quantitative", "title": y.title, "stack": true } }));
    encoding.insert("color".into(), Json::Object(color));
    if let Some(sort) = spec.sort.filter(|sort| sort.by == SortBy::Y) {
        let order = if sort.descending { "descending" } else { "ascending" };
        encoding.insert("order".into(), json!({ "field": field(&y.column), "type": "quantitative", "sort": order }));
    }
    Some(json!({ "mark": { "type": "arc", "tooltip": true }, "encoding": encoding }))
}

fn scatter(spec: &ChartSpec) -> Option<Json> {
    let (x, y) = (spec.x.as_ref()?, spec.y.first()?);
    let mut encoding = Map::new();
    for (name, which) in [("x", x), ("y", y)] {
        let mut channel = channel(which, which.scale);
        if which.scale == Scale::Quantitative {
            channel.insert("scale".into(), json!({ "zero": false }));
            with_number_format(&mut channel, &which.unit);
        }
        encoding.insert(name.into(), Json::Object(channel));
    }
    if let Some(series) = &spec.series {
        encoding.insert("color".into(), Json::Object(channel(series, Scale::Nominal)));
    }
    Some(json!({ "mark": { "type": "point", "tooltip": true }, "encoding": encoding }))
}

fn heatmap(spec: &ChartSpec, table: &Table) -> Option<Json> {
    let (x, y, series) = (spec.x.as_ref()?, spec.y.first()?, spec.series.as_ref()?);
    let mut across = channel(x, Scale::Ordinal);
    across.extend(category_order(spec, table, false));
    let down = channel(series, Scale::Ordinal);
    let color = channel(y, Scale::Quantitative);
    Some(json!({ "mark": { "type": "rect", "tooltip": true }, "encoding": { "x": across, "y": down, "color": color } }))
}

fn kpi(spec: &ChartSpec) -> Option<Json> {
    let y = spec.y.first()?;
    let mut text = channel(y, Scale::Quantitative);
    if let Some(pattern) = pattern(&y.unit) {
        text.insert("format".into(), pattern.into());
    }
    Some(json!({ "mark": { "type": "text", "fontSize": 48 }, "encoding": { "text": text } }))
}

fn text_table(spec: &ChartSpec, table: &Table) -> Json {
    let fields: Vec<String> = if spec.kind == ChartKind::Table || table.num_columns() > 0 {
        (0..table.num_columns()).map(|column| field(table.column_name(column))).collect()
    } else {
        Vec::new()
    };
    json!({
        "transform": [
            { "window": [{ "op": "row_number", "as": "__row" }] },
            { "fold": fields, "as": [MEASURE, VALUE] }
        ],
        "mark": { "type": "text" },
        "encoding": {
            "x": { "field": MEASURE, "type": "nominal", "title": null, "sort": null, "axis": { "orient": "top", "labelAngle": 0 } },
            "y": { "field": "__row", "type": "ordinal", "axis": null },
            "text": { "field": VALUE, "type": "nominal" }
        }
    })
}

fn channel(encoding: &Encoding, scale: Scale) -> Map<String, Json> {
    let kind = match scale {
        Scale::Nominal => "nominal",
        Scale::Ordinal => "ordinal",
        Scale::Temporal => "temporal",
        Scale::Quantitative => "quantitative",
    };
    let mut channel = Map::new();
    channel.insert("field".into(), field(&encoding.column).into());
    channel.insert("type".into(), kind.into());
    channel.insert("title".into(), format::label(&encoding.title, 80).into());
    if let Some(names) = encoding.grain.and_then(calendar_names) {
        channel.insert(if scale == Scale::Ordinal { "axis" } else { "legend" }.into(), json!({ "labelExpr": names }));
    }
    if scale == Scale::Temporal {
        // Dates without a zone are read as UTC; a local scale would move them to the day before.
        channel.insert("scale".into(), json!({ "type": "utc" }));
    }
    channel
}

/// An expression that turns the numbers of weekdays, months and hours into names.
fn calendar_names(grain: Grain) -> Option<String> {
    let (range, offset) = match grain {
        Grain::DayOfWeek => (1..=7, 1),
        Grain::MonthOfYear => (1..=12, 1),
        Grain::QuarterOfYear => (1..=4, 1),
        Grain::HourOfDay => (0..=23, 0),
        _ => return None,
    };
    let names: Vec<String> = range
        .filter_map(|part| format::calendar_part(&Value::Int(part), Some(grain), false))
        .map(|name| format!("'{name}'"))
        .collect();
    Some(format!("[{}][datum.value - {offset}]", names.join(",")))
}

fn category_order(spec: &ChartSpec, table: &Table, sideways: bool) -> Map<String, Json> {
    let is_temporal = spec.x.as_ref().is_some_and(|x| x.scale == Scale::Temporal);
    let bars = matches!(spec.kind, ChartKind::Bar | ChartKind::HorizontalBar | ChartKind::Pie | ChartKind::Heatmap);
    let sort = match spec.sort {
        _ if is_temporal && !bars => return Map::new(),
        None => Json::Null,
        Some(sort) if sort.by == SortBy::Y => {
            format!("{}{}", if sort.descending { "-" } else { "" }, if sideways { "x" } else { "y" }).into()
        }
        // Written out, because the order of a calendar is not the alphabet's.
        Some(_) => Plot::of(spec, table, 5_000, usize::MAX)
            .map(|plot| Json::Array(plot.keys.into_iter().map(Json::from).collect()))
            .unwrap_or(Json::Null),
    };
    Map::from_iter([("sort".to_owned(), sort)])
}

fn with_number_format(channel: &mut Map<String, Json>, unit: &Unit) {
    if let Some(pattern) = pattern(unit) {
        channel.insert("axis".into(), json!({ "format": pattern }));
    }
}

fn pattern(unit: &Unit) -> Option<&'static str> {
    match unit {
        Unit::Fraction => Some(".1%"),
        Unit::Currency(code) if code.eq_ignore_ascii_case("USD") || code == "$" => Some("$,.2~f"),
        _ => None,
    }
}

/// A column's name where Vega-Lite expects a field: what would be read as a path is escaped.
fn field(name: &str) -> String {
    name.chars().fold(String::with_capacity(name.len()), |mut escaped, c| {
        if matches!(c, '.' | '[' | ']' | '\\' | '\'' | '"') {
            escaped.push('\\');
        }
        escaped.push(c);
        escaped
    })
}

fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}
