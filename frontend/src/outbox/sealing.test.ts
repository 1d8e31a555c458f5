import {
  AEAD_AES_128_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_P256_HKDF_SHA256,
} from "hpke";
import { describe, expect, it } from "vitest";

import golden from "../../../fixtures/cases/sealed.json";
import { info_of_photo, info_of_report, read_key, seal, SealingKeyError } from "./sealing";

const suite = new CipherSuite(KEM_DHKEM_P256_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_128_GCM);
const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.from(text, "base64url"));

async function open(envelope: Uint8Array, info: string): Promise<{ head: unknown; picture: string }> {
  const key = await suite.DeserializePrivateKey(bytes(golden.private_key), true);
  const plain = await suite.Open(key, envelope.slice(9, 74), envelope.slice(74), {
    info: new TextEncoder().encode(info),
  });
  const length = new DataView(plain.buffer, plain.byteOffset).getUint32(0);
  return {
    head: JSON.parse(new TextDecoder().decode(plain.slice(4, 4 + length))),
    picture: Buffer.from(plain.slice(4 + length)).toString("base64url"),
  };
}

describe("seal", () => {
  it.each(golden.envelopes)("makes what was always made: $photo", async (known) => {
    const info = known.photo ? info_of_photo(known.photo, known.report) : info_of_report(known.report);
    const { head, picture } = known;
    const point = read_key(golden.public_key);
    const made = await seal(point, info, head as unknown as Record<string, string>, bytes(picture));
    expect(await open(bytes(known.envelope), info)).toEqual({ head, picture });
    expect(await open(made, info)).toEqual({ head, picture });
    expect(made.slice(0, 9)).toEqual(bytes(known.envelope).slice(0, 9));
    expect(made).toHaveLength(bytes(known.envelope).length);
  });

  it("opens for the address it was made for, and never twice the same", async () => {
    const point = read_key(golden.public_key);
    const [one, other] = await Promise.all([seal(point, "a", {}), seal(point, "a", {})]);
    expect(one).not.toEqual(other);
    await expect(open(one, "b")).rejects.toThrow();
  });
});

describe("read_key", () => {
  it.each(["", "no key", "AAAA", golden.private_key])("refuses %j", (text) => {
    expect(() => read_key(text)).toThrow(SealingKeyError);
  });
});
