// One table with everything that is known of it.

function tablePage(entry) {
  const { summary, detail } = entry;
  const parts = detail ? tableSections(entry) : [];
  return el(
    "article.table",
    el("p.crumb", el("a", { href: "#overview" }, "\u2190 Overview")),
    el(
      "h2.title",
      { tabindex: "-1", id: "leo-title" },
      el("span.table-name", { dir: "auto" }, entry.title),
      summary.term ? [" ", said("span.term", summary.term)] : null,
    ),
    el(
      "div.badges",
      tableBadges(entry)
        .filter(Boolean)
        .flatMap((one) => [one, " "]),
    ),
    summary.description ? said("p.description", summary.description) : null,
    facts(entry),
    detail ? jumps(parts) : el("p.dim", "Nothing more is known of this table."),
    parts.map((part) => part.node),
  );
}

function tableBadges({ summary, detail }) {
  const role = detail?.table.role;
  const isCounted = Boolean(detail?.table.statistics);
  return [
    summary.role && badge(roleName(summary.role), "strong", ROLES[summary.role]?.[1]),
    badge(KINDS[summary.kind] ?? summary.kind),
    summary.rows !== undefined &&
      badge(
        `${isCounted ? "" : "about "}${count(summary.rows, "row")}`,
        "",
        isCounted ? undefined : "The database\u2019s own estimate",
      ),
    badge(count(summary.columns, "column")),
    freshnessBadge(summary.freshness),
    summary.quality !== undefined && badge(`quality ${summary.quality} of 100`, summary.failing ? "warn" : "good"),
    summary.failing > 0 && badge(count(summary.failing, "failing check"), "bad"),
    summary.personal > 0 && badge(`personal data in ${count(summary.personal, "column")}`, "warn"),
    summary.locked && badge("locked: structure only", "warn", "Its rows are filtered or masked for you"),
    summary.favourite && badge("favourite", "strong"),
    role?.confirmed && badge(role.kind === "none" ? "no role, as somebody said" : "role confirmed"),
  ];
}

function freshnessBadge(freshness) {
  if (!freshness) return null;
  if (freshness.is_late) return badge("late", "bad");
  return freshness.within_hours === undefined ? null : badge("fresh", "good");
}

/** What people said, and what does not fit into a badge. */
function facts(entry) {
  const { summary, detail } = entry;
  const table = detail?.table;
  const isOther = (text) => text && text !== summary.description;
  const lines = [
    summary.locked && ["Access", "You see the structure of this table alone, because its rows are filtered or masked for you."],
    summary.owner && ["Owner", said("span", summary.owner)],
    summary.tags?.length && ["Tags", summary.tags.flatMap((tag) => [said("span.badge", tag), " "])],
    detail?.note && ["Note", said("span.note-text", detail.note)],
    summary.freshness && ["Newest row", freshnessText(summary.freshness)],
    table?.role && [
      "Role",
      [
        prose(table.role.reason),
        el("span.dim", table.role.confirmed ? " (confirmed)" : ` (${share(table.role.confidence)} sure)`),
      ],
    ],
    table?.primary_key.length && ["Primary key", el("bdi.column-name", table.primary_key.join(", "))],
    isOther(table?.comment) && ["Comment", said("span", table.comment)],
    table?.rows_of?.length && ["Rows of", table.rows_of.flatMap((name, at) => [at ? ", " : "", tableLink(name)])],
    table?.bytes !== undefined && ["Size", bytes(table.bytes)],
    table?.statistics?.sampled < 1 && ["Statistics", `from ${share(table.statistics.sampled)} of the rows`],
  ].filter(Boolean);
  if (!lines.length) return null;
  return el(
    "dl.facts",
    lines.map(([title, text]) => [el("dt", title), el("dd", text)]),
  );
}

function freshnessText({ column, latest, hours, within_hours: within, is_late: isLate }) {
  const agoOrAhead = hours < 0 ? ", which lies ahead" : `, ${duration(hours)} before this page was made`;
  // A day counts to its end, which lies ahead while it lasts.
  const age = hours === undefined ? "" : hours < 0 && hours >= -24 ? ", which is today" : agoOrAhead;
  const agreed = within === undefined ? "" : `; agreed: within ${duration(within)}`;
  return [el("bdi", latest), " in ", el("bdi.column-name", column), age, agreed, isLate ? [" ", badge("late", "bad")] : null];
}

/** The sections there is something to say in, as `{title, node}`. */
function tableSections(entry) {
  const { table, relationships, questions, sample, ddl } = entry.detail;
  const parts = [];
  const add = (title, short, ...children) => parts.push({ short, node: section(title, ...children) });
  add("Columns", `Columns ${WHOLE.format(table.columns.length)}`, columnsTable(entry));
  if (relationships.length) {
    add("Joins", `Joins ${WHOLE.format(relationships.length)}`, joinsTable(relationships, entry), neighbourhood(entry));
  }
  if (table.quality)
    add(
      "Quality",
      entry.summary.failing ? `Quality: ${WHOLE.format(entry.summary.failing)} failing` : "Quality",
      qualityParts(table.quality),
    );
  if (sample?.columns.length) add("Sample rows", "Sample rows", sampleTable(entry, sample));
  if (questions?.length)
    add(
      "Questions to ask",
      "Questions",
      list(
        "questions",
        questions.map((question) => said("span", question)),
      ),
    );
  const definition = table.definition
    ? unfolding("Definition of the view", code(table.definition, "Definition of the view"))
    : null;
  add("Definition", "DDL", definition, unfolding("DDL: the statement that would create it", code(ddl, "DDL")));
  return parts;
}

/** Buttons and not links, because the end of the address already names the table. */
function jumps(parts) {
  const buttons = parts.map(({ short, node }) => {
    const heading = node.querySelector(".leo-heading");
    return button("", short, () => {
      heading.scrollIntoView();
      heading.focus({ preventScroll: true });
    });
  });
  return el("div.jumps", { role: "group", "aria-label": "Parts of this page" }, buttons);
}

function columnsTable(entry) {
  const { table, relationships } = entry.detail;
  if (!table.columns.length) return el("p.dim", "This table has no columns that you may see.");
  const words = wordsOf(wanted.query);
  const rows = table.statistics?.rows ?? table.rows ?? 0;
  const axis = timeAxisOf(table);
  const keys = keyColumns(entry.key, table, relationships);
  const cells = table.columns.map((column) => {
    const known = column.statistics;
    return [
      columnName(column, words),
      typeCell(column),
      keyCell(column, entry, relationships),
      known ? [el("span.share", share(known.null_share)), known.null_share > 0 ? bar(known.null_share, "null") : null] : dash(),
      known ? WHOLE.format(known.distinct) : dash(),
      columnChart(column, rows, keys.has(column.name), axis) ?? dash(),
    ];
  });
  const headings = [
    ["Column"],
    ["Type", "leo-short"],
    ["Key", "leo-middle"],
    ["Null", "leo-narrow"],
    ["Distinct", "leo-number"],
    ["Values", "leo-wide"],
  ];
  return grid(`Columns of ${entry.title}`, headings, cells, "stacked");
}

function dash() {
  return el("span.dim", el("span", { "aria-hidden": "true" }, "\u2013"), spoken("not known"));
}

function columnName(column, words) {
  const about = column.description?.text;
  return [
    el("div.column-name", { dir: "auto" }, marked(column.name, words)),
    column.term ? el("div.term", { dir: "auto" }, marked(column.term.text, words)) : null,
    about ? el("div.dim", { dir: "auto" }, marked(about, words)) : null,
    column.comment && column.comment !== about ? el("div.dim", { dir: "auto" }, marked(column.comment, words)) : null,
    column.personal?.tier === "low"
      ? badge(`perhaps personal data: ${kindOf(column.personal)}`, "", column.personal.reason)
      : null,
  ];
}

function typeCell(column) {
  const { declared_type: declared, data_type: meaning, time_encoding: encoding } = column;
  // What a number or a text means beyond its type: some databases keep times and truth values in them.
  const isPlain =
    ["integer", "decimal", "float", "text", "other"].includes(meaning) || declared.toLowerCase().includes(meaning.slice(0, 4));
  const stored =
    encoding && encoding !== "native" && isPlain && !/^(date|time)/i.test(declared) ? encoding : isPlain ? "" : meaning;
  return [
    said("div.type", declared || meaning.replaceAll("_", " ")),
    declared && stored ? el("div.dim", stored.replaceAll("_", " ")) : null,
    column.nullable ? null : el("div.dim", "not null"),
    column.default !== undefined ? el("div.dim", "default ", said("bdi.column-name", shortened(column.default, 40))) : null,
  ];
}

/** Columns whose numbers are names: keys and what points at them. */
function keyColumns(key, table, relationships) {
  const joined = relationships.flatMap((edge) => [
    ...(keyOf(edge.child) === key ? edge.child_columns : []),
    ...(keyOf(edge.parent) === key ? edge.parent_columns : []),
  ]);
  const unique = table.columns
    .filter((column) => column.statistics?.is_unique && column.data_type === "integer")
    .map((column) => column.name);
  return new Set([...table.primary_key, ...table.foreign_keys.flatMap((foreign) => foreign.columns), ...joined, ...unique]);
}

function keyCell({ name }, entry, relationships) {
  const { table } = entry.detail;
  const points = relationships.filter((edge) => edge.from === entry.key && edge.child_columns.includes(name));
  const isUnique = table.unique_keys.some((key) => key.length === 1 && key[0] === name);
  const parts = [
    table.primary_key.includes(name) && badge("PK", "strong", "Primary key"),
    points.map((edge) =>
      el(
        "span.points",
        badge("FK", "", `Foreign key, ${originText(edge)}`),
        " \u2192 ",
        tableLink(edge.parent),
        edge.origin === "inferred" ? " (inferred)" : "",
      ),
    ),
    isUnique && badge("unique"),
    !table.primary_key.includes(name) && !isUnique && table.indexes.some((index) => index[0] === name) && badge("indexed"),
  ]
    .flat()
    .filter(Boolean);
  return parts.length ? parts.flatMap((part) => [part, " "]) : el("span.spoken.none", "none");
}

function qualityParts({ checks, history }) {
  const failing = checks.filter((check) => !check.passed);
  const passed = checks.filter((check) => check.passed);
  return [
    failing.length
      ? el(
          "ul.checks-list",
          failing.map((check) => el(`li.check-item.${check.severity}`, failedCheck(check))),
        )
      : null,
    checks.length ? null : el("p", "There was nothing to check."),
    passed.length
      ? unfolding(
          `${failing.length ? "" : "All "}${count(passed.length, "check passed", "checks passed")}`,
          list(
            "passed",
            passed.map((check) => prose(check.message)),
          ),
        )
      : null,
    history?.length > 1 ? sparkline(history) : null,
  ];
}

function failedCheck({ severity, kind, message, offending, examined, sql }) {
  const tone = { error: "bad", warning: "warn", info: "" }[severity];
  const part = examined > 0 ? `, ${share(offending / examined)}` : "";
  return [
    el("div", badge(severity, tone), " ", badge(kind), " ", prose(message)),
    el("div.dim", `${WHOLE.format(offending)} of ${count(examined, "row")} looked at${part}`),
    sql ? unfolding("SQL that counts them", code(sql, "SQL of the check")) : null,
  ];
}

function sampleTable(entry, sample) {
  const { table, relationships } = entry.detail;
  const columns = sample.columns.map((name) => table.columns.find((column) => column.name === name));
  const keys = keyColumns(entry.key, table, relationships);
  const isNumber = (column) => ["integer", "decimal", "float"].includes(column?.data_type);
  const headings = sample.columns.map((name, at) =>
    el("th", { scope: "col", dir: "auto", class: isNumber(columns[at]) ? "leo-number" : undefined }, name),
  );
  const rows = sample.rows.map((row) =>
    el(
      "tr",
      row.map((value, at) => sampleCell(value, columns[at], keys.has(sample.columns[at]), isNumber(columns[at]))),
    ),
  );
  const label = `Sample rows of ${entry.title}`;
  return el(
    "div.scroll",
    { tabindex: "0", role: "region", "aria-label": label },
    el("table.grid.sample", { "aria-label": label }, el("thead", el("tr", headings)), el("tbody", rows)),
  );
}

function sampleCell(value, column, isKey, isNumber) {
  const text = valueText(value, column, isKey);
  const redacted = typeof value === "string" && /^\[REDACTED(?::([^\]]*))?\]$/.exec(value);
  const className = [isNumber ? "leo-number" : "", value === null ? "leo-dim" : "", text.length > 40 ? "leo-long" : ""]
    .filter(Boolean)
    .join(" ");
  const content = redacted ? badge(`hidden${redacted[1] ? `: ${redacted[1].replaceAll("_", " ")}` : ""}`) : shortened(text, 300);
  return el("td", { class: className || undefined, dir: "auto" }, content);
}
