// A toast says what happened, what was kept, and what to do now. The server may send its own in the
// header HX-Trigger: {"toast": {"text": "…", "tone": "good"}}.
const ICONS = document.querySelector(".brand use")?.getAttribute("href").split("#")[0];
const KEPT = "What you typed is still on this page.";
const STAY = 8000; // milliseconds

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${ICONS}#${name}`);
  svg.append(use);
  return svg;
}

export function announce(text) {
  const region = document.getElementById("announcer");
  if (!region) return;
  region.textContent = "";
  // A live region speaks only when it changes, also if the words are the same as before.
  requestAnimationFrame(() => (region.textContent = text));
}

export function toast(text, { tone = "info" } = {}) {
  const region = document.getElementById("toasts");
  if (!region) return;
  for (const old of region.children) if (old.dataset.text === text) old.remove();
  const box = document.createElement("div");
  box.className = `toast ${tone}`;
  box.dataset.text = text;
  const words = document.createElement("p");
  words.className = "notice-text";
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button quiet small icon-only";
  close.setAttribute("aria-label", "Close");
  close.append(icon("close"));
  close.addEventListener("click", () => box.remove());
  box.append(icon(tone), words, close);
  region.append(box);
  // What went wrong stays until it was read.
  if (tone === "info" || tone === "good") expire(box);
}

function expire(box) {
  setTimeout(() => {
    if (box.matches(":hover, :focus-within")) expire(box);
    else box.remove();
  }, STAY);
}

function sentence(xhr) {
  switch (xhr.status) {
    case 401:
      return `You were logged out. Nothing was saved. ${KEPT} Log in again in a second tab, then send it once more.`;
    case 403:
      return `This was not saved: your login may have run out, or it needs a role that you don't have. ${KEPT} Log in again in a second tab, then send it once more.`;
    case 404:
      return `This is not there any more; somebody may have removed it. ${KEPT} Reload the page to see what is left.`;
    case 413:
      return `This was too large to be taken, and nothing was saved. ${KEPT} Send it in smaller parts.`;
    case 429: {
      const seconds = Number(xhr.getResponseHeader("Retry-After"));
      const wait = seconds ? `${seconds} seconds` : "a minute";
      return `That was too quick for us, and it was not saved. ${KEPT} Wait ${wait}, then send it again.`;
    }
    case 502:
    case 503:
    case 504:
      return `The server is away for a moment. This may not have been saved. ${KEPT} Wait a little, then look before you send it again.`;
    default:
      return xhr.status >= 500
        ? `Something broke on our side. This may not have been saved. ${KEPT} Reload in a second tab and look before you send it again.`
        : `The server could not use this, and nothing was saved. ${KEPT} Reload the page in a second tab and try there.`;
  }
}

document.addEventListener("toast", (event) => {
  const { text, value, tone } = event.detail;
  toast(text ?? value, { tone });
});

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (xhr.getResponseHeader("HX-Trigger")?.includes('"toast"')) return;
  toast(sentence(xhr), { tone: "bad" });
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => {
    toast(`The server could not be reached. This may not have been saved. ${KEPT} Check the network, then send it again.`, {
      tone: "bad",
    });
  });
}
