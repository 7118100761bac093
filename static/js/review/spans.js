// Marking entities, by mouse or by keyboard alone. Places are Unicode code points, `end` excluded, as the server
// counts them; JavaScript counts halves of surrogate pairs, so every text is an array of code points here.
import { announce } from "../toast.js";
import { types } from "./choices.js";

// What turns the direction of a text, or hides in it, is shown as a dot: one for one, so that places stay right.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]/u;
const RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u;
const LETTER = /\p{L}/u;

let box = null; // the section of the card
let text = []; // code points
let spans = []; // {type, start, end}, sorted
let first = "[]"; // as they were when the card came
let chosen = null; // {start, end}, what the next key marks

const byId = new Map(types.map((type) => [type.id, type]));
const area = () => box.querySelector(".span-text");
const words = (start, end) => text.slice(start, end).join("");

export const changed = () => JSON.stringify(spans) !== first;

export function marked() {
  return spans.map((span) => ({ ...span, text: words(span.start, span.end) }));
}

export function put(kept) {
  spans = kept.filter((span) => byId.has(span.type) && words(span.start, span.end) === span.text);
  spans = spans.map(({ type, start, end }) => ({ type, start, end }));
  draw();
}

export function setUp(card) {
  box = card.querySelector(".spans");
  text = [...JSON.parse(box.dataset.text)];
  spans = found();
  first = JSON.stringify(spans);
  chosen = null;
  box.hidden = !types.length;
  box.querySelector("[data-span-start]").addEventListener("click", begin);
  area().addEventListener("keydown", steer);
  area().addEventListener("pointerup", fromMouse);
  area().addEventListener("focus", () => chosen ?? choose(nextWord(-1)));
  area().addEventListener("blur", () => setTimeout(leave));
  drawTypes();
  draw();
}

// What the bot had found, where this bot has a type of that name.
function found() {
  const named = new Map(types.map((type) => [type.name.toLowerCase(), type.id]));
  return JSON.parse(box.dataset.found)
    .map(({ type, start, end }) => ({ type: named.get(type.toLowerCase()), start, end }))
    .filter((span) => span.type !== undefined)
    .sort(byPlace);
}

const byPlace = (one, other) => one.start - other.start || one.end - other.end || one.type - other.type;

function begin() {
  box.classList.add("marking");
  area().focus();
}

function leave() {
  if (!box?.isConnected || box.contains(document.activeElement)) return;
  box.classList.remove("marking");
  chosen = null;
  draw();
}

// ── words and characters ─────────────────────────────────────────────────────────────

// Places where a segment begins, in code points. A word keeps its marks, an emoji its parts.
function segments(granularity) {
  const cut = [];
  let at = 0;
  for (const { segment, isWordLike } of new Intl.Segmenter(undefined, { granularity }).segment(text.join(""))) {
    const length = [...segment].length;
    cut.push({ start: at, end: at + length, isWord: isWordLike ?? true, isBlank: !segment.trim() });
    at += length;
  }
  return cut;
}

const everyWord = () => segments("word").filter((each) => !each.isBlank);
const nextWord = (from) => everyWord().find((each) => each.start > from) ?? everyWord().at(-1) ?? null;
const previousWord = (from) => everyWord().findLast((each) => each.start < from) ?? everyWord()[0] ?? null;
const edges = () => [0, ...segments("grapheme").map((each) => each.end)];
const edgeAfter = (place) => edges().find((edge) => edge > place) ?? text.length;
const edgeBefore = (place) => edges().findLast((edge) => edge < place) ?? 0;

const isRtl = () => RTL.test(text.find((point) => LETTER.test(point)) ?? "");

function choose(segment) {
  if (!segment) return;
  chosen = { start: segment.start, end: segment.end };
  draw();
  announce(`“${words(chosen.start, chosen.end)}”, ${chosen.start} to ${chosen.end}`);
}

// ── keys ─────────────────────────────────────────────────────────────────────────────

function steer(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const handled = event.shiftKey ? stretch(event.key) : move(event.key);
  // Other letters are meant for the text too: "z" here must not take back an answer.
  if (handled || mark(event.key) || event.key.length === 1) {
    event.preventDefault();
    event.stopPropagation();
  }
}

const forward = (key) => key === (isRtl() ? "ArrowLeft" : "ArrowRight");
const back = (key) => key === (isRtl() ? "ArrowRight" : "ArrowLeft");

function move(key) {
  if (forward(key) || key === "ArrowDown") choose(nextWord(chosen?.start ?? -1));
  else if (back(key) || key === "ArrowUp") choose(previousWord(chosen?.start ?? 0));
  else if (key === "Home") choose(everyWord()[0]);
  else if (key === "End") choose(everyWord().at(-1));
  else if (key === "Backspace" || key === "Delete") remove();
  else if (key === "Escape") area().blur();
  else return false;
  return true;
}

// With Shift the end moves, and once there is one character left, the start.
function stretch(key) {
  if (!chosen || !(forward(key) || back(key))) return false;
  const shorter = edgeBefore(chosen.end);
  if (forward(key)) choose({ start: chosen.start, end: edgeAfter(chosen.end) });
  else if (shorter > chosen.start) choose({ start: chosen.start, end: shorter });
  else choose({ start: edgeBefore(chosen.start), end: chosen.end });
  return true;
}

function keyOf(type, number) {
  return type.key || (number < 9 ? String(number + 1) : "");
}

function mark(key) {
  if (!chosen || key.length !== 1) return false;
  const type = types.find((each, number) => keyOf(each, number).toLowerCase() === key.toLowerCase());
  if (!type) return false;
  add(type.id);
  return true;
}

function add(type) {
  if (!chosen || chosen.end <= chosen.start) return;
  const span = { type, start: chosen.start, end: chosen.end };
  // One place, one type: marking again changes it.
  spans = [...spans.filter((each) => each.end <= span.start || each.start >= span.end), span].sort(byPlace);
  announce(`Marked as ${byId.get(type).name}: “${words(span.start, span.end)}”`);
  finish();
}

function remove(which = null) {
  const gone = which ?? spans.find((each) => chosen && each.start < chosen.end && each.end > chosen.start);
  if (!gone) return;
  spans = spans.filter((each) => each !== gone);
  announce(`No longer marked: “${words(gone.start, gone.end)}”`);
  finish();
}

function finish() {
  draw();
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

// ── mouse ────────────────────────────────────────────────────────────────────────────

function fromMouse() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed || !area().contains(selection.anchorNode) || !area().contains(selection.focusNode)) return;
  const range = selection.getRangeAt(0);
  const [start, end] = [place(range.startContainer, range.startOffset), place(range.endContainer, range.endOffset)];
  selection.removeAllRanges();
  box.classList.add("marking");
  area().focus();
  choose({ start: edges().findLast((edge) => edge <= start) ?? 0, end: edges().find((edge) => edge >= end) ?? text.length });
}

// From a place in the page to a place in the text: names of types stand in between and do not count.
function place(node, offset) {
  const range = document.createRange();
  range.setStart(area(), 0);
  range.setEnd(node, offset);
  const before = range.cloneContents();
  for (const label of before.querySelectorAll(".span-name")) label.remove();
  return [...before.textContent].length;
}

// ── drawing ──────────────────────────────────────────────────────────────────────────

function piece(start, end) {
  const span = spans.find((each) => each.start <= start && end <= each.end);
  const isChosen = chosen && chosen.start <= start && end <= chosen.end;
  const node = document.createElement(span ? "mark" : "span");
  const type = span && byId.get(span.type);
  if (type) node.dataset.colour = type.colour;
  node.classList.toggle("chosen", Boolean(isChosen));
  node.textContent = text.slice(start, end).map((point) => (UNSEEN.test(point) ? "·" : point)).join("");
  if (span?.end === end) {
    const name = document.createElement("span");
    name.className = "span-name";
    name.textContent = type.name;
    name.setAttribute("aria-hidden", "true");
    node.append(name);
  }
  return node;
}

function draw() {
  const cuts = new Set([0, text.length]);
  for (const span of [...spans, ...(chosen ? [chosen] : [])]) cuts.add(span.start).add(span.end);
  const places = [...cuts].sort((one, other) => one - other);
  area().replaceChildren(...places.slice(1).map((end, number) => piece(places[number], end)));
  box.querySelector(".span-list").replaceChildren(...spans.map(row));
}

function row(span) {
  const type = byId.get(span.type);
  const item = document.createElement("li");
  const name = document.createElement("strong");
  name.textContent = type.name;
  const quoted = document.createElement("q");
  quoted.dir = "auto";
  quoted.textContent = words(span.start, span.end);
  const where = document.createElement("span");
  where.className = "muted";
  where.textContent = `${span.start}–${span.end}`;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet small icon-only";
  button.setAttribute("aria-label", `Remove ${type.name} from “${words(span.start, span.end)}”`);
  button.textContent = "✕";
  button.addEventListener("click", () => remove(span));
  item.append(name, " ", quoted, " ", where, button);
  return item;
}

function drawTypes() {
  const rows = types.map((type, number) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.dataset.colour = type.colour;
    const kbd = document.createElement("kbd");
    kbd.textContent = keyOf(type, number);
    button.append(...(kbd.textContent ? [kbd, " "] : []), type.title || type.name);
    // The text keeps the focus, and with it what is chosen in it.
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    button.addEventListener("click", () => add(type.id));
    item.append(button);
    return item;
  });
  box.querySelector(".span-types").replaceChildren(...rows);
}
