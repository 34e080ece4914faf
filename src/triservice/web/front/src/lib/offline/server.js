// What a phone asks the server. A network that is not there is an Away, never another answer; who is
// signed out is led nowhere, so that what waits stays on the page.

export const BATCH = 50; // operations in one request

export class Away extends Error {}
export class SignedOut extends Error {}
export class Refused extends Error {
  constructor(said, status) {
    super(said);
    this.status = status;
  }
}

export class Server {
  constructor(address) {
    this.address = address;
    this.csrf = "";
  }

  // Says what the server says of this phone: whose session it is, and what the phone has to do.
  async contact(phone) {
    const said = await this.#ask("contact", { method: "GET" }, phone);
    this.csrf = said.csrf;
    return said;
  }

  post(name, phone, said) {
    return this.postBytes(name, phone, JSON.stringify(said), "application/json");
  }

  postBytes(name, phone, body, type = "application/octet-stream") {
    const headers = { "Content-Type": type, "X-CSRFToken": this.csrf };
    return this.#ask(name, { method: "POST", headers, body }, phone);
  }

  async #ask(name, options, phone) {
    const headers = { Accept: "application/json", ...options.headers };
    if (phone) headers["Triservice-Phone"] = phone;
    let answer;
    try {
      const signal = AbortSignal.timeout(30_000);
      answer = await fetch(this.address + name, { ...options, headers, signal, redirect: "manual", cache: "no-store" });
    } catch {
      throw new Away("There is no signal.");
    }
    if (answer.type === "opaqueredirect") throw new SignedOut("You are signed out.");
    if (answer.status >= 500 || answer.status === 429) throw new Away("The service is not there just now.");
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(said.said ?? "The service refused this.", answer.status);
    return said;
  }
}
