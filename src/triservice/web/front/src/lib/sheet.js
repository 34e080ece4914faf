// The answers to a form as its conditions ask them: which questions apply, and what scores can be.
// The same as Sheet in triservice/schemes/scoring.py; `form` is what the API gives for a form.
import { HIDDEN, evaluate } from "./conditions.js";

const NOT_KNOWN = "not known";
const SEVERAL = new Set(["multi", "plan"]);

export class Sheet {
  constructor(form, values, today) {
    this.form = form;
    this.values = values;
    this.today = today;
    this.byId = new Map(form.questions.map((question) => [question.id, question]));
    this.hidden = new Set();
    for (const question of form.questions) {
      if (question.show_if && this.holds(question.show_if) === false) this.hidden.add(question.id);
    }
  }

  holds(condition) {
    return evaluate(condition, (name) => this.look(name), this.today);
  }

  // Whether a question certainly applies: on a page, when it is shown.
  applies(question) {
    return !question.show_if || this.holds(question.show_if) === true;
  }

  look(name) {
    if (Object.hasOwn(this.form.scores, name)) return this.span(this.form.scores[name]);
    return this.hidden.has(name) ? HIDDEN : (this.values[name] ?? null);
  }

  span(score) {
    const spans = [
      ...Object.entries(score.points).map(([name, points]) => this.#points(name, points)),
      ...score.values.map((name) => this.#number(name)),
    ];
    const together =
      score.combine === "greatest"
        ? (numbers) => Math.max(...numbers)
        : (numbers) => numbers.reduce((sum, one) => sum + one, 0);
    return { low: together(spans.map(([low]) => low)), high: together(spans.map(([, high]) => high)) };
  }

  #points(name, points) {
    const value = this.look(name);
    if (value === HIDDEN) return [0, 0];
    const { kind, options } = this.byId.get(name);
    const several = SEVERAL.has(kind);
    const chosen = several && value !== null ? (Array.isArray(value) ? value : Object.keys(value)) : [value];
    const worth = (option) => points[option] ?? 0;
    const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
    if (value !== null && !chosen.includes(NOT_KNOWN)) {
      const found = sum(chosen.map(worth));
      return [found, found];
    }
    if (several) {
      const all = Object.values(points);
      return [sum(all.filter((one) => one < 0)), sum(all.filter((one) => one > 0))];
    }
    const possible = Object.keys(options).filter((one) => one !== NOT_KNOWN).map(worth);
    return [Math.min(...possible), Math.max(...possible)];
  }

  #number(name) {
    const value = this.look(name);
    if (value === HIDDEN) return [0, 0];
    if (value !== null && value !== NOT_KNOWN) return [value, value];
    const question = this.byId.get(name);
    return [question.low ?? 0, question.high ?? 0];
  }
}
