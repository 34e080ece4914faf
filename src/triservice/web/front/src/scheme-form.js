// A scheme form shows a question when the answers above make it apply. Without script every
// question is there, with a line that says when it applies.
import { readAnswers } from "./lib/answers.js";
import { signaturePad } from "./lib/signature.js";
import { Sheet } from "./lib/sheet.js";

for (const hidden of document.querySelectorAll("input[data-signature]")) hidden.after(signaturePad(hidden));

for (const data of document.querySelectorAll("script[data-scheme-form]")) {
  const element = data.closest("form");
  const form = JSON.parse(data.textContent);
  const today = data.dataset.today;
  const follow = () => {
    const sheet = new Sheet(form, readAnswers(element, form), today);
    for (const box of element.querySelectorAll("[data-shown-if]")) {
      box.hidden = !sheet.applies(sheet.byId.get(box.dataset.shownIf));
    }
  };
  for (const line of element.querySelectorAll("[data-when]")) line.hidden = true;
  element.addEventListener("input", follow);
  element.addEventListener("change", follow);
  follow();
}
