/** What the phone remembers between reports: last answers and a switch; no place, no time. */

const NAME = "contrechamp-report";
const MOST_TYPES = 6;

export interface Memory {
  /** Types chosen, the last one first. */
  readonly types: readonly string[];
  readonly prudent: boolean | null;
}

const NOTHING: Memory = { types: [], prudent: null };

export function recall(): Memory {
  try {
    const { types, prudent } = JSON.parse(localStorage.getItem(NAME) ?? "{}") as Partial<Memory>;
    return {
      types: Array.isArray(types) ? types.filter((type) => typeof type === "string") : [],
      prudent: typeof prudent === "boolean" ? prudent : null,
    };
  } catch {
    // A browser that keeps nothing has a form that remembers nothing.
    return NOTHING;
  }
}

export function remember_type(type: string): void {
  const { types, ...rest } = recall();
  keep({ ...rest, types: [type, ...types.filter((other) => other !== type)].slice(0, MOST_TYPES) });
}

export function remember_prudence(prudent: boolean): void {
  keep({ ...recall(), prudent });
}

export function forget_answers(): void {
  try {
    localStorage.removeItem(NAME);
    sessionStorage.removeItem(NEXT);
  } catch {
    // Nothing was kept.
  }
}

const NEXT = "contrechamp-next";
const KEPT_FOR_NEXT = ["kind", "camera_type", "operator_type"];

type Answers = readonly (readonly [name: string, value: string])[];

/** Keep type and operator for the report after this one, in this tab only. */
export function remember_for_next(answers: Answers): void {
  const kept = answers.filter(([name, value]) => KEPT_FOR_NEXT.includes(name) && value !== "");
  try {
    sessionStorage.setItem(NEXT, JSON.stringify(kept));
  } catch {
    // The next report starts empty.
  }
}

/** What the report before this one leaves, told once. */
export function recall_next(): Answers {
  try {
    const kept = JSON.parse(sessionStorage.getItem(NEXT) ?? "[]") as Answers;
    sessionStorage.removeItem(NEXT);
    return kept;
  } catch {
    return [];
  }
}

function keep(memory: Memory): void {
  try {
    localStorage.setItem(NAME, JSON.stringify(memory));
  } catch {
    // Full, or forbidden: the next report asks again.
  }
}
