// Single keys press the element that names them: <button data-key="s">Skip <kbd>s</kbd></button>.
// They rest while the reader types, while a dialog is open, and inside what waits for an answer
// (.htmx-request or aria-busy; a page that swaps a card sets hx-indicator to that card).
// data-key="Ctrl+Enter" also works inside a text field; several keys stand with a space between them.
// data-key-label names it in the list.
const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable=true]";
const OFF = "keys-off";
const resting = () => localStorage.getItem(OFF) === "yes";

function pressed(event) {
  const key = event.key.length === 1 && !event.shiftKey ? event.key.toLowerCase() : event.key;
  return (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + key;
}

function find(key) {
  return [...document.querySelectorAll("[data-key]")].find(
    (element) => element.dataset.key.split(" ").includes(key) && element.checkVisibility() && !element.matches(":disabled"),
  );
}

function act(element) {
  if (element.closest(".htmx-request, [aria-busy=true]")) return;
  if (element.matches(TYPING)) {
    element.focus();
    element.select?.();
  } else element.click();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.altKey || event.repeat) return;
  const key = pressed(event);
  const combined = key.startsWith("Ctrl+");
  if (document.querySelector("dialog:modal")) return;
  if (!combined && (resting() || event.target.closest(TYPING))) return;
  // Enter on a link or button is that element's own.
  if (key === "Enter" && event.target.closest("a, button, summary")) return;
  const element = find(key);
  if (element) {
    event.preventDefault();
    act(element);
  } else if (key === "?") showKeys();
});

function name(element) {
  const copy = element.cloneNode(true);
  for (const kbd of copy.querySelectorAll("kbd, svg")) kbd.remove();
  return element.dataset.keyLabel || element.getAttribute("aria-label") || copy.textContent.trim() || element.placeholder;
}

function keyboard(text) {
  const kbd = document.createElement("kbd");
  kbd.textContent = text;
  return kbd;
}

function rows() {
  const list = document.createElement("dl");
  list.className = "keys";
  const seen = new Set();
  const add = (label, key) => {
    if (seen.has(key)) return;
    seen.add(key);
    const term = document.createElement("dt");
    const value = document.createElement("dd");
    term.textContent = label;
    value.append(keyboard(key));
    list.append(term, value);
  };
  for (const element of document.querySelectorAll("[data-key]")) {
    for (const key of element.dataset.key.split(" ")) add(name(element), key);
  }
  add("Show these keys", "?");
  return list;
}

function rest() {
  const label = document.createElement("label");
  label.className = "cluster";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = !resting();
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "" : "yes"));
  label.append(box, "Single keys work on this device");
  return label;
}

function showKeys() {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "keys-title");
  const form = document.createElement("form");
  form.method = "dialog";
  const title = document.createElement("h2");
  title.id = "keys-title";
  title.textContent = "Keys on this page";
  const actions = document.createElement("div");
  actions.className = "actions";
  const close = document.createElement("button");
  close.className = "button";
  close.autofocus = true;
  close.textContent = "Close";
  actions.append(close);
  form.append(title, rows(), rest(), actions);
  dialog.append(form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-open]")) showKeys();
});
