// What the page knows: the data, tables by their link, the index for searching, what is searched and filtered.

const DATA = readData();
const MAP = DATA.map;
const EDGES = DATA.graph?.edges ?? [];
const ENTRIES = makeEntries();
const BY_KEY = new Map(ENTRIES.map((entry) => [entry.key, entry]));
const STARTERS = new Map((MAP.starters ?? []).map((starter) => [keyOf(starter.table), starter]));
joinUp();

/** What the list shows. */
const wanted = { query: "", role: "", tag: "", locked: false, personal: false, failing: false, sort: "name" };

function readData() {
  const text = document.getElementById("leo-data").textContent;
  // Whole numbers that a double does not hold keep their digits as text. Looking at each value costs time, so only where there are any.
  const hasLong = /[:,[]-?\d{16,}[,\]}]/.test(text);
  const keepDigits = (_, value, context) =>
    typeof value === "number" && context?.source && /^-?\d{16,}$/.test(context.source) && !Number.isSafeInteger(value)
      ? context.source
      : value;
  return hasLong ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

/** The part of a link that names a table: what belongs to a name is encoded, so that the one dot left divides schema and name. */
function keyOf(name) {
  const part = (text) => encodeURIComponent(text).replaceAll(".", "%2E");
  return name.schema ? `${part(name.schema)}.${part(name.name)}` : part(name.name);
}

function titleOf(name) {
  return name.schema ? `${name.schema}.${name.name}` : name.name;
}

function hrefOf(key) {
  return `#table=${key}`;
}

function makeEntries() {
  const details = new Map((DATA.tables ?? []).map((detail) => [keyOf(detail.table.name), detail]));
  return MAP.tables.map((summary) => {
    const key = keyOf(summary.name);
    return { key, summary, title: titleOf(summary.name), detail: details.get(key), joins: [] };
  });
}

/** Each table gets to know its joins; one that joins a table with itself counts once. */
function joinUp() {
  for (const edge of EDGES) {
    edge.from = keyOf(edge.child);
    edge.to = keyOf(edge.parent);
    for (const key of new Set([edge.from, edge.to])) BY_KEY.get(key)?.joins.push(edge);
  }
  for (const edge of ENTRIES.flatMap((entry) => entry.detail?.relationships ?? [])) {
    edge.from = keyOf(edge.child);
    edge.to = keyOf(edge.parent);
  }
}

/** The table that the end of the address names; also of links that people wrote by hand. */
function entryOf(hash) {
  const key = hash.replace(/^#table=/, "");
  const known = BY_KEY.get(key);
  if (known) return known;
  const title = decoded(key).toLowerCase();
  return ENTRIES.find((entry) => entry.title.toLowerCase() === title);
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A link to a table, or its name where there is nothing to see of it. */
function tableLink(name, words = []) {
  const entry = BY_KEY.get(keyOf(name));
  const text = marked(titleOf(name), words);
  return entry ? el("a.table-name", { href: hrefOf(entry.key), dir: "auto" }, text) : said("span.table-name", titleOf(name));
}

/** Texts to search, best first: a word found in the name says more than one in the description of a column. */
function searchedTexts({ summary, title, detail }) {
  const columns = detail?.table.columns ?? [];
  const all = (texts) => texts.filter(Boolean).join("\n");
  return [
    title,
    summary.term,
    all([...(summary.tags ?? []), summary.owner]),
    all(columns.map((column) => column.name)),
    all(columns.map((column) => column.term?.text)),
    all([summary.description, detail?.note, detail?.table.comment]),
    all(columns.flatMap((column) => [column.description?.text, column.comment])),
  ].map((text) => fold(text ?? ""));
}

/** Computed once, when there is time after the first picture or when the first letter is typed. */
function index() {
  if (index.isDone) return;
  for (const entry of ENTRIES) {
    entry.texts = searchedTexts(entry);
    entry.name = fold(entry.summary.name.name);
    entry.all = entry.texts.join("\n");
  }
  index.isDone = true;
}

function wordsOf(query) {
  return fold(query).split(/\s+/).filter(Boolean);
}

/** How far `entry` is from what is searched, 0 being the name itself; none when a word is nowhere. */
function distance(entry, words) {
  let sum = 0;
  for (const word of words) {
    if (!entry.all.includes(word)) return undefined;
    sum += nameDistance(entry.name, word) ?? 3 + entry.texts.findIndex((text) => text.includes(word));
  }
  return sum;
}

function nameDistance(name, word) {
  if (name === word) return 0;
  if (name.startsWith(word)) return 1;
  return name.includes(word) ? 2 : undefined;
}

function passes({ summary }) {
  return (
    (!wanted.role || summary.role === wanted.role) &&
    (!wanted.tag || (summary.tags ?? []).includes(wanted.tag)) &&
    (!wanted.locked || summary.locked) &&
    (!wanted.personal || summary.personal > 0) &&
    (!wanted.failing || summary.failing > 0)
  );
}

const COLLATOR = new Intl.Collator("en", { numeric: true });
const byName = (a, b) => COLLATOR.compare(a.title, b.title);
/** Those of which nothing is known come last. */
const bySize = (value, sign) => (a, b) => {
  const [left, right] = [value(a), value(b)];
  if (left === undefined || right === undefined) return (left === undefined) - (right === undefined) || byName(a, b);
  return (left - right) * sign || byName(a, b);
};
const ORDERS = {
  name: byName,
  rows: bySize(({ summary }) => summary.rows, -1),
  quality: bySize(({ summary }) => summary.quality, 1),
  freshness: bySize(({ summary }) => summary.freshness?.hours, 1),
};

/** Tables that are wanted, as `[heading, entries]`. */
function found() {
  const words = wordsOf(wanted.query);
  const entries = ENTRIES.filter(passes);
  if (words.length) return [["", searched(entries, words)]];
  entries.sort(ORDERS[wanted.sort]);
  return wanted.sort === "name" ? grouped(entries) : [["", entries]];
}

function searched(entries, words) {
  index();
  const order = ORDERS[wanted.sort];
  const hits = entries.map((entry) => ({ entry, distance: distance(entry, words) })).filter((hit) => hit.distance !== undefined);
  hits.sort((a, b) => (wanted.sort === "name" ? a.distance - b.distance : 0) || order(a.entry, b.entry));
  return hits.map((hit) => hit.entry);
}

/** Favourites, then tables to begin with, then the rest. */
function grouped(entries) {
  const favourites = entries.filter((entry) => entry.summary.favourite);
  const starters = entries.filter((entry) => !entry.summary.favourite && STARTERS.has(entry.key));
  const rest = entries.filter((entry) => !entry.summary.favourite && !STARTERS.has(entry.key));
  const groups = [
    ["Favourites", favourites],
    ["Start here", starters],
    [favourites.length + starters.length ? "Other tables" : "", rest],
  ];
  return groups.filter(([, members]) => members.length);
}
