// Reads cases as JSON on standard input, one a line, and writes each answer as JSON.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const lib = (name) => import(pathToFileURL(`${process.argv[2]}/${name}.js`));
const { HIDDEN, evaluate } = await lib("conditions");
const { Sheet } = await lib("sheet");

const decoded = (value) => (value?.hidden ? HIDDEN : value);
const answer = {
  condition: ({ tree, values, today }) => evaluate(tree, (name) => decoded(values[name]), today),
  sheet: ({ form, values, today }) => {
    const sheet = new Sheet(form, values, today);
    const scores = Object.entries(form.scores).map(([id, score]) => [id, sheet.span(score)]);
    return { hidden: [...sheet.hidden].sort(), scores: Object.fromEntries(scores) };
  },
};
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  console.log(JSON.stringify(answer[asked.what](asked)));
}
