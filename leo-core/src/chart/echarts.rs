//! ECharts options.

use serde_json::{Value as Json, json};

use super::data::{self, Plot, Points};
use super::format;
use super::spec::{Arrangement, ChartKind, ChartSpec};
use crate::table::Table;

/// Rows handed over where the chart is a table.
const TABLE_ROWS: usize = 200;

/// The chart as an `option` object for `echarts.setOption`, data included; no functions, so it is plain JSON.
///
/// A table comes as a `dataset` without series, for the host to show in its own way; a KPI as a graphic text.
pub fn echarts(spec: &ChartSpec, table: &Table) -> Json {
    let mut option = match spec.kind {
        ChartKind::Pie => pie(spec, table),
        ChartKind::Scatter => scatter(spec, table),
        ChartKind::Heatmap => heatmap(spec, table),
        ChartKind::Kpi => kpi(spec, table),
        ChartKind::Table => None,
        _ => cartesian(spec, table),
    }
    .unwrap_or_else(|| dataset(table));
    if let Json::Object(map) = &mut option {
        map.insert("title".into(), json!({ "text": format::label(&spec.title, 120) }));
        map.insert("aria".into(), json!({ "enabled": true, "label": { "description": format::label(&spec.alt_text, 400) } }));
    }
    option
}

fn cartesian(spec: &ChartSpec, table: &Table) -> Option<Json> {
    let plot = Plot::of(spec, table, 5_000, 50)?;
    let sideways = spec.kind == ChartKind::HorizontalBar;
    let spark = spec.kind == ChartKind::Sparkline;
    let title = |encoding: Option<&super::spec::Encoding>| {
        encoding.map(|encoding| format::label(&encoding.title, 80)).unwrap_or_default()
    };
    let category = json!({ "type": "category", "data": plot.categories, "name": title(spec.x.as_ref()), "inverse": sideways, "show": !spark });
    let measure = if spec.y.len() > 1 { String::new() } else { title(spec.y.first()) };
    let value = json!({ "type": "value", "name": measure, "show": !spark });
    let several = plot.series.len() > 1;
    let series: Vec<Json> = plot
        .series
        .iter()
        .map(|series| {
            let kind = if matches!(spec.kind, ChartKind::Bar | ChartKind::HorizontalBar) { "bar" } else { "line" };
            let mut one = json!({ "type": kind, "name": series.name, "data": series.values });
            if let Json::Object(map) = &mut one {
                if spec.arrangement == Arrangement::Stacked {
                    map.insert("stack".into(), "total".into());
                }
                if spec.kind == ChartKind::Area {
                    map.insert("areaStyle".into(), json!({}));
                }
                if kind == "line" {
                    map.insert("showSymbol".into(), (plot.categories.len() <= 40 && !spark).into());
                }
            }
            one
        })
        .collect();
    let (x, y) = if sideways { (value, category) } else { (category, value) };
    Some(json!({ "tooltip": { "trigger": "axis" }, "legend": { "show": several }, "xAxis": x, "yAxis": y, "series": series }))
}

fn pie(spec: &ChartSpec, table: &Table) -> Option<Json> {
    let plot = Plot::of(spec, table, 200, 1)?;
    let values = &plot.series.first()?.values;
    let data: Vec<Json> = plot
        .categories
        .iter()
        .zip(values)
        .filter_map(|(name, value)| Some(json!({ "name": name, "value": (*value)? })))
        .collect();
    let name = format::label(&spec.y.first()?.title, 80);
    Some(json!({
        "tooltip": { "trigger": "item" },
        "legend": { "show": true, "type": "scroll", "bottom": 0 },
        "series": [{ "type": "pie", "name": name, "radius": "65%", "data": data }]
    }))
}

fn scatter(spec: &ChartSpec, table: &Table) -> Option<Json> {
    let points = Points::of(spec, table, 20_000)?;
    let (x, y) = (spec.x.as_ref()?, spec.y.first()?);
    let count = points.names.len().max(1);
    let series: Vec<Json> = (0..count)
        .map(|index| {
            let data: Vec<[f64; 2]> =
                points.points.iter().filter(|point| point.2 == index).map(|point| [point.0, point.1]).collect();
            json!({ "type": "scatter", "name": points.names.get(index).cloned().unwrap_or_default(), "data": data })
        })
        .collect();
    Some(json!({
        "tooltip": { "trigger": "item" },
        "legend": { "show": count > 1, "type": "scroll" },
        "xAxis": { "type": "value", "name": format::label(&x.title, 80), "scale": true },
        "yAxis": { "type": "value", "name": format::label(&y.title, 80), "scale": true },
        "series": series
    }))
}

fn heatmap(spec: &ChartSpec, table: &Table) -> Option<Json> {
    let plot = Plot::of(spec, table, 500, 500)?;
    let (low, high) = plot.range(false)?;
    let names: Vec<&str> = plot.series.iter().map(|series| series.name.as_str()).collect();
    let mut data = Vec::new();
    for (row, series) in plot.series.iter().enumerate() {
        for (column, value) in series.values.iter().enumerate() {
            if let Some(value) = value {
                data.push(json!([column, row, value]));
            }
        }
    }
    Some(json!({
        "tooltip": { "position": "top" },
        "xAxis": { "type": "category", "data": plot.categories },
        "yAxis": { "type": "category", "data": names },
        "visualMap": { "min": low, "max": high, "calculable": true, "orient": "horizontal", "left": "center", "bottom": 0 },
        "series": [{ "type": "heatmap", "name": format::label(&spec.y.first()?.title, 80), "data": data }]
    }))
}

fn kpi(spec: &ChartSpec, table: &Table) -> Option<Json> {
    let y = spec.y.first()?;
    let value = table.value(0, table.column_index(&y.column)?);
    let text = format::cell(&value, &y.unit, 40);
    Some(json!({
        "graphic": [{ "type": "text", "left": "center", "top": "middle", "style": { "text": text, "fontSize": 48 } }]
    }))
}

fn dataset(table: &Table) -> Json {
    let names: Vec<&str> = (0..table.num_columns()).map(|column| table.column_name(column)).collect();
    let rows: Vec<Vec<Json>> = table.rows().take(TABLE_ROWS).map(|row| row.into_iter().map(data::json).collect()).collect();
    json!({ "dataset": { "dimensions": names, "source": rows } })
}
