/**
 * Seals what waits on this phone to the server's public key: whoever opens the phone finds a
 * count. HPKE (RFC 9180) base mode; `mapper/intake/sealing.py` is the twin and says what an
 * envelope is made of.
 */

import {
  AEAD_AES_128_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_P256_HKDF_SHA256,
} from "hpke";

const VERSION = 1;
const KEY_ID_BYTES = 8;
const POINT_BYTES = 65;

type Bytes = Uint8Array<ArrayBuffer>;

const suite = new CipherSuite(KEM_DHKEM_P256_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_128_GCM);

/** The key of the page is missing or damaged. */
export class SealingKeyError extends Error {}

export function info_of_report(id: string): string {
  return `contrechamp sealed ${VERSION} sighting ${id}`;
}

export function info_of_photo(id: string, report_id: string): string {
  return `contrechamp sealed ${VERSION} photo ${id} ${report_id}`;
}

/** Read the uncompressed point that a page carries in base64url. */
export function read_key(text: string): Bytes {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  let point: Bytes;
  try {
    point = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    throw new SealingKeyError("The sealing key is no base64url.");
  }
  if (point.length !== POINT_BYTES || point[0] !== 4) {
    throw new SealingKeyError(`The sealing key has ${point.length} bytes, a point has ${POINT_BYTES}.`);
  }
  return point;
}

/** Seal a JSON object, and a picture beside it, for the one address that `info` names. */
export async function seal(
  point: Bytes, info: string, head: Readonly<Record<string, string>>, picture?: Bytes,
): Promise<Bytes> {
  const text = new TextEncoder();
  const key = await suite.DeserializePublicKey(point);
  const { encapsulatedSecret, ciphertext } = await suite.Seal(
    key, framed(text.encode(JSON.stringify(head)), picture), { info: text.encode(info) },
  );
  const key_id = new Uint8Array(await crypto.subtle.digest("SHA-256", point)).slice(0, KEY_ID_BYTES);
  return joined([Uint8Array.of(VERSION), key_id, encapsulatedSecret, ciphertext]);
}

/** The length of the head in four bytes, the head, the picture. */
function framed(head: Uint8Array, picture: Uint8Array = new Uint8Array()): Bytes {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, head.length);
  return joined([length, head, picture]);
}

function joined(parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
