import { createChallenge, verifySolution } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/web/pbkdf2";
import { describe, expect, it } from "vitest";

import { solve_here } from "./solving";

const SECRETS = { hmacSignatureSecret: "a", hmacKeySignatureSecret: "b" };

describe("solve_here", () => {
  it.each([0, 1, 12])("finds what the server drew: %i", async (counter) => {
    const challenge = await createChallenge(
      { algorithm: "PBKDF2/SHA-256", cost: 10, counter, deriveKey, ...SECRETS },
    );
    const solved = (await solve_here(challenge))!;
    expect(solved.solution.counter).toBe(counter);
    const said = await verifySolution({ ...solved, deriveKey, ...SECRETS });
    expect(said.verified).toBe(true);
  });

  it("says nothing of how quick this phone is", async () => {
    const challenge = await createChallenge(
      { algorithm: "PBKDF2/SHA-256", cost: 10, counter: 2, deriveKey, ...SECRETS },
    );
    const solved = await solve_here(challenge);
    expect(Object.keys(solved!)).toEqual(["challenge", "solution"]);
    expect(Object.keys(solved!.solution).sort()).toEqual(["counter", "derivedKey"]);
  });
});
