// A phone: its store, its queue, and what goes to the server and comes back. No page in here.
import { decode, encode, uuid7, fromBase64 } from "./bytes.js";
import { answersOf, photosOf, refresh, without } from "./operations.js";
import { isNever, sendPhoto, withPhotos } from "./photos.js";
import { keysOf, nameOf, openWithPin, seal, sealWithPin, unseal } from "./sealing.js";
import { Away, BATCH, Refused, Server, SignedOut } from "./server.js";
import { Store } from "./store.js";
import { handIn, sayWiped } from "./wiping.js";

const TRIES = 5;
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 300_000;

const toBytes = (said) => encode(JSON.stringify(said));
const draftOf = (kind, about) => `draft ${kind} ${about}`;

export class Phone {
  #keys = null;
  #wait = FIRST_WAIT;
  #timer = 0;

  static async begin(address, changed) {
    const phone = new Phone();
    phone.server = new Server(address);
    phone.changed = changed; // called whenever there is something new to show
    phone.store = await Store.open();
    phone.plain = (await phone.store.get("plain", "phone")) ?? null;
    phone.session = null; // what the server last said of it
    phone.away = null; // since when there is no signal
    phone.sending = false;
    phone.queue = [];
    phone.pack = null;
    phone.told = []; // what the server answered that a person should know
    phone.aside = []; // photographs that the service does not take
    phone.wiped = null; // why, once it was
    phone.ending = null; // what the service said to what it did not take, while it is being wiped
    return phone;
  }

  get isSetUp() {
    return this.plain !== null;
  }

  // Why this phone is to be wiped, while something of it is not yet handed in.
  get ended() {
    return this.plain?.ended;
  }

  get isOpen() {
    return this.#keys !== null;
  }

  get hasPin() {
    return Boolean(this.plain?.pin);
  }

  // ---- Keys ------------------------------------------------------------------------------------

  async setUp(name, pin) {
    const { phone, key } = await this.server.post("set-up", null, { name });
    const raw = fromBase64(key);
    await navigator.storage?.persist?.();
    await this.#write({ key: phone, pin: await sealWithPin(raw, pin), tries: TRIES, latest: Date.now() });
    await this.#open(raw);
  }

  // Opens with the PIN; says how many tries are left, or "open". After the last wrong one the key is
  // gone from the phone, and only signing in opens it again: nothing that waits is lost.
  async openWithPin(pin) {
    const { pin: sealed, tries } = this.plain;
    const left = tries - 1;
    await this.#write({ ...this.plain, tries: left }); // counted before it is tried
    const raw = await openWithPin(sealed, pin);
    if (raw) {
      await this.#write({ ...this.plain, tries: TRIES });
      await this.#open(raw);
      return "open";
    }
    if (left <= 0) await this.#write({ ...this.plain, pin: null });
    return left;
  }

  // Opens with the key that the server releases to whom the phone is; a new PIN may be given.
  async openSignedIn(pin = "") {
    const { key } = await this.server.post("key", this.plain.key, {});
    const raw = fromBase64(key);
    if (pin) await this.#write({ ...this.plain, pin: await sealWithPin(raw, pin), tries: TRIES });
    await this.#open(raw);
  }

  lock() {
    this.#keys = null;
    [this.queue, this.pack, this.told, this.aside] = [[], null, [], []];
    clearTimeout(this.#timer);
    this.changed();
  }

  async #open(raw) {
    this.#keys = await keysOf(raw);
    raw.fill(0);
    if (!this.plain.proof) await this.#write({ ...this.plain, proof: await seal(this.#keys, "plain", "wiped", 1, toBytes("wiped")) });
    this.pack = await this.#kept("pack");
    this.told = (await this.#kept("told")) ?? [];
    this.aside = (await this.#kept("aside")) ?? [];
    await this.#readQueue();
    await this.expire();
    this.changed();
    this.sendSoon(0);
  }

  #write(plain) {
    this.plain = plain;
    return this.store.change([["put", "plain", "phone", plain]]);
  }

  // ---- What is kept ----------------------------------------------------------------------------

  async #kept(name) {
    const bytes = await this.#keptBytes(name);
    return bytes === null ? null : JSON.parse(decode(bytes));
  }

  async #keptBytes(name) {
    const sealed = await this.store.get("kept", await nameOf(this.#keys, name));
    return sealed ? unseal(this.#keys, "kept", sealed) : null;
  }

  async #keeping(store, name, bytes) {
    const opaque = await nameOf(this.#keys, name);
    const before = await this.store.get(store, opaque);
    const sealed = await seal(this.#keys, store, opaque, (before?.version ?? 0) + 1, bytes);
    return ["put", store, opaque, sealed];
  }

  async #forgetting(store, name) {
    return ["delete", store, await nameOf(this.#keys, name)];
  }

  // What time it is by the server's clock, as far as the last contact told.
  get now() {
    return new Date(Date.now() + (this.plain?.ahead ?? 0));
  }

  // The latest moment that this phone has seen: a clock that is put back makes nothing last longer.
  async #now() {
    const latest = Math.max(Date.now(), this.plain.latest ?? 0);
    if (latest - (this.plain.latest ?? 0) > 60_000) await this.#write({ ...this.plain, latest });
    return latest;
  }

  // The server's clock is believed; the phone's own counts from there until the next contact.
  async #setClock() {
    const [now, { ahead = 0, latest = 0 }] = [Date.now(), this.plain];
    const found = Date.parse(this.session.now) - now;
    if (Math.abs(found - ahead) > 5_000 || latest > now) await this.#write({ ...this.plain, ahead: found, latest: now });
  }

  // Lets the pack go when it has run out, by the server's clock as it was when it was taken.
  async expire() {
    if (this.pack && (await this.#now()) + (this.plain.ahead ?? 0) >= Date.parse(this.pack.until)) {
      await this.#drop("What was taken along has run out.");
    }
  }

  async #drop(why) {
    await this.store.change([await this.#forgetting("kept", "pack")]);
    this.pack = null;
    this.dropped = why;
    this.changed();
  }

  // ---- Things to do ----------------------------------------------------------------------------

  // Puts an operation into the queue, with its photographs, all or nothing; `payload` is given the
  // numbers of these. Rejects where there is no room; then nothing was kept and the caller still has it.
  async add({ kind, about = "", payload, base = null, photos = [], deed = null }) {
    const first = Math.max(Date.now(), (this.plain.last ?? 0) + 1);
    const numbers = photos.map((_, place) => uuid7(first + place));
    const last = first + photos.length;
    const operation = {
      number: uuid7(last),
      kind,
      about,
      payload: payload(numbers),
      base,
      made_at: new Date().toISOString(),
    };
    const plain = { ...this.plain, last, latest: Math.max(Date.now(), this.plain.latest) };
    const changes = [
      ["put", "plain", "phone", plain],
      await this.#keeping("queue", operation.number, toBytes(operation)),
      await this.#forgetting("kept", draftOf(kind, about)),
    ];
    for (const [place, bytes] of photos.entries()) {
      changes.push(await this.#keeping("kept", `photo ${numbers[place]}`, bytes));
    }
    const before = deed?.values;
    if (base && this.pack) {
      deed.values = { ...before, ...answersOf(operation.payload) }; // what the next change begins from
      changes.push(await this.#keeping("kept", "pack", toBytes(this.pack)));
    }
    try {
      await this.store.change(changes);
    } catch (error) {
      if (deed) deed.values = before;
      throw error;
    }
    this.plain = plain;
    this.queue.push(operation);
    this.changed();
    this.sendSoon(0);
  }

  // What is typed and not yet saved comes back after a restart.
  draft(kind, about) {
    return this.#kept(draftOf(kind, about));
  }

  async keepDraft(kind, about, said) {
    if (this.isOpen) await this.store.change([await this.#keeping("kept", draftOf(kind, about), toBytes(said))]);
  }

  async #readQueue() {
    const sealed = await this.store.all("queue");
    const opened = await Promise.all(sealed.map((each) => unseal(this.#keys, "queue", each)));
    this.queue = opened.map((bytes) => JSON.parse(decode(bytes)));
    this.queue.sort((a, b) => (a.number < b.number ? -1 : 1));
  }

  // ---- The server ------------------------------------------------------------------------------

  // Asks what to do, and does it. Also a phone that is locked is wiped.
  async contact() {
    try {
      this.session = await this.server.contact(this.plain?.key);
    } catch (error) {
      if (!(error instanceof Away)) throw error;
      this.away ??= new Date();
      return false;
    } finally {
      this.changed();
    }
    this.away = null;
    if (this.plain) await this.#setClock();
    if (this.plain && this.session.order === "wipe") await this.#wipe(this.session.why);
    else if (this.isOpen && this.pack && this.session.order === "drop") await this.#drop(this.session.why);
    this.changed();
    return true;
  }

  get maySend() {
    return this.isOpen && this.session?.mine && this.session.purpose !== "";
  }

  async takeAlong() {
    if (!(await this.contact()) || !this.maySend) return;
    const pack = await this.server.post("pack", this.plain.key, {});
    await this.store.change([await this.#keeping("kept", "pack", toBytes(pack))]);
    this.pack = pack;
    this.dropped = "";
    this.changed();
  }

  // Sends what waits, now or after a while; each time that it does not work it waits longer.
  sendSoon(wait = this.#wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.send(), wait);
  }

  async send() {
    if (this.sending) return;
    this.sending = true;
    try {
      const done = await navigator.locks.request("triservice send", () => this.#send());
      if (done) this.#wait = FIRST_WAIT;
      else if (this.queue.length && this.isOpen && this.away) {
        this.sendSoon(this.#wait * (0.75 + Math.random() / 2));
        this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
      }
    } finally {
      this.sending = false;
      this.changed();
    }
  }

  // Whether everything is sent. Another tab may have sent some of it: the store knows.
  async #send() {
    try {
      if (!(await this.contact()) || !this.isOpen) return false;
      await this.#readQueue();
      if (!this.maySend) return this.queue.length === 0;
      this.refused = "";
      const held = new Set(); // what a photograph stays for now is about: nothing later of it goes
      for (let batch = this.queue; batch.length; batch = this.queue.filter(({ about }) => !held.has(about))) {
        const { ready, said } = await withPhotos(batch.slice(0, BATCH), held, (each) => this.#sendPhotos(each));
        if (said) this.refused = said;
        if (!ready.length) continue;
        const { outcomes } = await this.server.post("sync", this.plain.key, { operations: ready });
        await this.#answered(ready, outcomes);
        this.changed();
      }
      return held.size === 0;
    } catch (error) {
      if (error instanceof Away) this.away ??= new Date();
      else if (error instanceof SignedOut) this.session = { ...this.session, mine: false, signed_in: false };
      else if (error instanceof Refused) this.refused = error.message;
      else throw error;
      return false;
    }
  }

  async #answered(batch, outcomes) {
    const changes = [];
    const answered = new Map(outcomes.map((each) => [each.number, each]));
    for (const operation of batch) {
      const outcome = answered.get(operation.number);
      if (!outcome) continue;
      changes.push(await this.#forgetting("queue", operation.number));
      for (const number of photosOf(operation)) changes.push(await this.#forgetting("kept", `photo ${number}`));
      if (outcome.state !== "applied") this.told.push({ ...outcome, about: operation.about, kind: operation.kind, payload: {} });
      if (outcome.answer.values) refresh(this.pack, operation, outcome.answer);
    }
    if (!changes.length) throw new Refused("The service did not answer what was sent.", 200);
    changes.push(await this.#keeping("kept", "told", toBytes(this.told)));
    if (this.pack) changes.push(await this.#keeping("kept", "pack", toBytes(this.pack)));
    await this.store.change(changes);
    await this.#readQueue();
  }

  async #sendPhotos(operation) {
    for (const number of photosOf(operation)) {
      const bytes = await this.#keptBytes(`photo ${number}`);
      try {
        if (bytes) await sendPhoto(this.server, this.plain.key, number, new Uint8Array(bytes));
      } catch (error) {
        if (!isNever(error)) throw error;
        await this.#setAside(operation, number, error.message);
      }
    }
  }

  // Keeps a photograph here that the service never takes; what names it goes without it.
  async #setAside({ about, kind, payload }, number, said) {
    const aside = [...this.aside, { number, said, about, kind, payload: { "form saved": payload["form saved"] } }];
    const changes = [await this.#keeping("kept", "aside", toBytes(aside))];
    for (const each of this.queue.filter((operation) => JSON.stringify(operation).includes(number))) {
      Object.assign(each, without(each, number));
      changes.push(await this.#keeping("queue", each.number, toBytes(each)));
    }
    await this.store.change(changes);
    this.aside = aside;
  }

  async removeAside(number) {
    const aside = this.aside.filter((each) => each.number !== number);
    await this.store.change([await this.#forgetting("kept", `photo ${number}`), await this.#keeping("kept", "aside", toBytes(aside))]);
    this.aside = aside;
    this.changed();
  }

  async forgetTold() {
    this.told = [];
    await this.store.change([await this.#forgetting("kept", "told")]);
    this.changed();
  }

  // ---- The end ---------------------------------------------------------------------------------

  // Forgets what was taken along and the key at once. What waits is handed in sealed, and each is
  // forgotten only when the service says that it holds it: what it does not take stays here, sealed,
  // and is handed in at the next contact.
  async #wipe(why) {
    const { key, handedIn = 0, proof } = this.plain;
    await this.store.change([["clear", "kept"], ["put", "plain", "phone", { ...this.plain, pin: null, ended: why }]]);
    this.plain = await this.store.get("plain", "phone");
    this.lock();
    let held = handedIn;
    try {
      for await (const { kept } of handIn(this.store, this.server, key)) {
        held += kept.length;
        const plain = { ...this.plain, handedIn: held };
        await this.store.change([...kept.map((name) => ["delete", "queue", name]), ["put", "plain", "phone", plain]]);
        this.plain = plain;
      }
      if ((await this.store.all("queue")).length) throw new Refused("The service did not take all of it.", 200);
      await sayWiped(this.server, key, proof);
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Away)) throw error;
      this.ending = { said: error.message, left: (await this.store.all("queue")).length };
      return;
    }
    await this.store.change([["clear", "queue"], ["clear", "plain"]]);
    this.wiped = { why, handedIn: held };
    this.plain = null;
    this.ending = null;
    this.changed();
  }
}
