/**
 * The twelve words of a receipt, made on the phone: only their hash travels. The twin of
 * `mapper/intake/receipts.py`; golden cases in `fixtures/cases/receipts.json`.
 */

import { generateMnemonic, validateMnemonic } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/french.js";

const STRENGTH_BITS = 128;

/** Twelve words of the French BIP-39 list, with their accents. */
export function new_words(): string[] {
  return generateMnemonic(wordlist, STRENGTH_BITS).normalize("NFC").split(/\s+/);
}

/** The SHA-256, in hexadecimal, of the words without accents, joined by one space. */
export async function hash_of(words: readonly string[]): Promise<string> {
  const bare = words.map(without_accents).join(" ");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(bare));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Whether twelve words belong together: known, and their checksum right. */
export function are_words(words: readonly string[]): boolean {
  return validateMnemonic(words.join(" "), wordlist);
}

function without_accents(word: string): string {
  return word.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
