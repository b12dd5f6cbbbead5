// The page before a table is chosen.

const WORST = 10;

function makeHeader() {
  const isOld = MAP.is_stale || Date.now() - millis(MAP.learned) > 72 * 3_600_000;
  const facts = [
    DIALECTS[MAP.dialect] ?? MAP.dialect,
    count(MAP.tables.length, "table"),
    count(MAP.relationships, "join"),
    MAP.quality === undefined ? null : `quality ${MAP.quality} of 100`,
    ["last looked at ", el("time", { datetime: MAP.learned }, moment(MAP.learned))],
  ].filter(Boolean);
  filled(document.getElementById("leo-header"), [
    el("h1.source", el("a", { href: "#overview" }, el("bdi", MAP.source), spoken(" data map"))),
    el(
      "ul.summary",
      facts.map((fact) => el("li", fact)),
    ),
    isOld ? el("p.notice", "Not looked at for more than 72 hours: what is shown here may be out of date.") : null,
  ]);
}

function overviewPage() {
  return el(
    "article",
    el("h2.title", { tabindex: "-1", id: "leo-title" }, "Overview"),
    MAP.tables.length ? null : el("p", "There are no tables here that you may see. Once there are some, make this page again."),
    rolesLine(),
    startersSection(),
    questionsSection(),
    worstSection(),
    metricsSection(),
    glossarySection(),
    MAP.tables.length ? section("How tables are joined", wholeGraph()) : null,
  );
}

/** How many tables play which part; a click shows them in the list. */
function rolesLine() {
  const counts = new Map();
  for (const { summary } of ENTRIES) if (summary.role) counts.set(summary.role, (counts.get(summary.role) ?? 0) + 1);
  if (counts.size < 2) return null;
  const buttons = Object.keys(ROLES)
    .filter((role) => counts.has(role))
    .map((role) => {
      const text = [`${roleName(role)} `, el("b", WHOLE.format(counts.get(role)))];
      return button("", text, () => chooseRole(role), { title: ROLES[role][1] });
    });
  return el("div.jumps", { role: "group", "aria-label": "Tables by role" }, buttons);
}

function startersSection() {
  const starters = [...STARTERS].filter(([key]) => BY_KEY.has(key));
  if (!starters.length) return null;
  const item = ([key, { table, reason }]) => {
    const { summary } = BY_KEY.get(key);
    const about = [
      summary.role && roleName(summary.role),
      summary.rows !== undefined && count(summary.rows, "row"),
      count(summary.columns, "column"),
    ];
    return [
      el("div", tableLink(table)),
      el("div.dim.small", about.filter(Boolean).join(" \u00b7 ")),
      summary.description ? said("div", summary.description) : null,
      said("div.dim", reason),
    ];
  };
  return section("Start here", list("starters", starters.map(item)));
}

function questionsSection() {
  if (!MAP.questions?.length) return null;
  return section(
    "Questions to ask",
    list(
      "questions.columns",
      MAP.questions.map((question) => said("span", question)),
    ),
  );
}

function worstSection() {
  const isBad = ({ summary }) => summary.failing > 0 || summary.freshness?.is_late;
  const bad = ENTRIES.filter(isBad).sort((a, b) => (a.summary.quality ?? 101) - (b.summary.quality ?? 101) || byName(a, b));
  if (!bad.length) return MAP.quality === undefined ? null : section("Quality", el("p", "No check fails."));
  const rows = bad
    .slice(0, WORST)
    .map(({ summary, detail }) => [
      tableLink(summary.name),
      summary.quality === undefined
        ? dash()
        : [el("span.share", String(summary.quality)), " ", bar(summary.quality / 100, "value")],
      WHOLE.format(summary.failing),
      [
        summary.freshness?.is_late ? [badge("late", "bad"), " "] : null,
        prose(detail?.table.quality?.checks.find((check) => !check.passed)?.message ?? ""),
      ],
    ]);
  const rest = bad.length - rows.length;
  return section(
    "Worst quality",
    grid(
      "Tables with the worst quality",
      [["Table"], ["Score", "leo-narrow"], ["Failing", "leo-number"], ["First finding", "leo-wide"]],
      rows,
    ),
    rest > 0 ? el("p.dim", `${count(rest, "more table")} with findings: sort the list by worst quality.`) : null,
  );
}

function metricsSection() {
  if (!MAP.metrics?.length) return null;
  const rows = MAP.metrics.map(({ name, synonyms, table, formula, description }) => [
    [said("span.metric", name), synonyms?.length ? said("div.dim", `also: ${synonyms.join(", ")}`) : null],
    tableLink(table),
    formula ? el("code.formula", { translate: "no" }, formula) : dash(),
    description ? said("span", description) : "",
  ]);
  return section("Metrics", grid("Metrics", [["Metric"], ["Table", "leo-middle"], ["Formula"], ["Meaning", "leo-wide"]], rows));
}

function glossarySection() {
  if (!MAP.glossary?.length) return null;
  const terms = MAP.glossary.map(({ term, means, synonyms }) => [
    said("dt", term),
    el("dd", { dir: "auto" }, means, synonyms?.length ? el("span.dim", ` (also: ${synonyms.join(", ")})`) : null),
  ]);
  return section("Glossary", el("dl.facts", terms));
}
