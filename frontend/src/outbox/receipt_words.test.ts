import { describe, expect, it } from "vitest";

import golden from "../../../fixtures/cases/receipts.json";
import { are_words, hash_of, new_words } from "./receipt_words";

describe("receipt words", () => {
  it.each(golden.cases)("hash as the server's do: $hash", async ({ words, hash }) => {
    expect(are_words(words)).toBe(true);
    expect(await hash_of(words)).toBe(hash);
  });

  it("are twelve, belong together, and never the same", () => {
    const made = Array.from({ length: 20 }, new_words);
    expect(made.every((words) => words.length === 12 && are_words(words))).toBe(true);
    expect(new Set(made.map(String)).size).toBe(20);
    expect(made.flat().every((word) => word === word.normalize("NFC"))).toBe(true);
  });
});
