// Choosing an intent: by number, by its own key, or by typing a part of its name.
import { announce } from "../toast.js";

const MOST_KEYS = 9;
const MOST_FOUND = 12;
const GUIDELINE_OPEN = "review-guideline";
const words = JSON.parse(document.getElementById("review-words").textContent);
const intents = words.intents.map(searchable);
const byId = new Map(intents.map((each) => [String(each.id), each]));
let made = null; // the id of the intent that the last answer made

const list = () => document.getElementById("choices");
const search = () => document.getElementById("intent-search");
const options = () => document.getElementById("intent-options");
const recentName = () => `review-places-${document.getElementById("review-card").dataset.user}-${document.querySelector("#answer input[name=bot]")?.value ?? ""}`;
// Places, so that an intent keeps its number from turn to turn: [{id, at}], the oldest makes room.
const recent = () => JSON.parse(localStorage.getItem(recentName()) ?? "[]");

export const types = words.types;

function searchable(intent) {
  return { ...intent, searched: `${intent.name} ${intent.title}`.toLowerCase().replaceAll("_", " ") };
}

// The server says so, in the answer to the form that made it.
document.addEventListener("intentMade", (event) => {
  const { id, name, title, key } = event.detail;
  made = String(id);
  if (byId.has(made)) return;
  const intent = searchable({ id, name, title, key });
  intents.push(intent);
  byId.set(made, intent);
});

export function setUp(card) {
  for (const { id } of recent()) {
    if (list().children.length >= MOST_KEYS) break;
    if (byId.has(id) && !radioOf(`i:${id}`)) add(`i:${id}`, byId.get(id).name);
  }
  const guideline = card.querySelector("#guideline");
  guideline.open = localStorage.getItem(GUIDELINE_OPEN) === "yes";
  guideline.addEventListener("toggle", () => {
    localStorage.setItem(GUIDELINE_OPEN, guideline.open ? "yes" : "");
    showGuideline();
  });
  card.querySelector(".review-choices").addEventListener("change", showGuideline);
  const field = search();
  field.addEventListener("input", find);
  field.addEventListener("focus", find);
  field.addEventListener("keydown", steer);
  field.addEventListener("blur", () => setTimeout(close, 150));
  // Before the field loses the focus.
  options().addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    event.preventDefault();
    pick(option);
  });
}

const radioOf = (value) => [...document.querySelectorAll("#answer input[name=choice]")].find((radio) => radio.value === value);

function add(value, name) {
  const item = document.createElement("li");
  const label = document.createElement("label");
  label.className = "choice";
  const radio = document.createElement("input");
  radio.type = "radio";
  radio.name = "choice";
  radio.value = value;
  radio.dataset.name = name;
  if (value.startsWith("i:")) radio.dataset.intent = value.slice(2);
  const kbd = document.createElement("kbd");
  const number = list().children.length + 1;
  const hasKey = number <= MOST_KEYS && !list().hasAttribute("data-keyless");
  if (hasKey) {
    radio.dataset.key = String(number);
    radio.dataset.keyLabel = `Choose intent ${number}`;
    kbd.textContent = String(number);
  }
  const text = document.createElement("span");
  text.className = "choice-name";
  const isolated = document.createElement("bdi");
  isolated.textContent = name;
  text.append(isolated);
  label.append(radio, ...(hasKey ? [kbd] : []), text);
  item.append(label);
  list().append(item);
  return radio;
}

export function choose(value, name) {
  if (!value) return;
  const radio = radioOf(value) ?? (value.startsWith("v:") ? null : add(value, name));
  if (!radio) return;
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
}

export function remember(form) {
  const id = form.querySelector("input[name=choice]:checked")?.dataset.intent || made;
  made = null;
  if (!id) return;
  const places = recent();
  const place = places.find((each) => each.id === id);
  if (place) place.at = Date.now();
  else if (places.length < MOST_KEYS) places.push({ id, at: Date.now() });
  else places.reduce((oldest, each) => (each.at < oldest.at ? each : oldest)).id = id;
  localStorage.setItem(recentName(), JSON.stringify(places));
}

function showGuideline() {
  const guideline = document.getElementById("guideline");
  const id = document.querySelector("#answer input[name=choice]:checked")?.dataset.intent;
  if (!guideline?.open || !id || guideline.dataset.shown === id) return;
  guideline.dataset.shown = id;
  const url = guideline.dataset.url.replace("/0/", `/${id}/`);
  window.htmx.ajax("GET", url, { target: "#guideline-text", swap: "innerHTML" });
}

// ── typing a name ────────────────────────────────────────────────────────────────────

function rank(intent, typed) {
  const place = intent.searched.indexOf(typed);
  if (place < 0) return typed.split(/\s+/).every((word) => intent.searched.includes(word)) ? 3 : null;
  if (place === 0) return 0;
  return /\s/.test(intent.searched[place - 1]) ? 1 : 2;
}

function find() {
  const typed = search().value.trim();
  const wanted = typed.toLowerCase().replaceAll("_", " ");
  const found = intents
    .map((intent) => ({ intent, rank: wanted ? rank(intent, wanted) : 0 }))
    .filter((each) => each.rank !== null)
    .sort((one, other) => one.rank - other.rank)
    .slice(0, MOST_FOUND);
  const rows = found.map(({ intent }) => option(`i:${intent.id}`, intent.name, intent.title));
  const isKnown = intents.some((intent) => intent.name.toLowerCase() === typed.toLowerCase());
  if (typed && !isKnown && search().hasAttribute("data-may-create")) rows.push(option(`n:${typed}`, typed, "", `Create “${typed}”`));
  if (!rows.length) rows.push(nothing(typed));
  options().replaceChildren(...rows);
  options().hidden = false;
  search().setAttribute("aria-expanded", "true");
  mark(typed ? options().querySelector("[role=option]") : null);
}

function option(value, name, title, words) {
  const row = document.createElement("li");
  row.role = "option";
  row.id = `option-${value.replace(/\W/g, "-")}`;
  row.dataset.value = value;
  row.dataset.name = name;
  const isolated = document.createElement("bdi");
  isolated.textContent = words ?? name;
  row.append(isolated);
  if (title) {
    const beside = document.createElement("span");
    beside.className = "muted";
    beside.textContent = title;
    row.append(" ", beside);
  }
  row.setAttribute("aria-selected", "false");
  return row;
}

function nothing(typed) {
  const row = document.createElement("li");
  row.className = "muted";
  row.role = "option";
  row.setAttribute("aria-disabled", "true");
  row.textContent = typed ? "No intent is called that. A reviewer can make one." : "There are no intents yet. Type a name.";
  return row;
}

function mark(row) {
  for (const each of options().querySelectorAll("[aria-selected=true]")) each.setAttribute("aria-selected", "false");
  row?.setAttribute("aria-selected", "true");
  row?.scrollIntoView({ block: "nearest" });
  if (row) search().setAttribute("aria-activedescendant", row.id);
  else search().removeAttribute("aria-activedescendant");
}

function steer(event) {
  const rows = [...options().querySelectorAll("[role=option]:not([aria-disabled])")];
  const at = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
  const steps = { ArrowDown: at + 1, ArrowUp: at < 0 ? rows.length - 1 : at - 1 };
  if (event.key in steps) {
    event.preventDefault();
    if (options().hidden) find();
    else mark(rows[(steps[event.key] + rows.length) % rows.length]);
  } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
    event.preventDefault(); // it would send the form
    if (at >= 0) pick(rows[at]);
  } else if (event.key === "Escape") {
    event.preventDefault();
    search().value = "";
    close();
    search().blur();
  }
}

function pick(row) {
  if (!row.dataset.value) return;
  choose(row.dataset.value, row.dataset.name);
  announce(`Chosen: ${row.dataset.name}`);
  search().value = "";
  close();
  search().blur();
}

function close() {
  if (!options()) return;
  options().hidden = true;
  search().setAttribute("aria-expanded", "false");
  search().removeAttribute("aria-activedescendant");
}

// An intent's own key.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.key.length !== 1) return;
  if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, .span-text") || document.querySelector("dialog:modal")) return;
  if (localStorage.getItem("keys-off") === "yes" || document.querySelector("#review-card.htmx-request")) return;
  const intent = intents.find((each) => each.key && each.key.toLowerCase() === event.key.toLowerCase());
  if (intent) choose(`i:${intent.id}`, intent.name);
});
