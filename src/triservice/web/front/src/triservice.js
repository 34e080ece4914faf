// On every page: the behaviour of the GOV.UK components, and the little that is our own.
import "./lib/sealed.js"; // before any other script
import { initAll } from "govuk-frontend";

initAll();

// <button data-print> prints; without script it is hidden (see triservice.scss).
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// When the session ends by time, nothing of it stays on the screen. Another tab may have kept it
// alive, so the page asks first; asking is no use of the session. No answer is taken for its end,
// but that too much is asked from this address is one: it is asked again when told to.
const strip = document.querySelector("[data-session-ends]");
if (strip) {
  let ends = Date.now() + 1000 * Number(strip.dataset.sessionEnds);
  const clear = () => {
    document.body.replaceChildren();
    location.replace(location.pathname + location.search);
  };
  const look = async () => {
    if (Date.now() < ends) return;
    const answer = await fetch(strip.dataset.session, { redirect: "manual" }).catch(() => null);
    const wait = answer?.status === 429 ? Number(answer.headers.get("Retry-After")) : 0;
    const left = answer?.ok ? (await answer.json()).left : wait;
    if (left <= 0) return clear();
    ends = Date.now() + 1000 * left;
  };
  setInterval(look, 1000);
}

// On paper, everything that was folded is open.
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
