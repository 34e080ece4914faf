// What the page shows: setting up, opening, what was taken along, one thing to do, and the end.
import { button, errorSummary, facts, field, heading, link, make, paragraph } from "./dom.js";
import { OfflineForm } from "./form.js";
import { begunWith } from "./operations.js";
import { wrongWith } from "./photos.js";
import { Away, Refused, SignedOut } from "./server.js";
import { weakness } from "./sealing.js";

const NO_ROOM =
  "This phone has no room left, so this is not saved yet. What you typed is still here: free some space, or go where there is signal and send what waits, then save again.";
const things = (count) => `${count} ${count === 1 ? "thing" : "things"}`;
const clock = (moment) => new Date(moment).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
const signIn = (session, words) => link(words, `${session?.sign_in ?? "/accounts/sign-in/"}?next=${location.pathname}`);

// One line above everything: is there signal, and what waits.
export function statusLine(phone) {
  const waits = phone.queue.length;
  if (phone.away) return `Offline since ${clock(phone.away)}, ${waits ? `${things(waits)} waiting` : "nothing waiting"}`;
  if (!phone.isOpen) return "";
  if (phone.sending && waits) return `Sending ${things(waits)}`;
  if (!waits) return "Everything is sent";
  if (phone.session && !phone.session.signed_in) return `Signed out, ${things(waits)} waiting`;
  return `${things(waits)} waiting`;
}

// A form of ours that says what is wrong above itself and keeps what was typed.
function asking(submit, act, ...boxes) {
  const form = make("form", { novalidate: true }, ...boxes, button(submit));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    form.querySelector("[data-errors]")?.remove();
    const working = form.querySelector("button[type=submit]");
    working.disabled = true;
    try {
      await act(new FormData(form));
    } catch (error) {
      show(form, [[sentence(error)]]);
    } finally {
      working.disabled = false;
    }
  });
  return form;
}

function show(form, errors) {
  form.querySelector("[data-errors]")?.remove();
  const summary = errorSummary(errors);
  form.prepend(summary);
  summary.focus();
}

function sentence(error) {
  if (error.name === "QuotaExceededError") return NO_ROOM;
  if (error instanceof Away || error instanceof Refused || error instanceof SignedOut || error instanceof Wrong) return error.message;
  throw error;
}

class Wrong extends Error {}

function pinBoxes(label) {
  const hint = "At least 6 characters, which you type when there is no signal. Five wrong ones and you need to sign in.";
  return [
    field("pin", label, { type: "password", autocomplete: "new-password" }, hint),
    field("again", "The same again", { type: "password", autocomplete: "new-password" }),
  ];
}

function newPin(data) {
  const pin = data.get("pin");
  const wrong = weakness(pin);
  if (wrong) throw new Wrong(wrong);
  if (pin !== data.get("again")) throw new Wrong("The two are not the same.");
  return pin;
}

export function setUpScreen(phone) {
  const { session } = phone;
  const parts = [heading("Work without signal")];
  if (phone.wiped) parts.push(wipedBox(phone.wiped));
  if (!session) return [...parts, paragraph("This phone is not set up yet. Go where there is signal to set it up.")];
  if (!session.signed_in) return [...parts, paragraph("This phone is not set up. ", signIn(session, "Sign in to set it up"), ".")];
  if (!session.may_set_up) return [...parts, paragraph("Working without signal is not part of what your post does.")];
  if (!session.purpose) return [...parts, purposeFirst(session)];
  const act = (data) => phone.setUp(data.get("name"), newPin(data));
  return [
    ...parts,
    paragraph("It keeps what you take along sealed, and forgets it when your shift is over. Use your own phone only, locked with its own code."),
    asking("Set up this phone", act, field("name", "A name for this phone", { maxlength: 60 }), ...pinBoxes("Choose a PIN for this phone")),
  ];
}

function wipedBox({ why, handedIn }) {
  const said = handedIn ? ` ${things(handedIn)} not yet sent ${handedIn === 1 ? "was" : "were"} handed in and ${handedIn === 1 ? "waits" : "wait"} under “From phones”.` : "";
  return make("div", { class: "govuk-inset-text", "data-wiped": true, text: `${why}${said}` });
}

// A phone that was taken away and has not handed in everything: nothing can be opened any more.
export function endedScreen(phone) {
  const { said, left } = phone.ending ?? {};
  const parts = [heading("This phone is being wiped"), make("div", { class: "govuk-inset-text", "data-ending": true, text: phone.ended })];
  if (left) parts.push(paragraph(`${things(left)} not yet sent ${left === 1 ? "lies" : "lie"} here sealed, and nobody can read ${left === 1 ? "it" : "them"} on this phone.`));
  parts.push(paragraph("What waits is handed in as soon as there is signal. Until the service holds it, it is kept here: do not clear this browser."));
  if (said) parts.push(paragraph(`The last time: ${said}`));
  return parts;
}

const purposeFirst = (session) =>
  paragraph(link("Choose why you work", `${session.choose_purpose}?next=${location.pathname}`), " first.");

export function lockedScreen(phone) {
  const { session } = phone;
  const parts = [heading("Open this phone")];
  if (phone.hasPin) {
    const box = field("pin", "PIN of this phone", { type: "password", autocomplete: "off" });
    const act = async (data) => {
      const left = await phone.openWithPin(data.get("pin"));
      if (left === "open") return;
      box.querySelector("input").value = "";
      if (left > 0) throw new Wrong(`That is not the PIN. ${left} ${left === 1 ? "try" : "tries"} left.`);
      phone.changed(); // the screen says so
    };
    parts.push(asking("Open", act, box));
  } else parts.push(paragraph("The PIN is gone after five wrong tries. Sign in to open this phone; nothing that waits is lost."));
  if (!session) return parts;
  if (!session.signed_in) parts.push(paragraph(signIn(session, phone.hasPin ? "Forgotten the PIN? Sign in" : "Sign in"), "."));
  else if (!session.mine) parts.push(paragraph(`This phone is somebody else’s: ${session.officer} is signed in. Whoever set it up must sign in.`));
  else {
    const act = (data) => phone.openSignedIn(newPin(data));
    parts.push(make("h2", { class: "govuk-heading-m", text: "You are signed in" }), asking("Open with a new PIN", act, ...pinBoxes("Choose a new PIN")));
  }
  return parts;
}

export function homeScreen(phone) {
  const { session, pack } = phone;
  const parts = [heading("Your day")];
  if (session && !session.signed_in) parts.push(paragraph(signIn(session, "Sign in again"), phone.queue.length ? " to send what waits. It is safe here meanwhile." : " to send and to take along."));
  else if (session && !session.mine) parts.push(paragraph(`${session.officer} is signed in. Whoever set up this phone must sign in to send.`));
  else if (session && !session.purpose) parts.push(purposeFirst(session));
  if (phone.refused) parts.push(make("div", { class: "govuk-inset-text", text: phone.refused }));
  if (phone.dropped) parts.push(make("div", { class: "govuk-inset-text", text: phone.dropped }));
  parts.push(...toldBoxes(phone), ...asideBoxes(phone));
  if (pack) parts.push(...packParts(phone));
  else parts.push(paragraph("Nothing is taken along."));
  const take = button(pack ? "Take along anew" : "Take along", null, pack ? "secondary" : "");
  take.type = "button";
  take.disabled = !phone.maySend || Boolean(phone.away);
  take.addEventListener("click", async () => {
    try {
      await phone.takeAlong();
    } catch (error) {
      phone.refused = sentence(error);
      phone.changed();
    }
  });
  const group = make("div", { class: "govuk-button-group" }, take);
  if (phone.queue.length) group.append(button("Send now", () => phone.send(), "secondary"));
  group.append(button("Lock", () => phone.lock(), "secondary"));
  parts.push(group);
  if (session?.signed_in && !phone.away) parts.push(paragraph(link("Sign out and wipe this phone", session.sign_out)));
  if (phone.queue.length) parts.push(...queueParts(phone));
  return parts;
}

function toldBoxes(phone) {
  if (!phone.told.length) return [];
  const list = make("ul", { class: "govuk-list govuk-list--bullet" });
  const told = toldOf(phone.pack);
  for (const each of phone.told) {
    const { state, said } = each;
    const { title } = told(each);
    const why = state === "conflict" ? "somebody else changed the same. Both are kept: choose under “From phones”." : said;
    list.append(make("li", { text: `${title ? `${title}: ` : ""}${why}` }));
  }
  const box = make("div", { class: "govuk-inset-text", "data-told": true }, paragraph("What was sent and could not be done is kept, for a person to look at:"), list);
  box.append(button("I have seen this", () => phone.forgetTold(), "secondary"));
  return [box];
}

// Photographs that the service does not take: they stay here, sealed, till they are removed.
function asideBoxes(phone) {
  const titleOf = toldOf(phone.pack);
  return phone.aside.map((each, place) => {
    const { title, saved } = titleOf(each);
    const of = [title, saved].filter(Boolean).join(", ");
    const remove = button("Remove this photograph", () => phone.removeAside(each.number), "secondary");
    remove.setAttribute("aria-describedby", `aside-${place}`);
    const what = make("p", { class: "govuk-body", id: `aside-${place}`, text: `A photograph was not sent${of ? ` (${of})` : ""}: ${each.said} What was written with it goes without it. It stays on this phone, sealed.` });
    return make("div", { class: "govuk-inset-text", "data-aside": true }, what, remove);
  });
}

function packParts({ pack, queue }) {
  const waits = new Set(queue.map(({ about }) => about));
  const parts = [paragraph(`Taken along at ${clock(pack.made_at)} for ${pack.purpose}. It is gone at ${clock(pack.until)}.`)];
  if (pack.left_out) parts.push(paragraph(`${things(pack.left_out)} did not fit.`));
  for (const [index, { title, items }] of pack.parts.entries()) {
    parts.push(make("h2", { class: "govuk-heading-m", text: title }));
    if (!items.length) parts.push(paragraph("None."));
    const list = make("ul", { class: "govuk-list govuk-list--spaced" });
    items.forEach((item, place) => {
      const tag = waits.has(item.about) ? make("strong", { class: "govuk-tag", text: "Waiting" }) : null;
      list.append(make("li", {}, link(item.title, `#${index}/${place}`), tag && " ", tag));
    });
    if (items.length) parts.push(list);
  }
  return parts;
}

// What an operation is about, as the pack called it, and when it was saved.
const toldOf = (pack) => ({ about, kind, payload }) => {
  const item = pack?.parts.flatMap(({ items }) => items).find((each) => each.about === about);
  const deed = item?.deeds.find((each) => each.kind === kind);
  const title = [item?.title, deed?.title].filter(Boolean).join(": ");
  return { title, saved: payload["form saved"] ? clock(payload["form saved"]) : "" };
};

function queueParts({ queue, pack }) {
  const list = make("ul", { class: "govuk-list govuk-list--bullet", "data-queue": true });
  for (const { title, saved } of queue.map(toldOf(pack))) list.append(make("li", { text: [title, saved && `saved at ${saved}`].filter(Boolean).join(", ") }));
  return [make("h2", { class: "govuk-heading-m", text: "Waiting to be sent" }), list];
}

// One thing of the pack: what is known, and what may be done about it.
export async function itemScreen(phone, item, at, deed) {
  const back = make("a", { class: "govuk-back-link", href: deed && item.deeds.length > 1 ? `#${at}` : "#", text: "Back" });
  const parts = [back, heading(item.title), facts(item.facts)];
  if (!deed) {
    const list = make("ul", { class: "govuk-list govuk-list--spaced" });
    item.deeds.forEach(({ title }, place) => list.append(make("li", {}, link(title, `#${at}/${place}`))));
    return [...parts, list];
  }
  return [...parts, await deedForm(phone, item, deed)];
}

async function deedForm(phone, item, deed) {
  const draft = await phone.draft(deed.kind, item.about);
  const opened = draft?.opened ?? phone.now.toISOString();
  const { key, asked } = begunWith(draft, phone.pack.forms, deed.form);
  const form = new OfflineForm(asked, draft?.answers ?? deed.values);
  const { element } = form;
  let timer = 0;
  let kept = null; // while the draft is being written, which must not come after what is saved
  const keep = () => (kept = phone.keepDraft(deed.kind, item.about, { opened, answers: form.answers, key, asked }).catch(() => {}));
  element.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 400);
  });
  element.append(button("Save"));
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(timer);
    if (form.missing.length) {
      keep();
      show(element, form.missing);
      return;
    }
    try {
      await kept;
      await save(phone, item, deed, form, { opened, key });
      location.hash = "";
    } catch (error) {
      keep();
      show(element, [[sentence(error)]]);
    }
  });
  return make("section", { "aria-label": deed.title }, make("h2", { class: "govuk-heading-m", text: deed.title }), element);
}

// Keeps what was done as an operation: of a thing that others may change what is other than before,
// of anything else all answers; beside them when the form was opened and saved, and its photographs.
async function save(phone, item, deed, form, { opened, key }) {
  const { answers } = form;
  const files = form.photos.flatMap(([id, chosen]) => chosen.map((file) => [id, file]));
  const photos = await Promise.all(files.map(async ([, file]) => new Uint8Array(await file.arrayBuffer())));
  for (const [place, bytes] of photos.entries()) {
    const wrong = wrongWith(bytes);
    if (wrong) throw new Wrong(`${files[place][1].name}: ${wrong}`);
  }
  const isChange = deed.version !== null;
  const same = (id, value) => JSON.stringify(value ?? null) === JSON.stringify(deed.values[id] ?? null);
  const said = (numbers) => {
    const all = { ...answers };
    files.forEach(([id], place) => (all[id] = [...(all[id] ?? deed.values[id] ?? []), numbers[place]]));
    if (!isChange) return all;
    const gone = Object.keys(deed.values).filter((id) => !(id in all) && !form.photoIds.includes(id));
    const changed = Object.entries(all).filter(([id, value]) => !same(id, value));
    return Object.fromEntries([...changed, ...gone.map((id) => [id, null])]);
  };
  if (isChange && !files.length && !Object.keys(said([])).length) return;
  const payload = (numbers) => ({
    ...said(numbers),
    "form opened": opened,
    "form saved": phone.now.toISOString(),
    ...(isChange ? {} : { "form key": key }),
    ...(numbers.length ? { "photos sent": numbers } : {}),
  });
  const base = isChange ? { version: deed.version, values: deed.values } : null;
  await phone.add({ kind: deed.kind, about: item.about, payload, base, photos, deed });
}
