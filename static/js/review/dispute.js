// One dispute: the answers side by side. The form is sent by htmx, so that what was chosen and typed stays on the page
// where somebody was faster; what it leads to is another page.
import * as choices from "./choices.js";
import * as drafts from "./drafts.js";
import * as looking from "./looking.js";
import * as spans from "./spans.js";

const card = document.getElementById("review-card");
const decision = (value) => card.querySelector(`input[name=decision][value=${value}]`);

card.dataset.ready = "yes";
looking.begin();
choices.setUp(card);
spans.setUp(card);
drafts.restore(card);
scrollToTurn();

function scrollToTurn() {
  const box = document.getElementById("review-chat");
  const turn = document.getElementById("this-turn");
  if (!turn) return;
  const above = Math.max((box.clientHeight - turn.offsetHeight) / 2, box.querySelector("header").offsetHeight);
  box.scrollTop = Math.max(0, turn.offsetTop - above);
}

// Whoever answers in their own words has decided to: an intent's own key is enough.
document.addEventListener("change", (event) => {
  if (event.target.name === "choice") decision("own").checked = true;
  if (event.target.value === "back" && event.target.checked) document.getElementById("note").focus();
  drafts.keep(card);
});
document.addEventListener("input", () => drafts.keep(card));

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id !== "answer") return;
  event.detail.parameters.seconds = looking.seconds().toFixed(2);
  event.detail.parameters.spans = JSON.stringify(spans.marked());
  document.getElementById("review-problem").replaceChildren();
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.elt.id === "answer" && event.detail.xhr.status === 200) drafts.sent(card);
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "review-chat") scrollToTurn();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.matches("#answer textarea")) event.target.blur();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-chat-scroll]");
  const box = button && document.getElementById("review-chat");
  box?.scrollBy({ top: Number(button.dataset.chatScroll) * box.clientHeight * 0.6 });
});
