// A scheme form as boxes of the page, from its JSON (schemes/exporting.py), named as the page of the
// server names them; what they hold is read by ../answers.js, and what applies is said by ../sheet.js.
import { readAnswers } from "../answers.js";
import { Sheet } from "../sheet.js";
import { signaturePad } from "../signature.js";
import { field, make } from "./dom.js";

const LABELS = {
  name: "Full name",
  phone: "Telephone",
  email: "Email address",
  relation: "Who they are",
  line: "Building, street and town",
  postcode: "Postcode",
  uprn: "Unique property reference number (UPRN), if known",
};
const DAY = [["day", 2], ["month", 2], ["year", 4]];
const idOf = (name) => `id_${name.replaceAll(/[^\w-]/g, "-")}`;

export class OfflineForm {
  constructor(form, values) {
    this.form = form;
    this.element = make("form", { novalidate: true });
    this.boxes = new Map();
    for (const part of form.parts) {
      this.element.append(make("h2", { class: "govuk-heading-m", text: part.title }));
      if (part.hint) this.element.append(make("p", { class: "govuk-hint", text: part.hint }));
      for (const id of part.questions) {
        const question = form.questions.find((each) => each.id === id);
        const box = make("div", { class: "govuk-form-group" }, ...boxesOf(question, values[id]));
        this.boxes.set(id, box);
        this.element.append(box);
      }
    }
    this.follow();
    this.element.addEventListener("input", () => this.follow());
  }

  get sheet() {
    return new Sheet(this.form, readAnswers(this.element, this.form), new Date().toISOString().slice(0, 10));
  }

  // Shows what applies.
  follow() {
    const sheet = this.sheet;
    for (const [id, box] of this.boxes) box.hidden = !sheet.applies(sheet.byId.get(id));
  }

  // The answers of what is shown.
  get answers() {
    const all = Object.entries(readAnswers(this.element, this.form));
    return Object.fromEntries(all.filter(([id]) => !this.boxes.get(id).hidden));
  }

  // What must be answered and is not: [[sentence, id of where], …].
  get missing() {
    const { sheet, answers } = this;
    const unnamed = this.form.questions
      .filter(({ id, kind }) => kind === "signature" && answers[id] && !answers[id].name)
      .map(({ id }) => ["Enter the full name of who signs", idOf(`${id}.name`)]);
    return this.form.questions
      .filter(({ id, kind, required_if: required }) =>
        required && !this.boxes.get(id).hidden && sheet.holds(required) === true &&
        !(id in answers) && !(kind === "photo" && this.files(id).length))
      .map(({ id, text }) => [`Answer: ${text}`, this.boxes.get(id).querySelector("input, textarea").id])
      .concat(unnamed);
  }

  files(id) {
    return [...(this.element.querySelector(`input[type=file][name="${CSS.escape(id)}"]`)?.files ?? [])];
  }

  get photoIds() {
    return this.form.questions.filter(({ kind }) => kind === "photo").map(({ id }) => id);
  }

  get photos() {
    return this.photoIds.map((id) => [id, this.files(id)]);
  }
}

function boxesOf(question, value) {
  return (BUILD[question.kind] ?? text)(question, value ?? "");
}

const hintOf = ({ id, hint }) => (hint ? make("div", { class: "govuk-hint", id: `${idOf(id)}-hint`, text: hint }) : null);
const described = ({ id, hint }) => (hint ? `${idOf(id)}-hint` : null);

function labelled(question, ...boxes) {
  return [make("label", { class: "govuk-label govuk-label--s", for: idOf(question.id), text: question.text }), hintOf(question), ...boxes];
}

function grouped(question, ...boxes) {
  const legend = make("legend", { class: "govuk-fieldset__legend govuk-fieldset__legend--s", text: question.text });
  return [make("fieldset", { class: "govuk-fieldset", "aria-describedby": described(question) }, legend, hintOf(question), ...boxes)];
}

function text(question, value) {
  const same = { id: idOf(question.id), name: question.id, "aria-describedby": described(question), maxlength: question.longest };
  if (question.longest <= 200) return labelled(question, make("input", { class: "govuk-input", value, ...same }));
  return labelled(question, make("textarea", { class: "govuk-textarea", rows: "4", text: value, ...same }));
}

function number(question, value) {
  const mode = question.decimals === 0 ? "numeric" : "decimal";
  const input = make("input", {
    class: "govuk-input govuk-input--width-5", id: idOf(question.id), name: question.id, inputmode: mode, value,
    "aria-describedby": described(question),
  });
  const suffix = question.unit ? make("div", { class: "govuk-input__suffix", "aria-hidden": "true", text: question.unit }) : null;
  return labelled(question, make("div", { class: "govuk-input__wrapper" }, input, suffix));
}

function days(name, value) {
  const [year, month, day] = String(value).split("-");
  const parts = { year, month, day };
  const items = DAY.map(([part, width]) => {
    const id = idOf(`${name}.${part}`);
    const input = make("input", {
      class: `govuk-input govuk-date-input__input govuk-input--width-${width}`, id, name: `${name}.${part}`,
      inputmode: "numeric", value: (parts[part] ?? "").replace(/^0/, ""),
    });
    const label = make("label", { class: "govuk-label govuk-date-input__label", for: id, text: part[0].toUpperCase() + part.slice(1) });
    return make("div", { class: "govuk-date-input__item" }, label, input);
  });
  return make("div", { class: "govuk-date-input" }, ...items);
}

function chosen(question, kind, isChosen, more = () => null) {
  const items = Object.entries(question.options).flatMap(([value, words], place) => {
    const id = idOf(`${question.id}${place ? `-${place + 1}` : ""}`);
    const type = kind === "radios" ? "radio" : "checkbox";
    const input = make("input", { class: `govuk-${kind}__input`, id, name: question.id, type, value, checked: isChosen(value) });
    const label = make("label", { class: `govuk-label govuk-${kind}__label`, for: id, text: words });
    return [make("div", { class: `govuk-${kind}__item` }, input, label), more(value, words)];
  });
  return grouped(question, make("div", { class: `govuk-${kind}` }, ...items));
}

const radios = (question, value) => chosen(question, "radios", (each) => each === value);
const checkboxes = (question, value) => chosen(question, "checkboxes", (each) => (value || []).includes(each));

function plan(question, value) {
  const notes = value || {};
  const note = (place, words) => {
    const name = `${question.id}.note.${place}`;
    return field(idOf(name), `What is there: ${words} (optional)`, { name, value: notes[place] ?? "" });
  };
  return chosen(question, "checkboxes", (each) => each in notes, note);
}

const parts = (names) => (question, value) =>
  grouped(
    question,
    ...names.map((part) => {
      const name = `${question.id}.${part}`;
      const given = value?.[part] ?? "";
      if (part !== "born") return field(idOf(name), LABELS[part], { name, value: given });
      const legend = make("legend", { class: "govuk-fieldset__legend", text: "Date of birth" });
      return make("div", { class: "govuk-form-group" }, make("fieldset", { class: "govuk-fieldset" }, legend, days(name, given)));
    }),
  );

function signature(question, value) {
  const drawn = make("input", { type: "hidden", name: `${question.id}.drawing`, value: value?.drawing ?? "" });
  return [...parts(["name"])(question, value), drawn, signaturePad(drawn)];
}

function photo(question) {
  const input = make("input", {
    class: "govuk-file-upload", id: idOf(question.id), name: question.id, type: "file", multiple: true,
    accept: "image/jpeg,image/png,image/webp", "aria-describedby": described(question),
  });
  return labelled(question, input);
}

const BUILD = {
  text,
  number,
  date: (question, value) => grouped(question, days(question.id, value)),
  choice: radios,
  "yes/no": radios,
  multi: checkboxes,
  plan,
  person: parts(["name", "born", "phone", "email", "relation"]),
  address: parts(["line", "postcode", "uprn"]),
  signature,
  photo,
};
