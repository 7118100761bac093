// What was chosen and typed, kept on this device until the server has it: a session that ran out, a closed window
// and a lost network lose nothing. What was sent is kept as well, until the window closes, for taking it back.
import { announce } from "../toast.js";
import * as alike from "./alike.js";
import * as choices from "./choices.js";
import * as spans from "./spans.js";

const PREFIX = "review-draft-";
const LASTS = 24 * 60 * 60 * 1000; // milliseconds

// Another person at the same device sees nothing of it.
const name = (card) => `${PREFIX}${card.dataset.user}-${card.dataset.item}`;
let restoring = false; // what is put back piece by piece must not be kept half done
const form = () => document.getElementById("answer");

function read() {
  const chosen = form().querySelector("input[name=choice]:checked");
  return {
    choice: chosen?.value ?? "",
    // Of a page where something is decided between answers.
    decision: form().querySelector("input[name=decision]:checked")?.value ?? "",
    title: chosen?.dataset.name ?? "",
    better: form().elements.better_answer.value,
    note: form().elements.note.value,
    spans: spans.changed() ? spans.marked() : null,
    alike: alike.wanted(),
    at: Date.now(),
  };
}

const isEmpty = (draft) => !draft.choice && !draft.decision && !draft.better && !draft.note && !draft.spans && !draft.alike;

export function keep(card) {
  if (restoring || !card?.dataset.ready || !form()) return;
  const draft = read();
  if (isEmpty(draft)) localStorage.removeItem(name(card));
  else localStorage.setItem(name(card), JSON.stringify(draft));
}

export function sent(card) {
  sessionStorage.setItem(name(card), JSON.stringify(read()));
  localStorage.removeItem(name(card));
}

export function restore(card) {
  forgetOld();
  const undone = card.hasAttribute("data-undone");
  const kept = localStorage.getItem(name(card)) ?? (undone ? sessionStorage.getItem(name(card)) : null);
  if (!kept) return;
  // Somebody may go on to take another one back; then this one comes again as any turn does.
  localStorage.setItem(name(card), kept);
  const draft = JSON.parse(kept);
  restoring = true;
  choices.choose(draft.choice, draft.title);
  for (const radio of form().querySelectorAll("input[name=decision]")) radio.checked = radio.value === draft.decision;
  form().elements.better_answer.value = draft.better;
  form().elements.note.value = draft.note;
  for (const field of form().querySelectorAll("textarea")) if (field.value && field.closest("details")) field.closest("details").open = true;
  if (draft.spans) spans.put(draft.spans);
  if (draft.alike) alike.want();
  restoring = false;
  if (!undone) announce("What you had chosen and typed for this turn is here again.");
}

function forgetOld() {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(PREFIX) && Date.now() - (JSON.parse(localStorage.getItem(key)).at ?? 0) > LASTS) localStorage.removeItem(key);
  }
}
