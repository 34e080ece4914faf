// While a picture or numbers are worked out: says how far they are, and shows them when they are there.
const box = document.querySelector("[data-waiting]");
const step = box?.querySelector("[data-step]");
const bar = box?.querySelector("progress");

async function look() {
  try {
    const answer = await fetch(box.dataset.waiting, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const said = await answer.json();
    if (!said.waiting) {
      location.reload();
      return;
    }
    if (step.textContent !== said.step) step.textContent = said.step; // announced when it changes
    if (bar) bar.value = said.progress;
  } catch {
    // signed out, or no network: the link on the page says the same
  }
  setTimeout(look, 2000);
}

if (box) setTimeout(look, 1000);
