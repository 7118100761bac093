// How long somebody looked at what is on the page: not while another window was in front of it.
let looked = 0; // milliseconds
let since = null;

export function begin() {
  looked = 0;
  since = document.hidden ? null : performance.now();
}

export function seconds() {
  return (looked + (since === null ? 0 : performance.now() - since)) / 1000;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden && since !== null) {
    looked += performance.now() - since;
    since = null;
  } else if (!document.hidden && since === null) since = performance.now();
});
