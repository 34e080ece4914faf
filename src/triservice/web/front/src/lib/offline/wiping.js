// What a phone still holds when it is wiped: handed in as it lies there, sealed.
import { toBase64 } from "./bytes.js";
import { BATCH } from "./server.js";

const LONGEST = 1_000_000; // letters of what is handed in at once, unless one alone is longer

const asSent = (store, { name, version, iv, data }) => ({ store, name, version, iv: toBase64(iv), data: toBase64(data) });

// Says that nothing is left here, by what the phone sealed for that while it was open.
export const sayWiped = (server, key, proof) =>
  server.post("hand-in", key, { sealed: [], wiped: true, proof: proof ? asSent("plain", proof) : null });

// Hands in the queue part by part, and yields what the server answers to each.
export async function* handIn(store, server, key) {
  const waiting = (await store.all("queue")).map((each) => asSent("queue", each));
  for (const sealed of inParts(waiting)) yield await server.post("hand-in", key, { sealed, wiped: false });
}

// Sealed records in parts that one request carries: so many, and not much longer than a piece.
function* inParts(records) {
  let part = [];
  let length = 0;
  for (const record of records) {
    if (part.length && (part.length === BATCH || length + record.data.length > LONGEST)) {
      yield part;
      [part, length] = [[], 0];
    }
    part.push(record);
    length += record.data.length;
  }
  if (part.length) yield part;
}
