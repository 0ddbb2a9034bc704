/* Help for who writes a status: drafts on the server, a warning before text is left, the report's
   look while typing, and paste from Word. Without this script the form works as any form. */

const editor = document.getElementById("editor");
const form = editor.closest("form");
const state = document.getElementById("draft-state");
const say = editor.dataset;

const EVERY = 20_000; // Milliseconds between two drafts, at most.
const PATIENCE = 8_000; // How long an answer may take.
const PAUSE = 600; // How long somebody stops typing before their text is shown.

/* What goes along with every draft, changed or not. */
const ALWAYS = ["tab", "writer", "taken_from", "read_version", "opened"];

const token = () => form.elements.csrfmiddlewaretoken;

function values() {
  const found = new Map();
  for (const element of form.elements) {
    if (!element.name || ["csrfmiddlewaretoken", ...ALWAYS].includes(element.name)) continue;
    if (["submit", "button", "hidden"].includes(element.type)) continue;
    if (!found.has(element.name)) found.set(element.name, []);
    const choices = element.selectedOptions ? [...element.selectedOptions] : [element];
    for (const each of choices) {
      if (["checkbox", "radio"].includes(each.type) && !each.checked) continue;
      found.get(element.name).push(each.value);
    }
  }
  return new Map([...found].map(([name, list]) => [name, list.length ? list : [""]]));
}

const same = (some, others) => JSON.stringify(some) === JSON.stringify(others);

function changedSince(before) {
  return [...values()].filter(([name, list]) => !same(before.get(name), list));
}

// What the form began with is stored nowhere yet, when it began with a draft or an earlier text.
const stored = "begun" in say ? new Map() : values();
let kept = "begun" in say ? "" : "[]"; // The last draft, as the server has it.
let leaving = false;
let pastes = 0;
let pasting = Promise.resolve();

const changes = () => changedSince(stored);
const isKept = () => JSON.stringify(changes()) === kept;
const isChanged = () => pastes > 0 || changes().length > 0;

/* What the line beside the buttons says; a screen reader hears it when it becomes something else. */
let said = "";
function tell(sentence, { link, moment } = {}) {
  const words = moment ? `${sentence} ${moment}.` : sentence;
  if (words === said) return;
  said = words;
  state.textContent = words;
  state.classList.toggle("nap-warning", Boolean(link) || sentence === say.sayLost);
  if (!link) return;
  const way = document.createElement("a");
  Object.assign(way, { href: link, target: "_blank", rel: "noopener", textContent: say.saySignin });
  state.append(" ", way);
}

/* Ask our own server. Answers {data} or {problem}: "lost", "out" or a sentence. */
async function ask(url, fields) {
  try {
    const answer = await fetch(url, {
      method: fields ? "POST" : "GET",
      body: fields && new URLSearchParams(fields),
      headers: { "X-CSRFToken": token().value, Accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const isOurs = (answer.headers.get("content-type") ?? "").includes("application/json");
    if (!isOurs) return { problem: answer.status >= 500 ? "lost" : "out" };
    const data = await answer.json();
    return answer.ok ? { data } : { problem: data.error ?? say.sayRefused };
  } catch {
    return { problem: "lost" };
  }
}

/* The mark of the form changes when somebody signs in again, in another tab. */
async function isSignedIn() {
  const { data, problem } = await ask(say.alive);
  if (!data) return problem;
  if (data.writer !== form.elements.writer.value) return say.sayOther;
  token().value = data.token;
  return "";
}

/* Ask, and once more with a fresh mark when the first was refused. */
async function post(url, fields) {
  const first = await ask(url, fields);
  if (first.problem !== "out") return first;
  const problem = await isSignedIn();
  if (problem) return { problem };
  const second = await ask(url, fields);
  return second.problem === "out" ? { problem: say.sayOvertaken } : second;
}

let turn = 0;
function draftOf(changes) {
  const fields = ALWAYS.filter((name) => form.elements[name]).map((name) => [
    name,
    form.elements[name].value,
  ]);
  turn += 1;
  fields.push(["turn", turn]);
  for (const [name, list] of changes) for (const value of list) fields.push([name, value]);
  return fields;
}

let keeping = Promise.resolve();
function keep() {
  keeping = keeping.then(keepNow);
  return keeping;
}

async function keepNow() {
  if (leaving || isKept()) return;
  // All that differs, so that it does not matter what became of an earlier draft of this tab.
  // Nothing that differs is no draft: without fields it is thrown away.
  const differing = changes();
  const { data, problem } = await post(say.draft, draftOf(differing));
  if (data) {
    kept = JSON.stringify(differing);
    if (differing.length) tell(say.sayKept, { moment: data.saved });
    else tell(say.sayStored);
  } else explain(problem);
}

function explain(problem) {
  if (problem === "lost") tell(say.sayLost);
  else if (problem === "out") tell(say.sayOut, { link: say.login });
  else tell(problem);
}

/* When the page goes away there is no waiting for an answer. */
function keepInPassing() {
  if (leaving || isKept()) return;
  const body = new URLSearchParams(draftOf(changes()));
  body.append("csrfmiddlewaretoken", token().value);
  // It is only queued: whether it arrives nobody tells, so it does not count as kept.
  navigator.sendBeacon(say.draft, body);
}

let waiting = 0;
function soon(milliseconds) {
  const due = Date.now() + milliseconds;
  if (waiting && waiting <= due) return;
  waiting = due;
  setTimeout(() => {
    if (waiting !== due) return;
    waiting = 0;
    keep().finally(() => isKept() || soon(EVERY / 2));
  }, milliseconds);
}

form.addEventListener("input", () => {
  if (!isKept() && !state.classList.contains("nap-warning")) tell(say.sayChanged);
  soon(EVERY / 2);
});
form.addEventListener("change", () => soon(EVERY / 2));
document.addEventListener("visibilitychange", () => document.hidden && keep());
addEventListener("pagehide", keepInPassing);
addEventListener("online", () => keep());
addEventListener("focus", () => state.classList.contains("nap-warning") && keep());
addEventListener("beforeunload", (event) => {
  if (leaving || document.body.dataset.leaving || !isChanged()) return;
  keepInPassing();
  event.preventDefault();
});

/* Before the form is sent: is somebody still signed in, and is there a server? */
let sending = false;
form.addEventListener("submit", async (event) => {
  if (leaving) return;
  event.preventDefault();
  if (sending) return; // The second half of a double click.
  sending = true;
  tell(say.saySending);
  await pasting;
  // Should the server die while it saves, there is the draft; one that is saved is thrown away.
  await keep();
  const problem = await isSignedIn();
  sending = false;
  if (problem) {
    explain(problem);
    state.scrollIntoView({ block: "nearest" });
    return;
  }
  leaving = true;
  form.requestSubmit(event.submitter);
  // Who stops the page from loading goes on here.
  setTimeout(() => { leaving = false; }, 2 * EVERY);
});
/* Somebody came back to a page whose text was saved: it shows what was, so show what is. */
addEventListener("pageshow", (event) => {
  if (event.persisted && leaving) location.reload();
});
addEventListener("offline", () => {
  leaving = false;
  tell(say.sayLost);
});

if ("begun" in say) {
  tell(say.sayChanged);
  soon(1_000);
}

/* How the text will look, and what it refers to. */
async function assist(area) {
  const fields = [["field", area.name], ["text", area.value]];
  const { data } = await post(say.assist, fields);
  if (!data || fields[1][1] !== area.value) return;
  const notes = editor.querySelector(`[data-assist-for="${area.name}"]`);
  if (notes.innerHTML !== data.notes) notes.innerHTML = data.notes;
  const place = editor.querySelector(`[data-preview-for="${area.name}"]`);
  if (!place) return;
  place.parentElement.hidden = !area.value.trim();
  const root = place.shadowRoot ?? place.attachShadow({ mode: "open" });
  if (!root.firstChild) {
    const style = document.createElement("link");
    Object.assign(style, { rel: "stylesheet", href: say.style });
    root.append(style, document.createElement("div"));
  }
  root.lastChild.innerHTML = data.preview;
  for (const link of root.querySelectorAll('a:not([href^="#"])')) {
    Object.assign(link, { target: "_blank", rel: "noopener" });
  }
}

function count(area) {
  const line = editor.querySelector(`[data-count-for="${area.id}"]`);
  if (!line) return;
  line.hidden = false;
  const length = [...area.value].length;
  line.firstElementChild.textContent = length.toLocaleString(document.documentElement.lang);
  line.classList.toggle("nap-warning", length > 20_000);
}

for (const area of editor.querySelectorAll("textarea")) {
  if (!editor.querySelector(`[data-assist-for="${area.name}"]`)) continue;
  let pause;
  const look = () => {
    clearTimeout(pause);
    count(area);
    pause = setTimeout(() => assist(area), PAUSE);
  };
  area.addEventListener("input", look);
  count(area);
  if (area.value.trim()) assist(area);
}

/* Words at the place of the cursor, so that they can be undone as if they were typed. */
function type(area, words) {
  area.focus();
  if (document.execCommand("insertText", false, words)) return;
  area.setRangeText(words, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function typeAtEnd(area, words) {
  const { selectionStart, selectionEnd } = area;
  area.setSelectionRange(area.value.length, area.value.length);
  type(area, words);
  area.setSelectionRange(selectionStart, selectionEnd);
}

/* Enter in a line of a list begins the next one; in a line without words it ends the list. */
const MARK = /^([ \t]*)(?:([-*+])|(\d{1,8})([.)]))[ \t]+(?!(?:[-*+]|\d{1,8}[.)])(?:\s|$))/;

// "26. oktober" at the start of a line is a date, unless the line before it has a number too.
const isInList = (before, number) => number === "1" || MARK.test(before.split("\n").at(-2) ?? "");

function continueList(area) {
  const { selectionStart, selectionEnd, value } = area;
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const [mark, indent, sign, number, end] = value.slice(start, selectionStart).match(MARK) ?? [];
  if (!mark || selectionStart !== selectionEnd) return false;
  if (number && !isInList(value.slice(0, start), number)) return false;
  const [words] = value.slice(start + mark.length).split("\n", 1);
  if (words.trim()) {
    type(area, `\n${indent}${sign ?? Number(number) + 1 + end} `);
  } else {
    // A line without anything: what is typed after it is no part of the list any more.
    area.setSelectionRange(start, start + mark.length + words.length);
    type(area, "\n");
  }
  return true;
}

const blankLine = (before) => (!before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n");

const inserts = {
  note(area) {
    const taken = new Set([...area.value.matchAll(/\[\^([^\]\s]+)\]/g)].map((match) => match[1]));
    let number = 1;
    while (taken.has(String(number))) number += 1;
    area.setSelectionRange(area.selectionEnd, area.selectionEnd);
    type(area, `[^${number}]`);
    const words = `${blankLine(area.value)}[^${number}]: `;
    typeAtEnd(area, words + say.sayNote);
    area.setSelectionRange(area.value.length - say.sayNote.length, area.value.length);
  },
  table(area, { cell }) {
    const row = `| ${cell} | ${cell} |\n`;
    const before = area.value.slice(0, area.selectionStart);
    type(area, `${blankLine(before)}${row}| --- | --- |\n${row}${row}\n`);
  },
};

for (const button of editor.querySelectorAll("[data-insert]")) {
  const area = document.getElementById(button.closest("markdown-toolbar").getAttribute("for"));
  const act = (event) => {
    event.preventDefault();
    inserts[button.dataset.insert](area, button.dataset);
  };
  button.addEventListener("click", act);
  button.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") act(event);
  });
}

/* Paste: what has a layout is turned into ours by the server; what is plain stays plain. */
const LAYOUT = /<(b|strong|i|em|ul|ol|li|table|a|h[1-6])\b|mso-list|font-weight|font-style/i;

async function paste(area, html, plain) {
  const { selectionStart, selectionEnd, value } = area;
  tell(say.sayPasting);
  const { data } = await post(say.paste, [["html", html], ["existing", value]]);
  if (area.value === value) area.setSelectionRange(selectionStart, selectionEnd);
  if (!data || !(data.words || data.notes)) {
    type(area, plain);
    tell(say.sayPlain);
  } else {
    const before = area.value.slice(0, area.selectionStart);
    const isBlock = data.words.includes("\n");
    type(area, (isBlock ? blankLine(before) : "") + data.words);
    const { selectionEnd: end } = area;
    if (isBlock && area.value.slice(end).trim()) type(area, blankLine(area.value.slice(0, end)));
    if (data.notes) typeAtEnd(area, blankLine(area.value) + data.notes);
    tell(say.sayChanged);
  }
  soon(1_000);
}

for (const area of editor.querySelectorAll("textarea")) {
  if (!editor.querySelector(`[data-preview-for="${area.name}"]`)) continue;
  area.addEventListener("paste", (event) => {
    const html = event.clipboardData.getData("text/html");
    if (!LAYOUT.test(html)) return;
    event.preventDefault();
    const plain = event.clipboardData.getData("text/plain");
    pastes += 1;
    const done = () => { pastes -= 1; };
    pasting = pasting.then(() => paste(area, html, plain)).then(done, done);
  });
}

for (const area of editor.querySelectorAll("textarea")) {
  if (!editor.querySelector(`[data-preview-for="${area.name}"]`)) continue;
  area.addEventListener("keydown", (event) => {
    const isPlain = !(event.shiftKey || event.ctrlKey || event.altKey || event.metaKey);
    // Enter also ends a character that is typed in several keys; 229 is how Safari says that.
    const isTyping = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || !isPlain || isTyping) return;
    if (continueList(area)) event.preventDefault();
  });
}

/* A question that only follows from another answer. */
for (const part of editor.querySelectorAll("[data-only-when]")) {
  const [name, wanted] = part.dataset.onlyWhen.split("=");
  const show = () => {
    const [given] = values().get(name) ?? [""];
    const typed = [...part.querySelectorAll("textarea, input")].some((each) => each.value);
    part.hidden = given !== wanted && !typed;
  };
  form.addEventListener("change", show);
  show();
}
