// One group of alike turns: moving through it, peeling off, and one answer for what is left. htmx sends the form.
import { announce } from "../toast.js";
import * as choices from "./choices.js";

const card = document.getElementById("review-card");
const form = document.getElementById("answer");
const boxes = () => [...document.querySelectorAll(".group-row input[name=peeled]")];
const began = performance.now();

// ── moving and peeling ───────────────────────────────────────────────────────────────

let current = null;

function here() {
  const focused = document.activeElement.closest?.(".group-row")?.querySelector("input[name=peeled]");
  return focused ?? (current?.isConnected ? current : null);
}

function step(by) {
  const all = boxes();
  const at = all.indexOf(here());
  go(all[Math.min(Math.max(at + by, 0), all.length - 1)]);
}

function go(box) {
  current = box;
  box?.focus({ preventScroll: true });
  box?.closest("li").scrollIntoView({ block: "nearest" });
}

function peel() {
  const box = here() ?? boxes()[0];
  if (!box) return;
  box.click();
  go(box);
}

function count() {
  const left = boxes().filter((box) => !box.checked).length;
  document.getElementById("group-count").textContent = left.toLocaleString("en");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step], [data-peel], [data-peel-apart]");
  if (!button) return;
  if (button.dataset.step) step(Number(button.dataset.step));
  else if ("peel" in button.dataset) peel();
  else peelApart();
});

function peelApart() {
  const apart = boxes().filter((box) => box.closest(".apart"));
  // Pressed again, they are back.
  const all = apart.every((box) => box.checked);
  for (const box of apart) box.checked = !all;
  count();
  keep();
  announce(all ? "None is peeled off." : `${apart.length} peeled off.`);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog:modal")) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, button, a, summary") || localStorage.getItem("keys-off") === "yes") return;
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) {
    event.preventDefault();
    step(steps[event.key]);
  } else if (event.key === " " && !event.target.closest("input")) {
    event.preventDefault();
    peel();
  }
});

// ── what was chosen and peeled off stays on this device until the server has it ─────────

const name = card && `group-draft-${card.dataset.user}-${card.dataset.group}`;

function keep() {
  const chosen = form.querySelector("input[name=choice]:checked");
  const peeled = boxes().filter((box) => box.checked).map((box) => box.value);
  sessionStorage.setItem(name, JSON.stringify({ choice: chosen?.value ?? "", title: chosen?.dataset.name ?? "", peeled }));
}

function restore() {
  const draft = JSON.parse(sessionStorage.getItem(name) ?? "null");
  if (!draft) return;
  for (const box of boxes()) box.checked ||= draft.peeled.includes(box.value);
  choices.choose(draft.choice, draft.title);
}

// ── sending ──────────────────────────────────────────────────────────────────────────

document.addEventListener("htmx:beforeRequest", (event) => {
  if (card?.matches(".htmx-request") && ["answer", "undo"].includes(event.detail.elt.id)) event.preventDefault();
});

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id !== "answer") return;
  event.detail.parameters.seconds = ((performance.now() - began) / 1000).toFixed(2);
  document.getElementById("review-problem").replaceChildren();
});

document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.elt.id !== "answer" || !event.detail.xhr.getResponseHeader("X-Group-Saved")) return;
  sessionStorage.removeItem(name);
  choices.remember(form);
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (!event.detail.elt.closest?.(".group-turns")) return;
  count();
  restore();
});

if (card) {
  choices.setUp(card);
  restore();
  count();
  form.addEventListener("change", () => {
    count();
    keep();
  });
  go(boxes()[0]);
}
