// Times come in the server's zone and become the reader's: an age to read, the exact time on hover.
const lang = document.documentElement.lang || "en";
const exact = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short",
});
const moment = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, {
  day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
});
const day = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { day: "numeric", month: "short", year: "numeric" });
const age = new Intl.RelativeTimeFormat(lang, { numeric: "auto", style: "short" });
const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]]; // seconds
const WEEK = 7 * 86400;

function words(at, kind) {
  const seconds = (at - Date.now()) / 1000;
  const year = at.getFullYear() === new Date().getFullYear();
  if (kind === "exact") return year ? moment.format(at) : `${day.format(at)}, ${at.toTimeString().slice(0, 5)}`;
  if (Math.abs(seconds) > WEEK) return day.format(at);
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return age.format(Math.trunc(seconds / size), unit);
  }
  return seconds > 1 ? "in less than a minute" : "just now";
}

function show(root) {
  for (const time of root.querySelectorAll("time[data-time]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.valueOf())) continue;
    const text = words(at, time.dataset.time);
    // Only what changed is written, so that a live region around it stays quiet.
    if (time.textContent !== text) time.textContent = text;
    time.title = exact.format(at);
  }
}

show(document);
document.addEventListener("htmx:load", (event) => show(event.detail.elt.parentElement ?? document));
setInterval(() => document.hidden || show(document), 30000);
