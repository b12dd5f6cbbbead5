"use strict";
// Texts as people read them: numbers, shares, times, names.

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const CENTS = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const SMALL = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const EXACT = new Intl.NumberFormat("en", { maximumFractionDigits: 15 });
const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

const DIALECTS = {
  sqlite: "SQLite",
  postgres: "PostgreSQL",
  mysql: "MySQL",
  tsql: "SQL Server",
  bigquery: "BigQuery",
  datafusion: "DataFusion",
};
const ROLES = {
  entity: ["Entity", "Things that data is kept on: customers, products, places"],
  transaction: ["Transaction", "What was done, one act or one line of it per row: orders, payments, bookings"],
  event_stream: ["Event stream", "What was observed, appended and never changed: logs, clicks, readings"],
  state_tracking: ["State tracking", "How something stood at a time or for a time: histories, balances, snapshots"],
  reference: ["Reference", "Lists that others refer to and settings: types, codes, regions"],
  bridge: ["Bridge", "Links between the rows of other tables"],
};
const KINDS = { table: "Table", view: "View", materialized_view: "Materialized view" };

// What cannot be seen or turns around what can: controls, zero-width blanks, marks of direction, fillers, tags. The two joiners stay:
// they shape the letters of some scripts and do nothing else.
const HIDDEN = new RegExp(
  "[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e" +
    "\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffc\\ufffe\\uffff\\u{e0000}-\\u{e007f}]",
  "gu",
);

/** The text with what cannot be seen in it shown as a replacement character. */
function visible(text) {
  return text.replace(/\r\n?/g, "\n").replace(HIDDEN, "\ufffd");
}

/** Lower case without accents: `Größe` is found by `grosse`. */
function fold(text) {
  return /^[\0-\x7f]*$/.test(text) ? text.toLowerCase() : Array.from(text, foldCharacter).join("");
}

function foldCharacter(character) {
  return character.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace("\u00df", "ss");
}

/** A number that was computed: as many digits as tell something. */
function figure(value) {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 1000) return WHOLE.format(value);
  return (size >= 1 ? CENTS : SMALL).format(value);
}

function count(value, one, many = `${one}s`) {
  return `${WHOLE.format(value)} ${value === 1 ? one : many}`;
}

/** A share as a percentage that never says all or nothing of what is almost so. */
function share(part) {
  if (part > 0 && part < 0.01) return "<1%";
  if (part < 1 && part > 0.99) return ">99%";
  return `${Math.round(part * 100)}%`;
}

function bytes(size) {
  const units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
  let unit = 0;
  for (; size >= 1000 && unit < units.length - 1; unit += 1) size /= 1000;
  return `${size >= 100 ? WHOLE.format(size) : CENTS.format(Number(size.toPrecision(3)))} ${units[unit]}`;
}

/** Hours as hours where they are few, else as days. */
function duration(hours) {
  return hours < 48 ? count(hours, "hour") : count(Math.floor(hours / 24), "day");
}

/** Milliseconds of a point in time, of whose second not every browser takes nine decimals. */
function millis(text) {
  return Date.parse(text.replace(/(\.\d{3})\d+/, "$1"));
}

function moment(text) {
  const at = millis(text);
  return Number.isNaN(at) ? text : `${MOMENT.format(at)} UTC`;
}

function day(text) {
  const at = millis(text);
  return Number.isNaN(at) ? text : DAY.format(at);
}

/** The day of a value of a time column, as text that sorts; `encoding` says how the column stores it. */
function pointInTime(value, encoding) {
  const text = String(value);
  const ofMillis = (at) => (Math.abs(at) < 8.64e15 ? new Date(at).toISOString().split("T")[0] : text);
  if (encoding === "unix_seconds") return ofMillis(Number(value) * 1000);
  if (encoding === "unix_millis") return ofMillis(Number(value));
  if (encoding === "compact_date" && /^\d{8}$/.test(text)) return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
  return text.length > 10 && /^\d{4}-\d\d-\d\d/.test(text) ? text.slice(0, 10) : text;
}

/** A value of a row as text. Numbers of keys and of time are names and not amounts: they get no separators. */
function valueText(value, column, isKey) {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "object") return "bytes" in value ? `<${count(value.bytes.length / 2, "byte")}>` : JSON.stringify(value);
  const plain = isKey || Boolean(column?.time_encoding);
  if (typeof value === "number") {
    // Beyond this a browser that does not hand out the digits as written has rounded them.
    const about = Number.isInteger(value) && !Number.isSafeInteger(value) ? "\u2248 " : "";
    return about + (plain ? String(value) : EXACT.format(value));
  }
  const text = String(value);
  const isNumber = /^-?\d+(\.\d+)?$/.test(text) && (column?.data_type === "decimal" || column?.data_type === "integer");
  return isNumber && !plain ? text.replace(/^(-?\d+)/, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ",")) : text;
}

/** At most `limit` characters, never half of one. */
function shortened(text, limit) {
  const characters = Array.from(text);
  return characters.length > limit ? `${characters.slice(0, limit - 1).join("")}\u2026` : text;
}

/** The same without its middle: names that begin alike are told apart by their ends. */
function elided(text, limit) {
  const characters = Array.from(text);
  const half = Math.floor((limit - 1) / 2);
  return characters.length > limit ? `${characters.slice(0, half).join("")}\u2026${characters.slice(-half).join("")}` : text;
}

function roleName(role) {
  return ROLES[role]?.[0] ?? sentence(role.replaceAll("_", " "));
}

function sentence(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
