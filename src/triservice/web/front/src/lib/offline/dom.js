// Elements made by hand: a phone makes its pages without markup from anywhere.

// make("p", { class: "govuk-body", text: "…" }, child, …); properties that are functions are listeners.
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export const heading = (text, level = 1) =>
  make(`h${level}`, { class: `govuk-heading-${"lms"[level - 1]}`, text, tabindex: level === 1 ? "-1" : null });
export const paragraph = (...parts) => make("p", { class: "govuk-body" }, ...parts);
export const link = (text, href) => make("a", { class: "govuk-link", href, text });

export function button(text, click, kind = "") {
  const classes = `govuk-button${kind ? ` govuk-button--${kind}` : ""}`;
  return make("button", { class: classes, type: click ? "button" : "submit", text, click });
}

export function facts(rows) {
  const list = make("dl", { class: "govuk-summary-list" });
  for (const [name, value] of rows) {
    list.append(
      make(
        "div",
        { class: "govuk-summary-list__row" },
        make("dt", { class: "govuk-summary-list__key", text: name }),
        make("dd", { class: "govuk-summary-list__value", text: value }),
      ),
    );
  }
  return list;
}

// Leads to a box without touching the address, which says what the page shows.
function lead(event, id) {
  event.preventDefault();
  document.getElementById(id)?.focus();
}

// What is wrong, in one box above: [[sentence, id of where], …].
export function errorSummary(errors) {
  const list = make("ul", { class: "govuk-list govuk-error-summary__list" });
  for (const [text, id] of errors) {
    list.append(make("li", {}, id ? make("a", { href: `#${id}`, text, click: (event) => lead(event, id) }) : text));
  }
  const title = make("h2", { class: "govuk-error-summary__title", text: "There is a problem" });
  const body = make("div", { class: "govuk-error-summary__body" }, list);
  return make("div", { class: "govuk-error-summary", tabindex: "-1", "data-errors": true }, make("div", { role: "alert" }, title, body));
}

// One box with its label: field("pin", "PIN", { type: "password" }, "At least 6 characters").
export function field(id, label, attributes = {}, hint = "") {
  const described = hint ? `${id}-hint` : null;
  return make(
    "div",
    { class: "govuk-form-group" },
    make("label", { class: "govuk-label govuk-label--s", for: id, text: label }),
    hint ? make("div", { class: "govuk-hint", id: `${id}-hint`, text: hint }) : null,
    make("input", { class: "govuk-input", id, name: id, type: "text", autocomplete: "off", "aria-describedby": described, ...attributes }),
  );
}
