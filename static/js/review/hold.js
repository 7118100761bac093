// The fifteen minutes: any action renews them, and the last two are shown.
import { post } from "./posting.js";

const SHOW_BELOW = 120; // seconds
const RENEW_EVERY = 60; // seconds, while somebody does something
let until = 0;
let renewed = 0;
let url = "";

export function watch(card) {
  until = Date.parse(card.dataset.heldUntil);
  renewed = Date.now();
  url = card.dataset.renew;
  show();
}

function show() {
  const box = document.getElementById("hold");
  if (!box || !url) return;
  const left = Math.max(0, Math.round((until - Date.now()) / 1000));
  box.hidden = left > SHOW_BELOW;
  const words = left ? `yours for ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} more` : "your time for this turn is over; saving works unless somebody else has it";
  const span = box.querySelector("span");
  if (!box.hidden && span.textContent !== words) span.textContent = words;
}

async function renew() {
  if (!url || Date.now() - renewed < RENEW_EVERY * 1000) return;
  renewed = Date.now();
  try {
    const response = await post(url, {});
    const answer = response.headers.get("content-type")?.startsWith("application/json") ? await response.json() : {};
    if (answer.held_until) until = Date.parse(answer.held_until);
    else if (response.status === 409) until = 0;
  } catch {
    // The next action tries again.
  }
  show();
}

for (const kind of ["keydown", "pointerdown", "input"]) document.addEventListener(kind, renew, { passive: true });
setInterval(show, 1000);
