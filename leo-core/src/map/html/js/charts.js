// Small pictures of what is in a column, each with its text.

/** A column of few values shows them; of more, what is most frequent says little. */
const FEW = 12;
/** Values that are drawn of it. */
const DRAWN = 5;

/** A bar that is filled to `part`. What it shows stands next to it as text. */
function bar(part, tone) {
  const width = part > 0 ? Math.max(part * 100, 2) : 0;
  return svg(
    `svg.bar.${tone}`,
    { viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect.bar-back", { width: 100, height: 6 }),
    svg("rect.bar-fill", { width: width.toFixed(2), height: 6 }),
  );
}

/** What is in a column, as far as it may be shown. `isKey` is for columns whose numbers are names. */
function columnChart(column, rows, isKey, timeAxis) {
  if (isProtected(column)) return hiddenValues(column.personal);
  const known = column.statistics;
  if (!known) return null;
  if (rows > 0 && known.null_share >= 1) return el("span.dim", "always empty");
  const isFew = (known.top?.length ?? 0) > 0 && known.distinct <= FEW && !isKey && !known.is_unique;
  if (isFew) return valueBars(column, rows);
  if (isTime(column)) return timeRange(column, timeAxis);
  // What is not finite is `null` in JSON.
  if (!isKey && known.quantiles?.every(Number.isFinite) && known.min != null && known.max != null) return spread(column);
  return textFacts(column, rows, isKey);
}

/** Whether it is sure enough that the column holds personal data to hide what is in it. */
function isProtected(column) {
  return Boolean(column.personal) && column.personal.tier !== "low";
}

function isTime(column) {
  return column.data_type === "date" || column.data_type === "timestamp" || Boolean(column.time_encoding);
}

function hiddenValues(personal) {
  return el(
    "div",
    badge("values hidden", "warn"),
    " ",
    el("span.dim", { dir: "auto" }, `personal data: ${kindOf(personal)}${personal.reason ? `; ${personal.reason}` : ""}`),
  );
}

function kindOf(personal) {
  return personal.kind.replaceAll("_", " ");
}

function valueBars(column, rows) {
  const { top, distinct } = column.statistics;
  const total = rows > 0 ? rows : top.reduce((sum, [, times]) => sum + times, 0);
  const most = top[0][1] / total;
  const items = top
    .slice(0, DRAWN)
    .map(([value, times]) => [
      said("span.value", shortened(valueText(value, column), 60)),
      bar(most > 0 ? times / total / most : 0, "value"),
      el("span.share", share(times / total)),
    ]);
  const more = distinct - items.length;
  return el("div", list("values", items), more > 0 ? el("span.dim", `and ${count(more, "other value")}`) : null);
}

/** Where most numbers lie: a box from quarter to quarter, a line to the outer twentieths, a tick in the middle. */
function spread(column) {
  const { min, max, mean, quantiles } = column.statistics;
  const [p5, p25, p50, p75, p95] = quantiles;
  // Some numbers far away would leave a box too narrow to see; beyond half a box more, the line is broken.
  const reach = (p95 - p5) / 2;
  const low = Math.max(Number(min), p5 - reach);
  const high = Math.min(Number(max), p95 + reach);
  const place = (value) => (high > low ? 4 + ((value - low) / (high - low)) * 172 : 90).toFixed(1);
  const line = (name, from, to) => svg(`line.${name}`, { x1: place(from), x2: place(to), y1: 9, y2: 9 });
  const tick = (name, at, size) => svg(`line.${name}`, { x1: place(at), x2: place(at), y1: 9 - size, y2: 9 + size });
  const label = `From ${figure(Number(min))} to ${figure(Number(max))}, median ${figure(p50)}, middle half from ${figure(p25)} to ${figure(p75)}`;
  const picture = svg(
    "svg.spread",
    { viewBox: "0 0 180 18", role: "img", "aria-label": label },
    svg("title", label),
    line("far", low, high),
    line("whisker", p5, p95),
    tick("whisker", p5, 3),
    tick("whisker", p95, 3),
    svg("rect.box", { x: place(p25), y: 4, width: Math.max(place(p75) - place(p25), 1).toFixed(1), height: 10 }),
    tick("median", p50, 6),
  );
  const text = `${figure(Number(min))} to ${figure(Number(max))}, median ${figure(p50)}${mean == null ? "" : `, mean ${figure(mean)}`}`;
  return el("div", picture, el("div.dim", text));
}

/** First and last day of all columns of time in a table, to draw them on one axis. */
function timeAxisOf(table) {
  const times = table.columns
    .filter((column) => isTime(column) && !isProtected(column) && column.statistics?.min != null && column.statistics.max != null)
    .flatMap(({ statistics, time_encoding }) =>
      [statistics.min, statistics.max].map((value) => Date.parse(pointInTime(value, time_encoding))),
    )
    .filter((at) => !Number.isNaN(at));
  return times.length > 2 ? [Math.min(...times), Math.max(...times)] : undefined;
}

function timeRange(column, axis) {
  const { min, max } = column.statistics;
  if (min == null || max == null) return null;
  const [first, last] = [min, max].map((value) => pointInTime(value, column.time_encoding));
  const [from, to] = [Date.parse(first), Date.parse(last)];
  const text = said("div", `${first} to ${last}${spanText(from, to)}`);
  if (!axis || Number.isNaN(from) || Number.isNaN(to) || axis[0] === axis[1]) return text;
  const place = (at) => ((at - axis[0]) / (axis[1] - axis[0])) * 172 + 4;
  return el(
    "div",
    svg(
      "svg.spread",
      { viewBox: "0 0 180 10", "aria-hidden": "true" },
      svg("line.far", { x1: 4, x2: 176, y1: 5, y2: 5 }),
      svg("rect.box", { x: place(from).toFixed(1), y: 2, width: Math.max(place(to) - place(from), 2).toFixed(1), height: 6 }),
    ),
    text,
  );
}

function spanText(from, to) {
  const days = Math.round((to - from) / 86_400_000);
  if (!(days > 0)) return "";
  if (days < 60) return ` (${count(days, "day")})`;
  return days < 730 ? ` (${count(Math.round(days / 30.44), "month")})` : ` (${count(Math.round(days / 365.25), "year")})`;
}

/** What can be said of texts and keys in words. */
function textFacts(column, rows, isKey) {
  const { is_unique: isUnique, length, patterns, min, max, top, distinct } = column.statistics;
  const facts = [];
  if (isUnique) facts.push("each value once");
  const isNumber = typeof min === "number" && typeof max === "number";
  if (isNumber) facts.push(`${valueText(min, column, isKey)} to ${valueText(max, column, isKey)}`);
  if (length)
    facts.push(
      length[0] === length[2] ? count(length[0], "character") : `${figure(length[0])} to ${count(length[2], "character")}`,
    );
  // A shape that nearly all texts have says what they are: codes, numbers, addresses.
  const [shape, part] = patterns?.[0] ?? [];
  const shaped = part >= 0.8 && distinct > 1 && /9|[^a ]/.test(shape) ? el("span", "shape ", el("code.shape", shape)) : null;
  const frequent = !isUnique && !isKey && rows > 0 ? (top ?? []).slice(0, 3).filter(([, times]) => times / rows >= 0.01) : [];
  const examples = frequent.flatMap(([value, times], at) => [
    at ? ", " : "most frequent: ",
    said("bdi.value", shortened(valueText(value, column), 30)),
    ` ${share(times / rows)}`,
  ]);
  return el(
    "div.dim",
    facts.join(", "),
    facts.length && shaped ? ", " : "",
    shaped,
    examples.length ? el("div", examples) : null,
  );
}

/** Scores over time, with the last one marked. */
function sparkline(points) {
  const [width, height] = [220, 44];
  const first = millis(points[0].at);
  const span = millis(points.at(-1).at) - first;
  const x = (point, at) =>
    5 + (span > 0 ? (millis(point.at) - first) / span : at / Math.max(points.length - 1, 1)) * (width - 10);
  const y = (point) => height - 5 - (point.score / 100) * (height - 10);
  const places = points.map((point, at) => `${x(point, at).toFixed(1)},${y(point).toFixed(1)}`);
  const scores = points.map((point) => point.score);
  const label =
    `Quality score from ${points[0].score} on ${day(points[0].at)} to ${points.at(-1).score} on ${day(points.at(-1).at)}, ` +
    `lowest ${Math.min(...scores)}, highest ${Math.max(...scores)}`;
  const [endX, endY] = places.at(-1).split(",");
  return el(
    "figure",
    svg(
      "svg.spark",
      { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
      svg("title", label),
      svg("line.far", { x1: 5, x2: width - 5, y1: 5, y2: 5 }),
      svg("line.far", { x1: 5, x2: width - 5, y1: height - 5, y2: height - 5 }),
      svg("polyline.spark-line", { points: places.join(" ") }),
      svg("circle.spark-end", { cx: endX, cy: endY, r: 3 }),
    ),
    el(
      "figcaption.dim",
      `Score at ${count(points.length, "look")}: ${points[0].score} on ${day(points[0].at)}, ` +
        `${points.at(-1).score} on ${day(points.at(-1).at)}`,
    ),
  );
}
