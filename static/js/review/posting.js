import { current } from "../csrf.js";

// A form's POST without a form: the page's own token, and the bot that the page shows.
export function post(url, fields) {
  const body = new URLSearchParams(fields);
  const bot = document.querySelector("#answer input[name=bot]")?.value;
  if (bot) body.set("bot", bot);
  const headers = { ...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true" };
  // Logging in again in a second tab changes it.
  headers["X-CSRFToken"] = current() ?? headers["X-CSRFToken"];
  return fetch(url, { method: "POST", body, headers, credentials: "same-origin" });
}
