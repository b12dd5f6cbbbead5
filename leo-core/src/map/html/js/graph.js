// The join graph as a picture whose tables are links.

/** Above this many joined tables one picture shows nothing. */
const MOST_TABLES = 80;
/** Neighbours that are drawn around a table; the list next to the picture has them all. */
const MOST_NEIGHBOURS = 30;
const PAD = 16;

const ORIGINS = { declared: "declared", inferred: "inferred", host: "configured" };

function cardinalityText(edge) {
  return edge.cardinality === "one_to_one" ? "one to one" : "many to one";
}

function originText(edge) {
  return edge.origin === "inferred" ? `inferred, ${share(edge.confidence)} sure` : ORIGINS[edge.origin];
}

/** The whole graph, or why there is none. */
function wholeGraph() {
  const joined = ENTRIES.filter((entry) => entry.joins.length);
  if (!joined.length) return [el("p.dim", "No joins between tables are known.")];
  const alone = ENTRIES.filter((entry) => !entry.joins.length);
  const edges = EDGES.filter((edge) => BY_KEY.has(edge.from) && BY_KEY.has(edge.to));
  const picture = joined.length > MOST_TABLES ? tooMany(joined) : drawGraph(joined, edges, undefined, "Join graph of all tables");
  return [
    picture,
    alone.length && alone.length <= 200
      ? el(
          "p.dim.light",
          "Not joined with others: ",
          alone.flatMap((entry, at) => [at ? ", " : "", tableLink(entry.summary.name)]),
        )
      : null,
    alone.length > 200 ? el("p.dim", `${count(alone.length, "table")} are not joined with others.`) : null,
    unfoldingLater(`All joins as a table (${WHOLE.format(edges.length)})`, () => joinsTable(edges)),
  ];
}

function tooMany(joined) {
  const hubs = [...joined].sort((a, b) => b.joins.length - a.joins.length || byName(a, b)).slice(0, 12);
  return el(
    "div",
    el(
      "p",
      `${WHOLE.format(joined.length)} tables are joined, which is too many for one picture. Open a table to see the ones around it. Joined most:`,
    ),
    list(
      "columns",
      hubs.map((entry) => [tableLink(entry.summary.name), el("span.dim", ` ${count(entry.joins.length, "join")}`)]),
    ),
  );
}

/** A table and those it is joined with. */
function neighbourhood(entry) {
  const others = new Set();
  for (const edge of entry.joins) {
    for (const key of [edge.from, edge.to]) if (key !== entry.key && BY_KEY.has(key)) others.add(key);
  }
  if (!others.size) return null;
  const shown = [...others]
    .map((key) => BY_KEY.get(key))
    .sort((a, b) => b.joins.length - a.joins.length || byName(a, b))
    .slice(0, MOST_NEIGHBOURS);
  const near = [entry, ...shown].sort(byName);
  const keys = new Set(near.map((member) => member.key));
  // Joins among many neighbours would hide those of the table itself.
  const isShown = (edge) => keys.has(edge.from) && keys.has(edge.to) && (shown.length <= 12 || entry.joins.includes(edge));
  const edges = [...new Set(near.flatMap((member) => member.joins))].filter(isShown);
  const rest = others.size - shown.length;
  return el(
    "div",
    drawGraph(near, edges, entry, `Tables joined with ${entry.title}`),
    rest > 0 ? el("p.dim", `${count(rest, "more table")} in the list.`) : null,
  );
}

function drawGraph(entries, edges, centre, label) {
  const width = nodeWidthOf(entries);
  const plan = layoutGraph(
    entries.map((entry) => entry.key),
    edges,
    width,
  );
  const size = { width: plan.width + 2 * PAD, height: plan.height + 2 * PAD };
  const lines = plan.routes.map(({ edge, points }) => drawEdge(edge, points));
  const loops = edges.filter((edge) => edge.from === edge.to).map((edge) => drawLoop(edge, plan.nodes.get(edge.from), width));
  const drawn = [...lines, ...loops];
  const nodes = entries.map((entry) => drawNode(entry, plan.nodes.get(entry.key), width, entry === centre));
  const picture = svg(
    "svg.graph",
    {
      viewBox: `0 0 ${size.width.toFixed(0)} ${size.height.toFixed(0)}`,
      role: "group",
      "aria-label": `${label}; listed as a table below`,
    },
    svg(
      "g",
      { transform: `translate(${PAD} ${PAD})` },
      drawn.map(({ line }) => line),
      nodes.map(({ link }) => link),
      drawn.map(({ note }) => note),
    ),
  );
  nodes.forEach(({ entry, link }) =>
    highlight(
      picture,
      link,
      drawn.filter(({ edge }) => edge.from === entry.key || edge.to === entry.key),
      true,
    ),
  );
  drawn.forEach((one) => highlight(picture, one.line, [one]));
  return graphBox(picture, size, label);
}

function nodeWidthOf(entries) {
  const longest = Math.max(...entries.map((entry) => Math.max(widthOf(entry.title) * 8, widthOf(aboutNode(entry.summary)) * 6)));
  return Math.min(Math.max(longest + 20, 120), 300);
}

/** Characters of East Asia and pictures are twice as wide as letters. */
function widthOf(text) {
  return Array.from(text).reduce((sum, character) => sum + (character.codePointAt(0) > 0x2e7f ? 2 : 1), 0);
}

function aboutNode({ role, locked, rows }) {
  return [role && roleName(role), locked && "locked", rows !== undefined && count(rows, "row")].filter(Boolean).join(" \u00b7 ");
}

function drawNode(entry, { x, y }, width, isCentre) {
  const about = aboutNode(entry.summary);
  let limit = Math.floor((width - 14) / 8);
  while (limit > 5 && widthOf(elided(entry.title, limit)) * 8 > width - 14) limit -= 1;
  const shown = elided(entry.title, limit);
  const isWhole = shown === entry.title;
  const line = (what, down, text) => svg(what, { x: (x + width / 2).toFixed(1), y: (y + down).toFixed(1) }, text);
  const link = svg(
    `a.node${isCentre ? ".centre" : ""}`,
    {
      href: hrefOf(entry.key),
      "aria-current": isCentre ? "page" : undefined,
      // Who speaks to the page says what is seen, so the name begins with it.
      "aria-label": `${shown} ${about}, ${count(entry.joins.length, "join")}${isWhole ? "" : `, in full ${entry.title}`}`,
    },
    isWhole ? null : svg("title", entry.title),
    svg("rect", { x: x.toFixed(1), y: y.toFixed(1), width: width.toFixed(1), height: NODE.height, rx: 6 }),
    line("text.node-name", 18, shown),
    " ",
    line("text.node-about", 33, about),
  );
  return { entry, link };
}

/** A curve with a crow's foot where many rows may be and a bar where there is one. */
function drawEdge(edge, points) {
  const [start, end] = [points[0], points.at(-1)];
  const way = end.x > start.x ? 1 : -1;
  let path = `M${xy(start)}`;
  for (let at = 1; at < points.length; at += 1) {
    const [from, to] = [points[at - 1], points[at]];
    const middle = (from.x + to.x) / 2;
    path += `C${xy({ x: middle, y: from.y })} ${xy({ x: middle, y: to.y })} ${xy(to)}`;
  }
  const foot = `M${xy(start, 0, -5)}L${xy(start, 10 * way)}L${xy(start, 0, 5)}`;
  const one = (point, step) => `M${xy(point, step, -5)}L${xy(point, step, 5)}`;
  const marks = `${edge.cardinality === "one_to_one" ? one(start, 7 * way) : foot}${one(end, -7 * way)}`;
  const [a, b] = [points[Math.floor((points.length - 1) / 2)], points[Math.ceil((points.length - 1) / 2)]];
  const half =
    points.length === 2 ? { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 } : { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  return pieces(edge, path, marks, half);
}

/** A join of a table with itself. */
function drawLoop(edge, { x, y }, width) {
  const right = x + width;
  const path = `M${right - 44} ${y}C${right - 44} ${y - 14} ${right - 14} ${y - 14} ${right - 14} ${y}`;
  return pieces(edge, path, `M${right - 48} ${y}L${right - 43.5} ${y - 7}L${right - 39} ${y}`, { x: right - 30, y: y - 14 });
}

function pieces(edge, path, marks, half) {
  const [child, parent] = [edge.child_columns.join(", "), edge.parent_columns.join(", ")];
  const text = child === parent ? child : `${child} \u2192 ${parent}`;
  const line = svg(
    `g.edge.${edge.origin}`,
    { "aria-hidden": "true" },
    svg("title", `${titleOf(edge.child)} to ${titleOf(edge.parent)}: ${text} (${cardinalityText(edge)}, ${originText(edge)})`),
    svg("path.hit", { d: path }),
    svg("path.line", { d: path }),
    svg("path.foot", { d: marks }),
  );
  const note = svg("text.note", { x: half.x.toFixed(1), y: (half.y - 5).toFixed(1), "aria-hidden": "true" }, shortened(text, 44));
  return { edge, line, note };
}

function xy({ x, y }, dx = 0, dy = 0) {
  return `${(x + dx).toFixed(1)} ${(y + dy).toFixed(1)}`;
}

/** While `part` is pointed at or has the focus, its joins say which columns they join. */
function highlight(picture, part, drawn, isLink) {
  const show = (isOn) => {
    picture.classList.toggle("leo-some", isOn);
    for (const { line, note } of drawn) for (const piece of [line, note]) piece.classList.toggle("leo-on", isOn);
  };
  part.addEventListener("pointerenter", () => show(true));
  part.addEventListener("pointerleave", () => show(false));
  // Listening to the focus would make a line of SVG a stop of the Tab key.
  if (!isLink) return;
  part.addEventListener("focus", () => show(true));
  part.addEventListener("blur", () => show(false));
}

/** The picture in a box that scrolls, so that arrow keys and the focus move it, with buttons for those who use neither. */
function graphBox(picture, size, label) {
  const box = el(
    "div.graph-box",
    { tabindex: "0", role: "region", "aria-label": `${label}. Arrow keys move, plus and minus zoom, 0 fits.` },
    picture,
  );
  const tools = el("div.graph-tools", { role: "group", "aria-label": "Zoom and move" });
  let zoom = 1;
  const setZoom = (next) => {
    const middle = [(box.scrollLeft + box.clientWidth / 2) / zoom, (box.scrollTop + box.clientHeight / 2) / zoom];
    zoom = Math.min(Math.max(next, 0.2), 3);
    picture.setAttribute("width", (size.width * zoom).toFixed(0));
    picture.setAttribute("height", (size.height * zoom).toFixed(0));
    box.scrollTo(middle[0] * zoom - box.clientWidth / 2, middle[1] * zoom - box.clientHeight / 2);
    const isWhole = size.width * zoom <= box.clientWidth + 1 && size.height * zoom <= box.clientHeight + 1;
    tools.classList.toggle("leo-whole", isWhole);
  };
  const fit = () => setZoom(Math.min(1, (box.clientWidth - 2) / size.width, 640 / size.height));
  const keys = { "+": () => setZoom(zoom * 1.25), "=": () => setZoom(zoom * 1.25), "-": () => setZoom(zoom / 1.25), 0: fit };
  const tool = (text, name, act, what = "") => button(what, text, act, { "aria-label": name, title: name });
  const mover = (text, where, dx, dy) =>
    tool(text, `Move ${where}`, () => box.scrollBy(dx * box.clientWidth * 0.4, dy * box.clientHeight * 0.4), ".move");
  tools.append(
    tool("\u2212", "Zoom out", keys["-"]),
    tool("+", "Zoom in", keys["+"]),
    tool("Fit", "Fit the whole graph", fit),
    mover("\u2190", "left", -1, 0),
    mover("\u2191", "up", 0, -1),
    mover("\u2193", "down", 0, 1),
    mover("\u2192", "right", 1, 0),
  );
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  // How wide the box is can be told once it is on the page. Names stay readable: what does not fit is scrolled to.
  requestAnimationFrame(() => {
    setZoom(Math.max(0.65, Math.min(1, (box.clientWidth - 2) / size.width)));
    const centre = picture.querySelector(".leo-centre rect");
    box.scrollTo(
      centre ? centre.getAttribute("x") * zoom - box.clientWidth / 3 : 0,
      centre ? centre.getAttribute("y") * zoom - box.clientHeight / 2 : 0,
    );
  });
  return el(
    "figure.graph-figure",
    tools,
    box,
    el(
      "figcaption.dim",
      "A crow\u2019s foot marks the side with many rows, a bar the side with one; dashed lines are inferred. Point at or focus a table to see the columns.",
    ),
  );
}

/** Joins as rows: the same as the picture, for everybody. */
function joinsTable(edges, entry) {
  const rows = edges.map((edge) => [
    [end(edge.child, edge.child_columns, entry), " \u2192 ", end(edge.parent, edge.parent_columns, entry)],
    sentence(cardinalityText(edge)),
    sentence(originText(edge)),
  ]);
  return grid(entry ? `Joins of ${entry.title}` : "All joins", [["Join"], ["Rows"], ["Origin"]], rows);
}

function end(name, columns, entry) {
  const table = entry && keyOf(name) === entry.key ? said("bdi.table-name", titleOf(name)) : tableLink(name);
  return [table, " (", el("bdi.column-name", columns.join(", ")), ")"];
}
