//! What the words of a question say about the chart: a kind it names, a purpose, and where it speaks of a column.

use rust_stemmers::{Algorithm, Stemmer};

use super::spec::{Arrangement, ChartKind};
use crate::catalog::split_words;

/// A question, in words.
pub(super) struct Words {
    tokens: Vec<String>,
    stems: Vec<String>,
    stemmer: Stemmer,
}

/// A stretch of the question that speaks of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mention {
    /// First word.
    pub start: usize,
    /// How much of the column's name is there, 0–1.
    pub coverage: f64,
}

const CHARTISH: &[&str] = &["chart", "charts", "graph", "graphs", "plot", "plots", "diagram", "diagrams"];

impl Words {
    pub(super) fn of(question: Option<&str>) -> Self {
        let stemmer = Stemmer::create(Algorithm::English);
        let tokens = question.map(split_words).unwrap_or_default();
        let stems = tokens.iter().map(|token| stemmer.stem(token).into_owned()).collect();
        Self { tokens, stems, stemmer }
    }

    fn token(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", String::as_str)
    }

    fn before(&self, at: usize, distance: usize) -> &str {
        at.checked_sub(distance).map_or("", |at| self.token(at))
    }

    /// The chart the question names: "as a pie chart", "stacked bars". "Order lines" and "pies sold" are not charts.
    pub(super) fn chart(&self) -> Option<(ChartKind, Option<Arrangement>)> {
        (0..self.tokens.len()).find_map(|at| self.chart_at(at))
    }

    fn chart_at(&self, at: usize) -> Option<(ChartKind, Option<Arrangement>)> {
        let followed = CHARTISH.contains(&self.token(at + 1));
        let previous = self.before(at, 1);
        // "a pie of …", "as bars", "in a pie": a form of showing rather than a thing.
        let shown = match previous {
            "as" => true,
            "a" | "an" | "apie" => matches!(self.token(at + 1), "" | "to" | "on" | "of" | "for" | "showing" | "that" | "please"),
            "stacked" | "stack" | "grouped" => true,
            _ => false,
        };
        let arrangement = match (previous, self.before(at, 2)) {
            ("stacked" | "stack", _) | (_, "stacked") => Some(Arrangement::Stacked),
            ("grouped" | "clustered", _) => Some(Arrangement::Grouped),
            _ => None,
        };
        let kind = match self.token(at) {
            "pie" | "pies" | "donut" | "doughnut" if followed || shown => ChartKind::Pie,
            "apie" => ChartKind::Pie,
            "histogram" | "histograms" => ChartKind::Bar,
            "bar" | "bars" if previous == "horizontal" => ChartKind::HorizontalBar,
            "bar" | "bars" | "column" | "columns" if followed || shown => ChartKind::Bar,
            "line" | "lines" if followed || shown || previous == "trend" => ChartKind::Line,
            "trendline" => ChartKind::Line,
            "area" if followed => ChartKind::Area,
            "scatter" | "scatterplot" | "scatterplots" | "scattergram" => ChartKind::Scatter,
            "bubble" if followed => ChartKind::Scatter,
            "heatmap" => ChartKind::Heatmap,
            "heat" if self.token(at + 1) == "map" => ChartKind::Heatmap,
            "sparkline" | "sparklines" => ChartKind::Sparkline,
            "table" if shown || (previous == "a" && matches!(self.before(at, 2), "as" | "in")) => ChartKind::Table,
            _ => return None,
        };
        Some((kind, arrangement))
    }

    fn any(&self, wanted: &[&str], names: &[&str]) -> bool {
        // Words that are part of a column's name say nothing about a purpose: "percent" of `win_percent`.
        self.tokens.iter().any(|token| {
            wanted.contains(&token.as_str()) && !names.iter().any(|name| split_words(name).iter().any(|word| word == token))
        })
    }

    fn phrase(&self, phrase: &[&str]) -> bool {
        self.tokens.windows(phrase.len()).any(|window| window.iter().zip(phrase).all(|(token, wanted)| token == wanted))
    }

    /// Whether a development in time is asked for.
    pub(super) fn wants_trend(&self, names: &[&str]) -> bool {
        self.any(
            &[
                "trend",
                "trends",
                "trending",
                "tendency",
                "evolution",
                "evolve",
                "evolved",
                "development",
                "developed",
                "timeline",
                "trajectory",
                "growth",
            ],
            names,
        ) || self.phrase(&["over", "time"])
            || self.phrase(&["over", "the", "years"])
            || (self.any(&["change", "changes", "changed", "changing"], names) && self.tokens.iter().any(|token| token == "over"))
    }

    /// Whether parts of a whole are asked for. A column called "share" holds them, so names are no exception here.
    pub(super) fn wants_share(&self) -> bool {
        self.any(
            &["proportion", "proportions", "share", "shares", "percentage", "percentages", "composition", "makeup", "fraction"],
            &[],
        ) || self.phrase(&["make", "up"])
            || self.phrase(&["percent", "of"])
    }

    /// Whether it is asked how two measures go together.
    pub(super) fn wants_relation(&self) -> bool {
        self.any(
            &[
                "relationship",
                "relationships",
                "relation",
                "correlation",
                "correlations",
                "correlate",
                "correlates",
                "correlated",
            ],
            &[],
        )
    }

    /// Whether an order of the rows is asked for.
    pub(super) fn wants_order(&self) -> bool {
        self.any(
            &[
                "order",
                "ordered",
                "sort",
                "sorted",
                "rank",
                "ranked",
                "ascending",
                "descending",
                "asc",
                "desc",
                "highest",
                "lowest",
                "top",
                "bottom",
                "most",
                "least",
            ],
            &[],
        )
    }

    /// Where the words that introduce a relationship end: "the correlation between …".
    fn relation_anchor(&self) -> usize {
        (0..self.tokens.len())
            .filter(|at| {
                matches!(self.token(*at), "relationship" | "relationships" | "correlation" | "correlations" | "relation")
                    || (matches!(self.token(*at), "scatter" | "scatterplot") && matches!(self.token(at + 1), "of" | "plot"))
            })
            .max()
            .unwrap_or(0)
    }

    /// Where the question speaks of the column `name`, best and first stretch; from `from` on, if it does there.
    fn mentions(&self, name: &str) -> Vec<Mention> {
        let wanted = self.wanted_stems(name);
        if wanted.is_empty() || self.stems.is_empty() {
            return Vec::new();
        }
        let window = wanted.len() + 1;
        let mut found = Vec::new();
        for start in 0..self.stems.len() {
            if !wanted.iter().any(|options| options.contains(&self.stems[start])) {
                continue;
            }
            let stretch = &self.stems[start..self.stems.len().min(start + window)];
            let hits = wanted.iter().filter(|options| stretch.iter().any(|stem| options.contains(stem))).count();
            found.push(Mention { start, coverage: hits as f64 / wanted.len() as f64 });
        }
        let best = found.iter().map(|mention| mention.coverage).fold(0.0, f64::max);
        found.retain(|mention| mention.coverage >= best);
        found
    }

    /// For each word of a name, the stems that may stand for it in a question.
    fn wanted_stems(&self, name: &str) -> Vec<Vec<String>> {
        let words = split_words(name);
        let stem = |word: &str| self.stemmer.stem(word).into_owned();
        let is_alias =
            |word: &String| word.len() == 1 || (word.starts_with('t') && word[1..].bytes().all(|b| b.is_ascii_digit()));
        let options: Vec<Vec<String>> = words
            .iter()
            .filter(|word| !is_alias(word) && word.parse::<u32>().is_err())
            .map(|word| match word.as_str() {
                "count" | "cnt" | "num" => ["number", "count", "many", "amount"].iter().map(|word| stem(word)).collect(),
                "sum" => ["total", "sum"].iter().map(|word| stem(word)).collect(),
                "avg" | "mean" => ["average", "mean", "avg"].iter().map(|word| stem(word)).collect(),
                "min" => ["minimum", "minimal", "lowest", "smallest", "least", "min"].iter().map(|word| stem(word)).collect(),
                "max" => ["maximum", "maximal", "highest", "largest", "greatest", "max"].iter().map(|word| stem(word)).collect(),
                word => vec![stem(word)],
            })
            .collect();
        options
    }

    /// Which of two measures belongs on the x axis: the one the question puts there, else the one it names first.
    pub(super) fn x_of_pair(&self, first: &str, second: &str) -> Option<bool> {
        let (a, b) = (self.mentions(first), self.mentions(second));
        if let Some(at) = self.axis_word("x") {
            let distance = |mentions: &[Mention]| mentions.iter().map(|mention| mention.start.abs_diff(at)).min();
            if let (Some(a), Some(b)) = (distance(&a), distance(&b))
                && a != b
            {
                return Some(a < b);
            }
        }
        let anchor = self.relation_anchor();
        let position = |mentions: &[Mention]| {
            mentions.iter().find(|mention| mention.start >= anchor).or(mentions.last()).map(|mention| mention.start)
        };
        match (position(&a), position(&b)) {
            (Some(a), Some(b)) if a != b => Some(a < b),
            // The only one that is named is likelier what is explained, so it comes second in "X against Y"; without more to go
            // on, it is put first, where reading starts.
            (Some(_), None) => Some(true),
            (None, Some(_)) => Some(false),
            _ => None,
        }
    }

    /// Position of "x axis" where it says what the axis is, not how it is sorted.
    fn axis_word(&self, axis: &str) -> Option<usize> {
        (0..self.tokens.len()).find(|&at| {
            self.token(at) == axis
                && self.token(at + 1) == "axis"
                && (self.token(at + 2) == "is"
                    || matches!(self.before(at, 3), "is" | "are")
                    || self.before(at, 2) == "on"
                    || at < 4)
        })
    }

    /// How strongly the question makes `name` the thing that splits (positive) or the axis (negative).
    pub(super) fn splits_by(&self, name: &str) -> f64 {
        let mentions = self.mentions(name);
        let Some(best) = mentions.first().map(|mention| mention.coverage) else { return 0.0 };
        let mut score: f64 = 0.0;
        for mention in &mentions {
            let near = (1..=4).map(|distance| self.before(mention.start, distance)).collect::<Vec<_>>();
            let has = |word: &str| near.contains(&word);
            let x_axis = (0..near.len().saturating_sub(1)).any(|at| near[at] == "axis" && near[at + 1] == "x");
            let this: f64 = if has("x") && (x_axis || has("axis")) {
                -3.0
            } else if has("by")
                && (has("group") || has("grouped") || has("grouping") || has("split") || has("colored") || has("stacked"))
                || has("groups") && !has("by")
            {
                3.0
            } else if near[0] == "by" || near.get(1) == Some(&"by") {
                1.5
            } else if has("over") || has("bin") || has("distribution") || has("vs") {
                -1.5
            } else if has("each") || has("based") {
                0.5
            } else {
                0.0
            };
            if this.abs() > score.abs() {
                score = this;
            }
        }
        score * best
    }

    /// First word that speaks of `name`.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.mentions(name).first().map(|mention| mention.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(question: &str) -> Option<ChartKind> {
        Words::of(Some(question)).chart().map(|(kind, _)| kind)
    }

    #[test]
    fn charts_are_told_from_things() {
        assert_eq!(chart("sales by region as a pie chart"), Some(ChartKind::Pie));
        assert_eq!(chart("show revenue as bars"), Some(ChartKind::Bar));
        assert_eq!(chart("stacked bar of orders by month"), Some(ChartKind::Bar));
        assert_eq!(chart("draw a line graph of visits"), Some(ChartKind::Line));
        assert_eq!(chart("how many pies were sold per bar"), None);
        assert_eq!(chart("order lines by product line"), None);
        assert_eq!(chart("which table has the most columns"), None);
    }

    #[test]
    fn purposes_are_not_read_from_column_names() {
        let words = Words::of(Some("the growth of each plant"));
        assert!(words.wants_trend(&["plant"]) && !words.wants_trend(&["growth_cm"]));
        assert!(Words::of(Some("change of salary over hire date")).wants_trend(&[]));
        assert!(!Words::of(Some("salary of each employee")).wants_trend(&[]));
    }

    #[test]
    fn the_first_measure_named_is_the_x_axis() {
        let words = Words::of(Some("For those whose salary is above 10, the relationship between age and salary"));
        assert_eq!(words.x_of_pair("salary", "age"), Some(false));
        let words = Words::of(Some("plot total capacity and number of dorms where the x-axis is number of dorms"));
        assert_eq!(words.x_of_pair("count(*)", "sum(capacity)"), Some(true));
    }
}
