// One press, one request; and the reader is led to what has to be mended.
const WAIT = 10000; // milliseconds; a form that answers with a download never leaves the page

document.addEventListener("submit", (event) => {
  const form = event.target;
  // htmx and the theme switch send the form themselves and prevent this.
  setTimeout(() => event.defaultPrevented || rest(form, event.submitter));
  if (form.dataset.sent) event.preventDefault();
});

function rest(form, button) {
  if (form.getAttribute("method")?.toLowerCase() !== "post") return;
  form.dataset.sent = "yes";
  button?.setAttribute("aria-busy", "true");
  setTimeout(() => wake(form), WAIT);
}

function wake(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(wake));

// A select marked data-autosubmit filters as soon as it is changed; without scripts its button does.
document.addEventListener("change", (event) => {
  if (event.target.closest("[data-autosubmit]")) event.target.form.requestSubmit();
});

// Links to a group of choices lead to the first of them.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-error-summary] a[href^='#']");
  const target = link && document.getElementById(link.hash.slice(1));
  if (!target) return;
  event.preventDefault();
  (target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea"))?.focus();
});

const lead = (root) => root.querySelector?.("[data-error-summary]")?.focus();
lead(document);
document.addEventListener("htmx:afterSwap", (event) => lead(event.detail.elt));
