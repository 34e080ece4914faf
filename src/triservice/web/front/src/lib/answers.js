// What the boxes of a scheme form hold, as the answers that the server, and conditions, understand.

const PARTS = ["name", "born", "phone", "email", "relation", "line", "postcode", "uprn", "drawing"];

// Return the answers in a <form>, by question; what is not filled in is left out.
export function readAnswers(element, form) {
  const data = new FormData(element);
  const answers = {};
  for (const question of form.questions) {
    const value = (READ[question.kind] ?? text)(data, question);
    if (value !== null && value !== "") answers[question.id] = value;
  }
  return answers;
}

function text(data, { id }) {
  const value = data.get(id);
  return typeof value === "string" ? value.trim() : null;
}

function number(data, question) {
  const value = text(data, question)?.replaceAll(",", "");
  return value && Number.isFinite(Number(value)) ? Number(value) : null;
}

function date(data, { id }) {
  return dateOf(["year", "month", "day"].map((part) => data.get(`${id}.${part}`) ?? ""));
}

function dateOf([year, month, day]) {
  const made = `${year.trim().padStart(4, "0")}-${month.trim().padStart(2, "0")}-${day.trim().padStart(2, "0")}`;
  const real = new Date(`${made}T00:00:00Z`);
  return !Number.isNaN(real.valueOf()) && real.toISOString().startsWith(made) ? made : null;
}

function several(data, { id }) {
  const chosen = data.getAll(id);
  return chosen.length ? chosen : null;
}

function plan(data, question) {
  const chosen = several(data, question);
  return chosen && Object.fromEntries(chosen.map((place) => [place, data.get(`${question.id}.note.${place}`) ?? ""]));
}

function parts(data, { id }) {
  const found = {};
  for (const part of PARTS) {
    const value = data.get(`${id}.${part}`)?.trim();
    if (value) found[part] = value;
  }
  const born = dateOf(["year", "month", "day"].map((part) => data.get(`${id}.born.${part}`) ?? ""));
  if (born) found.born = born;
  return Object.keys(found).length ? found : null;
}

const READ = {
  number, date, plan,
  multi: several,
  person: parts,
  address: parts,
  signature: parts,
  photo: () => null, // files are sent, not compared
};
