// The keys of a phone's store. None of them can be read out of the browser by a script, and none is
// kept but the store key sealed with a PIN. The server seals and opens the same (offline/sealing.py).
import { encode, random, toHex } from "./bytes.js";

const ROUNDS = 600_000; // of PBKDF2 with SHA-256: OWASP's number of 2023
const SEAL = encode("triservice offline seal");
const NAME = encode("triservice offline name");

// What seals and names the records of a store, from the bytes of its key.
export async function keysOf(raw) {
  const root = await crypto.subtle.importKey("raw", raw, "HKDF", false, ["deriveKey"]);
  const derived = (info, kind, uses) =>
    crypto.subtle.deriveKey({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info }, root, kind, false, uses);
  return {
    seal: await derived(SEAL, { name: "AES-GCM", length: 256 }, ["encrypt", "decrypt"]),
    name: await derived(NAME, { name: "HMAC", hash: "SHA-256", length: 256 }, ["sign"]),
  };
}

// A name under which a record lies: it tells nothing to who has not the key.
export async function nameOf(keys, name) {
  return toHex(await crypto.subtle.sign("HMAC", keys.name, encode(name)));
}

// Sealed bytes are bound to where they lie and to their version: none can take another's place.
const bound = (store, name, version) => encode(`${store}|${name}|${version}`);

export async function seal(keys, store, name, version, bytes) {
  const iv = random(12);
  const how = { name: "AES-GCM", iv, additionalData: bound(store, name, version) };
  return { name, version, iv, data: await crypto.subtle.encrypt(how, keys.seal, bytes) };
}

export async function unseal(keys, store, { name, version, iv, data }) {
  const how = { name: "AES-GCM", iv, additionalData: bound(store, name, version) };
  return crypto.subtle.decrypt(how, keys.seal, data);
}

async function keyOfPin(pin, salt) {
  const typed = await crypto.subtle.importKey("raw", encode(pin.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return crypto.subtle.deriveKey(how, typed, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

export async function sealWithPin(raw, pin) {
  const [salt, iv] = [random(16), random(12)];
  const key = await keyOfPin(pin, salt);
  return { salt, iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, raw) };
}

// The bytes of the store key, or null where the PIN is not right.
export async function openWithPin({ salt, iv, data }, pin) {
  const key = await keyOfPin(pin, salt);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data));
  } catch {
    return null;
  }
}

// Why a PIN will not do, or "".
export function weakness(pin) {
  if (pin.length < 6) return "Use at least 6 characters. Letters make it stronger.";
  const steps = new Set([...pin].slice(1).map((letter, place) => letter.charCodeAt(0) - pin.charCodeAt(place)));
  if (steps.size === 1 && /^[-01]+$/.test(String([...steps][0]))) return "Use one that is not a row or one letter repeated.";
  return "";
}
