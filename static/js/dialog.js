// <button data-dialog="#id"> opens a dialog, [data-dialog-close] and a click beside it close it.
// <details data-confirm> shows its panel as a dialog instead of in its place.
function openConfirm(details) {
  const dialog = details.querySelector("dialog");
  details.open = true; // what lies in a closed <details> is not drawn, not even on top
  dialog.removeAttribute("open"); // close() would tell the listener below, late, that it closed
  dialog.showModal();
  // It was not drawn a moment ago, so the browser found nothing in it to focus.
  dialog.querySelector("input:not([type=hidden]), textarea, select, button")?.focus();
  dialog.addEventListener("close", () => (details.open = false), { once: true });
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.querySelector(opener.dataset.dialog)?.showModal();

  const summary = event.target.closest("[data-confirm] > summary");
  if (summary) {
    event.preventDefault();
    openConfirm(summary.parentElement);
  }

  event.target.closest("[data-dialog-close]")?.closest("dialog")?.close();
});

// Pressed and let go beside it: dragging a selection out of a field must not close it.
let pressed = null;
document.addEventListener("pointerdown", (event) => (pressed = event.target));
document.addEventListener("click", (event) => {
  if (event.target !== pressed || !event.target.matches("dialog:modal")) return;
  const box = event.target.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) event.target.close();
});
