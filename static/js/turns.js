// j and k go from turn to turn: their buttons name by how many (data-turn-step).
// The address may name the turn to begin at: #turn-….
let current = document.querySelector(".turn:target");

const turns = () => [...document.querySelectorAll(".turn")];
const inSight = (turn) => turn.getBoundingClientRect().top >= 0;

function step(by) {
  const all = turns();
  const here = document.activeElement.closest(".turn") ?? current;
  const next = here ? all[all.indexOf(here) + by] : by > 0 ? (all.find(inSight) ?? all[0]) : all.at(-1);
  if (!next) return;
  current = next;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "start" });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-turn-step]");
  if (button) step(Number(button.dataset.turnStep));
});
