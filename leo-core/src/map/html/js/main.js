// Which page is shown, keys, printing; and the start.

const main = document.getElementById("leo-main");
/** How far each page was scrolled, for the way back. */
const scrolled = new Map();
let shownHash;

function show() {
  if (shownHash !== undefined) scrolled.set(shownHash, window.scrollY);
  const isFirst = shownHash === undefined;
  shownHash = location.hash;
  const entry = location.hash.startsWith("#table=") ? entryOf(location.hash) : undefined;
  const isUnknown = !entry && location.hash.startsWith("#table=");
  main.replaceChildren(isUnknown ? unknownPage() : entry ? tablePage(entry) : overviewPage());
  document.title = visible(`${entry ? `${entry.title} \u2013 ` : ""}Data map of ${MAP.source}`);
  chooseItem(entry);
  // The address at the start is where the reader is already: the focus stays at the top of the page.
  if (isFirst) return;
  browse(false);
  document.getElementById("leo-title").focus({ preventScroll: true });
  arrive();
}

/** Back goes to where the reader was; a link goes to the beginning of the content. */
function arrive() {
  const before = isBack ? scrolled.get(location.hash) : undefined;
  isBack = true;
  if (before !== undefined) return window.scrollTo(0, before);
  return main.getBoundingClientRect().top < 0 || isNarrow() ? main.scrollIntoView() : undefined;
}

function isNarrow() {
  return window.matchMedia("(max-width: 820px)").matches;
}

function unknownPage() {
  const asked = decoded(location.hash.replace("#table=", ""));
  return el(
    "article",
    el("h2.title", { tabindex: "-1", id: "leo-title" }, "No such table"),
    el("p", "There is no table ", el("bdi.table-name", shortened(asked, 200)), " here, or you may not see it."),
    el("p", el("a", { href: "#overview" }, "To the overview")),
  );
}

let isBack = true;
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || event.defaultPrevented) return;
  isBack = false;
  // The table that is open already: its beginning is what is asked for.
  if (link.getAttribute("href") === location.hash) {
    isBack = true;
    browse(false);
    document.getElementById("leo-title").focus();
  }
});

document.getElementById("leo-skip").addEventListener("click", (event) => {
  // The address keeps naming the table.
  event.preventDefault();
  main.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target;
  const isTyping = target.matches("input:not([type=checkbox]), select, textarea");
  if (event.key === "/" && !isTyping) {
    event.preventDefault();
    ui.search.focus();
    ui.search.select();
  } else if (target === ui.search) {
    keyInSearch(event);
  } else if (target.matches(".leo-item")) {
    keyInList(event, target);
  }
});

function keyInSearch(event) {
  if (event.key === "Escape") clearSearch(event);
  else if (event.key === "ArrowDown") moveFrom(event, undefined, 0);
  else if (event.key === "Enter" && ui.words.length) items()[0]?.click();
}

function keyInList(event, link) {
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
  if (event.key === "Escape") clearSearch(event);
  else if (event.key in steps) moveFrom(event, link, steps[event.key]);
}

function moveFrom(event, link, step) {
  event.preventDefault();
  browse(true);
  moveInList(link, step);
}

function clearSearch(event) {
  event.preventDefault();
  ui.search.value = "";
  wanted.query = "";
  showResults();
  ui.search.focus();
}

// What is folded is not printed; on paper nobody can unfold it.
window.addEventListener("beforeprint", () => {
  for (const details of main.querySelectorAll("details:not([open])")) {
    details.classList.add("leo-unfolded");
    details.open = true;
  }
});
window.addEventListener("afterprint", () => {
  for (const details of main.querySelectorAll(".leo-unfolded")) {
    details.classList.remove("leo-unfolded");
    details.open = false;
  }
});

history.scrollRestoration = "manual";
makeHeader();
makeNavigation();
showResults();
show();
document.getElementById("leo-page").hidden = false;
window.addEventListener("hashchange", show);
setTimeout(index, 200);
