// Elements. Texts become text nodes and nothing else, so that no data is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element of HTML, `tag.class.class`; the classes begin with `leo-` on the page. Attributes may be left out; strings are texts. */
function el(what, ...parts) {
  return made((tag) => document.createElement(tag), what, parts);
}

/** The same for SVG. */
function svg(what, ...parts) {
  return made((tag) => document.createElementNS(SVG, tag), what, parts);
}

function made(create, what, parts) {
  const [tag, ...classes] = what.split(".");
  const node = create(tag);
  if (classes.length) node.setAttribute("class", classes.map((name) => `leo-${name}`).join(" "));
  return filled(node, parts);
}

function filled(node, parts) {
  const attributes = parts[0]?.constructor === Object ? parts.shift() : {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false)
      node.setAttribute(name, value === true ? "" : visible(String(value)));
  }
  for (const part of parts.flat(3)) {
    if (part || part === 0) node.append(part instanceof Node ? part : visible(String(part)));
  }
  return node;
}

/** Text out of the data, which may be of any language. */
function said(what, text) {
  return el(what, { dir: "auto" }, text);
}

/** A sentence of Leo's own; what stands between backticks in it is a name. */
function prose(text) {
  const pieces = sentence(text).split(/`([^`]+)`/);
  return el(
    "span",
    { dir: "auto" },
    pieces.map((piece, at) => (at % 2 ? el("bdi.column-name", piece) : piece)),
  );
}

/** Words for those who do not see what stands next to them. */
function spoken(text) {
  return el("span.spoken", text);
}

function badge(text, tone, title) {
  return el(`span.badge${tone ? `.${tone}` : ""}`, { title }, text);
}

/** A part of the page under a heading that can be jumped to. */
function section(title, ...children) {
  return el("section.section", el("h3.heading", { tabindex: "-1" }, title), ...children);
}

function unfolding(title, ...children) {
  return el("details.details", el("summary", title), ...children);
}

/** What unfolds is made when it is first asked for: there may be much of it. */
function unfoldingLater(title, make) {
  const details = unfolding(title);
  details.addEventListener("toggle", () => details.append(make()), { once: true });
  return details;
}

function code(text, label) {
  return el("pre.code", { tabindex: "0", role: "region", "aria-label": label }, el("code", { translate: "no" }, text));
}

function list(className, items) {
  return el(
    `ul.${className}`,
    items.map((item) => el("li", item)),
  );
}

function button(what, text, act, attributes) {
  const node = el(`button.button${what}`, { type: "button", ...attributes }, text);
  node.addEventListener("click", act);
  return node;
}

/**
 * A table. `columns` are `[title, class]`, `rows` are arrays of what goes into the cells; the first cell names its row. Roles are
 * written out because on narrow screens rows are shown as blocks, which would take them away.
 */
function grid(label, columns, rows, className = "plain") {
  const headings = columns.map(([title, kind]) => el("th", { scope: "col", role: "columnheader", class: kind }, title));
  const cells = (row) =>
    row.map((cell, at) => {
      const [title, kind] = columns[at];
      const attributes = { class: kind, "data-label": title };
      return at === 0
        ? el("th", { ...attributes, scope: "row", role: "rowheader" }, cell)
        : el("td", { ...attributes, role: "cell" }, el("div", cell));
    });
  const body = rows.map((row) => el("tr", { role: "row" }, cells(row)));
  const table = el(
    `table.grid.${className}`,
    { role: "table", "aria-label": label },
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, headings)),
    el("tbody", { role: "rowgroup" }, body),
  );
  return el("div.scroll", { tabindex: "0", role: "region", "aria-label": label }, table);
}

/** `text` in pieces, with what `words` (folded) find in it marked. */
function marked(text, words) {
  const shown = visible(text);
  if (!words.length) return [shown];
  const [folded, places] = foldedWithPlaces(shown);
  const hits = new Uint8Array(shown.length + 1);
  for (const word of words) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
      hits.fill(1, places[at], places[at + word.length]);
    }
  }
  const pieces = [];
  for (let from = 0, to = 1; from < shown.length; from = to, to += 1) {
    while (to < shown.length && hits[to] === hits[from]) to += 1;
    const piece = shown.slice(from, to);
    pieces.push(hits[from] ? el("mark.mark", piece) : piece);
  }
  return pieces;
}

/** The folded text, and where in `text` each of its characters begins; folding may change how many there are. */
function foldedWithPlaces(text) {
  let folded = "";
  const places = [];
  let at = 0;
  for (const character of text) {
    const part = foldCharacter(character);
    for (let k = 0; k < part.length; k += 1) places.push(at);
    folded += part;
    at += character.length;
  }
  places.push(at);
  return [folded, places];
}
