// The list of tables on the left: search, filters, results.

/** Results that are put on the page at once; more come as they are scrolled to. */
const CHUNK = 40;

const ui = {};

function makeNavigation() {
  ui.search = el("input", {
    type: "search",
    id: "leo-search",
    class: "leo-search",
    placeholder: "Search tables and columns",
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": "leo-count",
    "aria-keyshortcuts": "/",
    dir: "auto",
    maxlength: "200",
  });
  ui.count = el("p.count", { id: "leo-count", role: "status", "aria-live": "polite" });
  ui.results = el("div.results", { id: "leo-results" });
  ui.browse = button(".browse", "Show the list", () => browse(ui.browse.getAttribute("aria-expanded") === "false"), {
    "aria-expanded": "false",
    "aria-controls": "leo-results",
  });
  const search = el(
    "div.search-box",
    el("label.spoken", { for: "leo-search" }, "Search tables and columns"),
    ui.search,
    el("kbd.key", { "aria-hidden": "true" }, "/"),
  );
  const nav = document.getElementById("leo-nav");
  nav.append(
    el("h2.spoken", "Tables"),
    el("div.tools", { role: "search" }, search, makeFilters(), el("div.count-line", ui.count, ui.browse)),
    ui.results,
  );
  ui.search.addEventListener("input", () => {
    wanted.query = ui.search.value;
    browse(true);
    showResults();
  });
}

/** On narrow screens the list is there when it is asked for. */
function browse(isOpen) {
  ui.browse.setAttribute("aria-expanded", String(isOpen));
  ui.browse.textContent = isOpen ? "Hide the list" : "Show the list";
  document.getElementById("leo-nav").classList.toggle("leo-open", isOpen);
}

/** Only what tells tables apart can be filtered by. */
function makeFilters() {
  const counts = new Map();
  const add = (what) => counts.set(what, (counts.get(what) ?? 0) + 1);
  for (const { summary } of ENTRIES) {
    if (summary.role) add(`role ${summary.role}`);
    for (const tag of summary.tags ?? []) add(`tag ${tag}`);
    if (summary.locked) add("locked");
    if (summary.personal) add("personal");
    if (summary.failing) add("failing");
  }
  const of = (kind) =>
    [...counts].filter(([what]) => what.startsWith(`${kind} `)).map(([what, number]) => [what.slice(kind.length + 1), number]);
  const roles = of("role").map(([role, number]) => [role, `${roleName(role)} (${WHOLE.format(number)})`]);
  const tags = of("tag")
    .sort(([a], [b]) => COLLATOR.compare(a, b))
    .map(([tag, number]) => [tag, `${shortened(tag, 40)} (${WHOLE.format(number)})`]);
  const check = (what, text) => (counts.has(what) ? makeCheckbox(what, `${text} (${WHOLE.format(counts.get(what))})`) : null);
  return el(
    "div.filters",
    { role: "group", "aria-label": "Filter and sort" },
    el(
      "div.selects",
      roles.length > 1 ? makeSelect("role", "Role", [["", "Any role"], ...roles]) : null,
      tags.length ? makeSelect("tag", "Tag", [["", "Any tag"], ...tags]) : null,
      makeSelect("sort", "Sort", [
        ["name", "By name"],
        ["rows", "Most rows"],
        ["quality", "Worst quality"],
        ["freshness", "Freshest"],
      ]),
    ),
    el("div.checks", check("locked", "Locked"), check("personal", "Personal data"), check("failing", "Failing checks")),
  );
}

function makeSelect(what, label, options) {
  const select = el(
    "select.select",
    { "aria-label": label, id: `leo-filter-${what}` },
    options.map(([value, text]) => el("option", { value }, text)),
  );
  // Values go through no text of an attribute: what cannot be seen in a tag is still part of it.
  select.addEventListener("change", () => {
    wanted[what] = options[select.selectedIndex][0];
    browse(true);
    showResults();
  });
  return select;
}

function makeCheckbox(what, text) {
  const box = el("input", { type: "checkbox", id: `leo-filter-${what}` });
  box.addEventListener("change", () => {
    wanted[what] = box.checked;
    browse(true);
    showResults();
  });
  return el("label.check", box, text);
}

/** Filters by a role, as if it had been chosen from the list. */
function chooseRole(role) {
  const select = document.getElementById("leo-filter-role");
  select.selectedIndex = [...select.options].findIndex((option) => option.value === role);
  select.dispatchEvent(new Event("change"));
  select.focus();
}

/** Shows what is wanted, from the top. */
function showResults() {
  const groups = found();
  const total = groups.reduce((sum, [, entries]) => sum + entries.length, 0);
  ui.waiting = groups.flatMap(([heading, entries]) =>
    entries.map((entry, at) => ({ entry, heading: at === 0 ? heading : undefined })),
  );
  ui.words = wordsOf(wanted.query);
  ui.count.textContent = countText(total);
  ui.results.replaceChildren();
  ui.results.scrollTop = 0;
  showMore();
}

function countText(total) {
  if (!ENTRIES.length) return "No tables";
  return total === ENTRIES.length ? count(total, "table") : `${WHOLE.format(total)} of ${count(ENTRIES.length, "table")}`;
}

/** Puts the next results on the page. Returns whether there were any. */
function showMore() {
  ui.more?.remove();
  const next = ui.waiting.splice(0, CHUNK);
  const parts = document.createDocumentFragment();
  let group = ui.results.lastElementChild;
  for (const { entry, heading } of next) {
    if (heading !== undefined) {
      if (heading) parts.append(el("h3.group", heading));
      group = parts.appendChild(el("ul.items"));
    }
    group.append(makeItem(entry));
  }
  ui.results.append(parts);
  ui.more = ui.waiting.length ? makeMore() : undefined;
  if (ui.more) ui.results.append(ui.more);
  else if (!ui.results.firstChild)
    ui.results.append(el("p.nothing", ENTRIES.length ? "No table matches." : "There are no tables to see."));
  return next.length > 0;
}

function makeMore() {
  const more = button(".more", `Show more (${WHOLE.format(ui.waiting.length)})`, () => {
    const before = items().length;
    showMore();
    items()[before]?.focus();
  });
  // Not while it has the focus, which would be lost with it.
  const isReached = (seen) => seen.some((entry) => entry.isIntersecting) && document.activeElement !== ui.more;
  ui.watcher ??= new IntersectionObserver((seen) => isReached(seen) && showMore());
  ui.watcher.disconnect();
  ui.watcher.observe(more);
  return more;
}

function makeItem(entry) {
  const { summary } = entry;
  const about = [summary.term, summary.description].filter(Boolean).join(" \u2013 ");
  const columns = ui.words.length ? columnsFound(entry) : [];
  // What was found has to be seen, if it takes more lines.
  const aboutKind = hasWord(about) ? "found" : "about";
  const link = el(
    "a.item",
    { href: hrefOf(entry.key), "aria-current": entry === ui.chosen ? "page" : undefined },
    el(
      "span.item-top",
      el("span.table-name", { dir: "auto" }, marked(entry.title, ui.words)),
      summary.rows === undefined ? null : el("span.item-rows", WHOLE.format(summary.rows), spoken(" rows")),
    ),
    about ? el(`span.item-${aboutKind}`, { dir: "auto" }, marked(shortened(about, 160), ui.words)) : null,
    columns.length ? el("span.item-columns", "Columns: ", columns) : null,
    makeFlags(summary),
  );
  return el("li", link);
}

/** What to know before opening it. */
function makeFlags(summary) {
  const flags = [
    // Without a search they stand under a heading that says so.
    summary.favourite && (ui.words.length > 0 || wanted.sort !== "name") && badge("favourite", "strong"),
    summary.locked && badge("locked"),
    summary.freshness?.is_late && badge("late", "warn"),
    summary.failing > 0 && badge(count(summary.failing, "failing check"), "bad"),
    summary.personal > 0 && badge("personal data"),
    ui.words.length > 0 &&
      (summary.tags ?? []).filter((tag) => hasWord(tag)).map((tag) => el("span.badge", { dir: "auto" }, marked(tag, ui.words))),
  ]
    .flat()
    .filter(Boolean);
  return flags.length
    ? el(
        "span.item-flags",
        flags.flatMap((flag) => [flag, " "]),
      )
    : null;
}

function hasWord(text) {
  const folded = fold(text ?? "");
  return ui.words.some((word) => folded.includes(word));
}

/** Up to three columns in whose names or terms a word was found, marked; else those of which something is said with it. */
function columnsFound({ detail }) {
  const all = detail?.table.columns ?? [];
  const called = all.filter(({ name, term }) => hasWord(name) || hasWord(term?.text));
  const columns = called.length
    ? called
    : all.filter(({ description, comment }) => hasWord(description?.text) || hasWord(comment));
  const shown = columns
    .slice(0, 3)
    .map(({ name, term }) => [
      el("bdi.column-name", marked(shortened(name, 60), ui.words)),
      !hasWord(name) && hasWord(term?.text) ? [" ", el("bdi", marked(shortened(term.text, 60), ui.words))] : null,
    ]);
  const more = columns.length > 3 ? ` and ${WHOLE.format(columns.length - 3)} more` : "";
  return [...shown.flatMap((name, at) => (at ? [", ", name] : [name])), more];
}

/** Says which table is open. */
function chooseItem(entry) {
  ui.chosen = entry;
  ui.results.querySelector("[aria-current]")?.removeAttribute("aria-current");
  items()
    .find((link) => entry && link.getAttribute("href") === hrefOf(entry.key))
    ?.setAttribute("aria-current", "page");
}

/** Moves among the results; past the last one come more, before the first one is the search. */
function moveInList(link, step) {
  const next = link ? items().indexOf(link) + step : 0;
  if (next < 0) return ui.search.focus();
  if (next >= items().length) showMore();
  return items()[Math.min(next, items().length - 1)]?.focus();
}

function items() {
  return [...ui.results.querySelectorAll(".leo-item")];
}
