// data-copy="" copies the element before the button, "next" the <pre> after its head, "id" that element.
import { announce } from "./toast.js";

function source(button) {
  const where = button.dataset.copy;
  if (!where) return button.previousElementSibling;
  if (where === "next") return button.parentElement.nextElementSibling;
  return document.getElementById(where);
}

function select(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const element = source(button);
  let said = "Copied";
  try {
    await navigator.clipboard.writeText(element.textContent);
  } catch {
    // No clipboard without HTTPS: leave it selected for the reader's own copy key.
    select(element);
    said = "Press Ctrl+C";
  }
  const label = button.querySelector("[data-copy-text]") ?? button;
  label.textContent = said;
  announce(said === "Copied" ? "Copied." : "Selected. Press Ctrl+C to copy it.");
  setTimeout(() => (label.textContent = "Copy"), 2500);
});
