// Conditions of scheme forms, evaluated where there is no server. The same trees, values and three
// answers (true, false, null for unknown) as triservice/schemes/conditions.py; a test compares both.
//
// `look(name)` gives the answer to a question or score: null or undefined where there is none,
// HIDDEN where the question does not apply, {low, high} for a score of which answers are missing.
// `today` is a date as "2026-03-27".

export const HIDDEN = Object.freeze({ hidden: true });
const NOT_KNOWN = "not known";
const COMPARE = {
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

export function evaluate([sign, ...parts], look, today) {
  if (sign === "and") return every(parts.map((part) => evaluate(part, look, today)));
  if (sign === "or") return opposite(every(parts.map((part) => opposite(evaluate(part, look, today)))));
  if (sign === "not") return opposite(evaluate(parts[0], look, today));
  const value = valueOf(parts[0], look, today);
  if (sign === "known") return value !== HIDDEN && value !== null;
  if (value === HIDDEN) return sign === "!=";
  return value === null ? null : compared(sign, value, parts[1]);
}

export function every(truths) {
  if (truths.includes(false)) return false;
  return truths.includes(null) ? null : true;
}

export function opposite(truth) {
  return truth === null ? null : !truth;
}

function valueOf(term, look, today) {
  const value = look(typeof term === "string" ? term : term[1]) ?? null;
  if (value === HIDDEN) return HIDDEN;
  if (typeof term !== "string") return yearsSince(value, today);
  return isUnknown(value) ? null : value;
}

function isUnknown(value) {
  if (value === null || value === NOT_KNOWN) return true;
  if (Array.isArray(value)) return value.length === 0 || (value.length === 1 && value[0] === NOT_KNOWN);
  return typeof value === "object" && Object.keys(value).length === 0;
}

// Whole years since a date, or since a person was born; null where it is unknown.
export function yearsSince(value, today) {
  const text = value !== null && typeof value === "object" ? value.born : value;
  if (typeof text !== "string" || !/^\d{4}-\d\d-\d\d$/.test(text)) return null;
  const years = Number(today.slice(0, 4)) - Number(text.slice(0, 4));
  const whole = years - (today.slice(5) < text.slice(5) ? 1 : 0);
  return whole >= 0 ? whole : null;
}

function compared(sign, value, literal) {
  if (sign === "in") {
    return opposite(every(literal.map((one) => opposite(compared("=", value, one)))));
  }
  if (sign === "has") {
    const chosen = Array.isArray(value) ? value : Object.keys(value);
    if (chosen.includes(literal)) return true;
    return chosen.includes(NOT_KNOWN) ? null : false;
  }
  const isSpan = typeof value === "object" && !Array.isArray(value) && "low" in value;
  const [low, high] = isSpan ? [value.low, value.high] : [value, value];
  if (typeof low !== typeof literal) return null;
  if (low === high) return COMPARE[sign](low, literal);
  return within(sign, low, high, literal);
}

function within(sign, low, high, literal) {
  if (sign === "=" || sign === "!=") {
    return literal < low || literal > high ? sign === "!=" : null;
  }
  const [atLow, atHigh] = [COMPARE[sign](low, literal), COMPARE[sign](high, literal)];
  return atLow === atHigh ? atLow : null;
}
