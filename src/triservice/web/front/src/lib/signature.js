// A pad to sign on with a finger, a pen or a mouse, beside the typed name, which is enough: nobody has
// to draw. What is drawn is kept in a hidden box as lines in 600 × 200, the path of an SVG
// (schemes/answers.py): "M12 30 14 31 18 35M40 12 …".
import { button, make } from "./offline/dom.js";

const [WIDTH, HEIGHT] = [600, 200];
const STEP = 5; // a hand's tremble is not kept
const LONGEST = 6_000; // characters

const strokesOf = (path) => path.split("M").filter(Boolean).map((stroke) => stroke.split(" ").map(Number));
const pathOf = (strokes) => strokes.map((stroke) => `M${stroke.join(" ")}`).join("");

export function signaturePad(hidden) {
  const canvas = make("canvas", { class: "app-signature", width: WIDTH, height: HEIGHT, "aria-hidden": "true" });
  const pen = canvas.getContext("2d");
  let strokes = strokesOf(hidden.value);
  let stroke = null; // while the pen is down

  const show = () => {
    pen.clearRect(0, 0, WIDTH, HEIGHT);
    pen.lineWidth = 3;
    pen.lineCap = pen.lineJoin = "round";
    pen.stroke(new Path2D(pathOf(strokes)));
  };
  const keep = () => {
    hidden.value = pathOf(strokes);
    hidden.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const at = ({ clientX, clientY }) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const inside = (part, whole, most) => Math.min(most, Math.max(0, Math.round((part / whole) * most)));
    return [inside(clientX - left, width, WIDTH), inside(clientY - top, height, HEIGHT)];
  };
  const hasRoom = () => pathOf(strokes).length < LONGEST - 20;
  const end = () => {
    if (stroke?.length === 2) stroke.push(...stroke); // a dot
    if (stroke) keep();
    stroke = null;
    show();
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0 || !hasRoom()) return;
    canvas.setPointerCapture(event.pointerId);
    strokes.push((stroke = at(event)));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!stroke || !hasRoom()) return;
    const [[x, y], [fromX, fromY]] = [at(event), stroke.slice(-2)];
    if (Math.hypot(x - fromX, y - fromY) < STEP) return;
    stroke.push(x, y);
    show();
  });
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);

  const clear = () => {
    [strokes, stroke] = [[], null];
    keep();
    show();
  };
  show();
  return make(
    "div",
    { class: "govuk-form-group", "data-pad": true },
    make("p", { class: "govuk-hint", text: "They may sign here as well, with a finger, a pen or a mouse. The name alone is enough." }),
    canvas,
    button("Clear what is drawn", clear, "secondary"),
  );
}
