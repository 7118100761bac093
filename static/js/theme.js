// The server reads the same cookie, so the next page arrives in the right colours.
const root = document.documentElement;
const chosen = () => document.cookie.match(/(?:^|; )theme=(light|dark)/)?.[1] ?? "";

function show(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  for (const button of document.querySelectorAll("[data-theme-switch] [name=theme]")) {
    button.setAttribute("aria-pressed", String(button.value === (theme || "system")));
  }
  // Charts drawn on a canvas have to read their colours again.
  document.dispatchEvent(new CustomEvent("themechange"));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-theme-switch]") || !event.submitter) return;
  event.preventDefault();
  const theme = event.submitter.value;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const age = theme === "system" ? 0 : 60 * 60 * 24 * 365;
  document.cookie = `theme=${theme}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
  show(theme === "system" ? "" : theme);
  const menu = form.closest("details");
  menu.open = false;
  menu.querySelector("summary").focus();
});

// An error page is rendered without the cookie, and a page from the back-forward cache before it changed.
if (chosen() && chosen() !== root.dataset.theme) show(chosen());
window.addEventListener("pageshow", (event) => event.persisted && show(chosen()));
