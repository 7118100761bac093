// The review screen: one card after the other. htmx sends the form and swaps the card; this fetches the next one
// ahead, measures how long somebody looked, and keeps what they typed until the server has it.
import { announce } from "../toast.js";
import * as alike from "./alike.js";
import * as choices from "./choices.js";
import * as drafts from "./drafts.js";
import * as hold from "./hold.js";
import * as looking from "./looking.js";
import { post } from "./posting.js";
import * as spans from "./spans.js";

const AHEAD_AFTER = 120; // milliseconds; first the card that people wait for
let ahead = null; // {after, id, html}: fetched while the card `after` was on the page

const card = () => document.getElementById("review-card");
const form = () => document.getElementById("answer");

async function fetchAhead(shown) {
  if (!shown.isConnected || ahead?.after === shown.dataset.item) return;
  try {
    const response = await post(shown.dataset.ahead, { item: shown.dataset.item });
    if (response.status !== 200 || !shown.isConnected) return;
    const html = await response.text();
    const id = /data-item="(\d+)"/.exec(html)?.[1];
    if (id) ahead = { after: shown.dataset.item, id, html };
  } catch {
    // Without it the next card comes with the answer.
  }
}

function setUp() {
  const shown = card();
  if (!shown?.dataset.item || shown.dataset.ready) return;
  shown.dataset.ready = "yes";
  looking.begin();
  alike.forget();
  choices.setUp(shown);
  spans.setUp(shown);
  drafts.restore(shown);
  hold.watch(shown);
  scrollToTurn(shown);
  const said = document.querySelector("#this-turn .said")?.textContent.trim() ?? "";
  announce(shown.hasAttribute("data-undone") ? "Your last answer was taken back." : `Next turn: ${said.slice(0, 200)}`);
  setTimeout(() => fetchAhead(shown), AHEAD_AFTER);
}

function scrollToTurn(shown) {
  const box = shown.querySelector("#review-chat");
  const turn = shown.querySelector("#this-turn");
  if (!box || !turn) return;
  // In the middle; of one that does not fit, the beginning.
  const above = Math.max((box.clientHeight - turn.offsetHeight) / 2, box.querySelector("header").offsetHeight);
  box.scrollTop = Math.max(0, turn.offsetTop - above);
}

// One thing at a time: what is asked for while an answer is on its way would be about another turn.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (["answer", "undo"].includes(event.detail.elt.id) && card().matches(".htmx-request")) event.preventDefault();
});

// ── sending ──────────────────────────────────────────────────────────────────────────

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id !== "answer") return;
  const sent = event.detail.parameters;
  sent.seconds = looking.seconds().toFixed(2);
  sent.spans = JSON.stringify(spans.marked());
  if (ahead?.after === card().dataset.item) sent.ahead = ahead.id;
  document.getElementById("review-problem").replaceChildren();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (requestConfig.elt.id !== "answer" || xhr.status !== 200) return;
  drafts.sent(card());
  choices.remember(form());
  // What the server says of the answer, and behind it the card that was fetched before.
  if (xhr.getResponseHeader("X-Review-Next") === "ahead") event.detail.serverResponse += ahead.html;
  ahead = null;
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "review-chat") scrollToTurn(card());
});
document.addEventListener("htmx:load", (event) => {
  // What could not be saved is of the card before.
  if (event.detail.elt.id === "review-card") document.getElementById("review-problem")?.replaceChildren();
  setUp();
});
document.addEventListener("input", () => drafts.keep(card()));
document.addEventListener("change", () => drafts.keep(card()));

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.matches("#answer textarea")) event.target.blur();
});

// ── the chat ─────────────────────────────────────────────────────────────────────────

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-chat-scroll]");
  const box = button && document.getElementById("review-chat");
  box?.scrollBy({ top: Number(button.dataset.chatScroll) * box.clientHeight * 0.6 });
});

// What is opened to be typed in has the cursor at once: the next key may be a letter of it.
document.addEventListener("click", (event) => {
  const details = event.target.closest("#answer summary")?.parentElement;
  const field = details?.querySelector("textarea");
  if (!field) return;
  event.preventDefault();
  details.open = !details.open;
  if (details.open) field.focus();
});

setUp();
