// The page that works without signal: keeps a phone, and shows what it has.
import { Phone } from "./lib/offline/phone.js";
import { endedScreen, homeScreen, itemScreen, lockedScreen, setUpScreen, statusLine } from "./lib/offline/screens.js";

const main = document.querySelector("[data-offline]");
const status = document.querySelector("[data-status]");
const IDLE = 15 * 60_000; // then the phone is locked
let phone = null;
let shown = "";
let idle = 0;

// A screen is drawn again when what it shows is another, and never under somebody's hands: a form
// that is open stays as it is.
async function draw(moved = false) {
  if (!phone) return;
  const line = statusLine(phone);
  if (status.textContent !== line) status.textContent = line;
  const [index, place, which] = location.hash.slice(1).split("/");
  const item = phone.isOpen ? phone.pack?.parts[index]?.items[place] : undefined;
  const name = !phone.isSetUp ? "set up" : phone.ended ? "ended" : !phone.isOpen ? "locked" : item ? location.hash : "home";
  if (name === shown && name !== "home" && name !== "ended" && !moved && !stale(name)) return;
  const other = name !== shown;
  shown = name;
  const deed = item?.deeds[which ?? (item.deeds.length === 1 ? 0 : -1)];
  const parts = !phone.isSetUp
    ? setUpScreen(phone)
    : phone.ended
      ? endedScreen(phone)
      : !phone.isOpen
        ? lockedScreen(phone)
        : item
          ? await itemScreen(phone, item, `${index}/${place}`, deed)
          : homeScreen(phone);
  if (shown !== name) return; // somebody went on meanwhile
  const pressed = main.contains(document.activeElement) ? document.activeElement.textContent : "";
  main.replaceChildren(...parts);
  main.dataset.session = JSON.stringify([phone.session?.signed_in, phone.session?.mine, phone.hasPin, phone.session?.purpose]);
  if (other && document.activeElement === document.body) main.querySelector("h1")?.focus();
  else if (pressed) [...main.querySelectorAll("button, a")].find((each) => each.textContent === pressed)?.focus();
}

// What was learned of the session changes what the first screens offer.
function stale(name) {
  const now = JSON.stringify([phone.session?.signed_in, phone.session?.mine, phone.hasPin, phone.session?.purpose]);
  const typed = [...main.querySelectorAll("input")].some((input) => input.value);
  return (name === "locked" || name === "set up") && main.dataset.session !== now && !typed;
}

function stillHere() {
  clearTimeout(idle);
  idle = setTimeout(() => phone?.isOpen && phone.lock(), IDLE);
}

async function start() {
  if ("serviceWorker" in navigator) {
    const scope = main.dataset.offline;
    navigator.serviceWorker.register(main.dataset.worker, { scope, updateViaCache: "none" }).catch(() => {});
  }
  phone = await Phone.begin(main.dataset.offline, () => draw());
  await draw();
  await phone.contact();
  for (const event of ["online", "focus"]) {
    window.addEventListener(event, () => (phone.isOpen ? phone.send() : phone.contact()));
  }
  window.addEventListener("offline", () => phone.contact());
  window.addEventListener("hashchange", () => {
    phone.expire();
    draw(true);
    window.scrollTo(0, 0);
  });
  for (const event of ["pointerdown", "keydown"]) window.addEventListener(event, stillHere, { passive: true });
  stillHere();
  setInterval(() => phone.isOpen && phone.expire(), 60_000);
}

start();
