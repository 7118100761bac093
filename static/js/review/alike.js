// The turns alike: their list comes when it is opened, and with it the box that gives them the same answer.
const box = () => document.querySelector("#answer input[name=for_alike]");
let isWanted = false; // before the list was there

export const wanted = () => box()?.checked ?? isWanted;

export function forget() {
  isWanted = false;
}

// What was ticked before is ticked again, and the list is on screen with it.
export function want() {
  const details = document.getElementById("alike");
  if (!details) return;
  isWanted = true;
  details.open = true;
}

document.addEventListener("htmx:afterSettle", () => {
  if (!box() || box().dataset.ready) return;
  box().dataset.ready = "yes";
  box().checked = isWanted;
  // Space ticks it; without a draft the reader has just asked for the list.
  if (!isWanted) box().focus();
});
