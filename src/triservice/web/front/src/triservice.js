// On every page: the behaviour of the GOV.UK components, and the little that is our own.
import { initAll } from "govuk-frontend";

initAll();

// <button data-print> prints; without script it is hidden (see triservice.scss).
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// On paper, everything that was folded is open.
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
