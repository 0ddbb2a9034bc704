/* Shows the section that somebody writes in as it looks on the page, while they type. Without this
   script a button opens the same in a tab of its own. */

const editing = document.getElementById("edition-editor");
const panel = editing.querySelector("[data-panel]");
const frame = panel.querySelector("iframe");
const state = panel.querySelector("[data-shown-state]");
const beside = matchMedia("(min-width: 1500px)");
const PAUSE = 300; // How long somebody stops typing before the preview follows.
const opened = new Map();
let leaving = false;
let shown = null; // The field whose section the panel shows.
let turn = 0;

const areas = [...editing.querySelectorAll("textarea[data-own]")];
const isChanged = (area) => area.value !== opened.get(area);

/* The panel stands beside the paragraphs, or on a narrow screen below the one that is written in. */
function place(area) {
  const home = beside.matches ? editing : area.closest("article");
  if (panel.parentElement !== home) home.append(panel);
  panel.hidden = false;
}

/* A policy allows no style in the page: the sheet is made by this script, in the frame itself. */
function fill(text, node) {
  const [style, rules] = text.match(/<style>([^]*?)<\/style>/);
  const page = new DOMParser().parseFromString(text.replace(style, ""), "text/html");
  const inside = frame.contentDocument;
  const sheet = new frame.contentWindow.CSSStyleSheet();
  sheet.replaceSync(rules);
  inside.adoptedStyleSheets = [sheet];
  inside.documentElement.lang = page.documentElement.lang;
  inside.title = page.title;
  inside.body.className = page.body.className;
  const { scrollTop } = inside.documentElement;
  inside.body.replaceChildren(...inside.importNode(page.body, true).childNodes);
  // A link would lead out of the preview.
  for (const link of inside.querySelectorAll("a[href]")) link.removeAttribute("href");
  const here = inside.getElementById(node);
  if (!here) return;
  here.classList.add("here");
  const { top, bottom } = here.getBoundingClientRect();
  const isSeen = top >= 0 && bottom <= frame.clientHeight;
  inside.documentElement.scrollTop = isSeen ? scrollTop : scrollTop + top - 40;
}

/* A frame that is moved begins anew. */
const ready = () =>
  new Promise((done) => {
    if (frame.contentDocument?.readyState === "complete" && frame.contentDocument.title) done();
    else frame.addEventListener("load", done, { once: true });
  });

async function show(area) {
  turn += 1;
  const mine = turn;
  place(area);
  shown = area;
  const fields = { node: area.dataset.node, own: area.value };
  const headers = { "X-CSRFToken": area.form.elements.csrfmiddlewaretoken.value };
  const body = new URLSearchParams(fields);
  const answer = await fetch(editing.dataset.preview, { method: "POST", body, headers }).catch(() => null);
  const isPage = answer?.headers.get("content-type")?.startsWith("text/html");
  const text = answer?.ok && isPage && !answer.redirected ? await answer.text() : "";
  if (mine !== turn) return;
  state.textContent = text ? "" : editing.dataset.sayLost;
  if (!text) return;
  await ready();
  if (mine === turn) fill(text, area.dataset.node);
}

for (const area of areas) {
  opened.set(area, area.defaultValue);
  let pause;
  const unsaved = area.parentElement.querySelector("[data-unsaved]");
  const look = () => { unsaved.hidden = !isChanged(area); };
  look();
  area.addEventListener("input", () => {
    look();
    clearTimeout(pause);
    pause = setTimeout(() => show(area), PAUSE);
  });
  area.addEventListener("focus", () => beside.matches && shown !== area && show(area));
  area.form.querySelector("[data-show]").addEventListener("click", (event) => {
    event.preventDefault();
    show(area);
  });
}

beside.addEventListener("change", () => shown && show(shown));
addEventListener("submit", () => { leaving = true; });
addEventListener("beforeunload", (event) => {
  if (leaving || document.body.dataset.leaving || !areas.some(isChanged)) return;
  event.preventDefault();
});

/* A link may name something within a paragraph, or what was built under a longer name. */
function find() {
  let name = decodeURIComponent(location.hash.slice(1));
  while (name && !document.getElementById(name)) name = name.replace(/[-~]?[^-~]*$/, "");
  const found = document.getElementById(name);
  if (found?.matches("article")) found.focus();
}
find();
addEventListener("hashchange", find);
