/** The proof of work of a form that the browser itself sends: a field, made when it leaves. */

import { proof_by } from "./proof";
import { solve_aside } from "./solving_aside";

const FIELD = "proof_of_work";
// The walker waits for it: after that it goes without, and the report waits for a moderator.
const PATIENCE_MS = 4_000;

export async function add_proof(form: HTMLFormElement): Promise<void> {
  const late = new Promise<string>((resolve) => setTimeout(() => resolve(""), PATIENCE_MS));
  const proof = await Promise.race([proof_by(solve_aside), late]);
  form.querySelector(`input[name="${FIELD}"]`)?.remove();
  if (!proof) return;
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: FIELD, value: proof }));
}
