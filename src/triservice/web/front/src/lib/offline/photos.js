// Photographs: what may be one, how one goes to the service in pieces, and what is left without it.
import { toHex } from "./bytes.js";
import { Refused } from "./server.js";

const PIECE = 256_000; // bytes of a photograph at a time
const LARGEST = 12_000_000; // of a whole one: rules.PHOTO_BYTES
const NEVER = 415; // the service takes it never, however often it comes
const FIRST_BYTES = [["\xff\xd8\xff", 0], ["\x89PNG\r\n\x1a\n", 0], ["WEBP", 8]]; // rules.PHOTOS

// Why the service would not take what was chosen as a photograph; blank where it would.
export function wrongWith(bytes) {
  const head = String.fromCharCode(...bytes.subarray(0, 12));
  if (!FIRST_BYTES.some(([mark, at]) => head.startsWith(mark, at))) return "this is no photograph that can be kept. Use JPEG, PNG or WebP.";
  return bytes.length > LARGEST ? "this photograph is larger than 12 MB. Make it smaller." : "";
}

export const isNever = (error) => error instanceof Refused && error.status === NEVER;

// Sends a photograph from where it was cut off.
export async function sendPhoto(server, key, number, bytes) {
  const sha256 = toHex(await crypto.subtle.digest("SHA-256", bytes));
  let { received } = await server.post("photos", key, { number, sha256, size: bytes.length });
  while (received < bytes.length) {
    const piece = bytes.subarray(received, received + PIECE);
    ({ received } = await server.postBytes(`photos/${number}/${received}`, key, piece));
  }
}

// Sends the photographs of operations, and says which of these can go after them. Where one stays for
// now, nothing later about the same goes before it: what that is joins `held`, and `said` is why.
export async function withPhotos(operations, held, send) {
  const ready = [];
  let said = "";
  for (const operation of operations) {
    if (held.has(operation.about)) continue;
    try {
      await send(operation);
      ready.push(operation);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      said = error.message;
      held.add(operation.about);
    }
  }
  return { ready, said };
}
