import { describe, expect, it } from "vitest";

import { fields_of } from "./form";

function data(...pairs: [string, string][]): FormData {
  const made = new FormData();
  for (const [name, value] of pairs) made.append(name, value);
  return made;
}

describe("fields_of", () => {
  it("takes the last value of a field: a box after its hidden no", () => {
    expect(fields_of(data(["prudent", "0"], ["prudent", "1"], ["kind", "camera"]))).toMatchObject(
      { prudent: "1", kind: "camera" },
    );
  });

  it.each([
    [["NE", ""], "NE"],
    [["unknown", "90"], "90"],
    [["unknown", ""], "unknown"],
    [["90", "90"], "90"],
    [["NE", "90"], "NE, 90"],
    [["", ""], ""],
    [[], ""],
  ])("makes one of the direction's buttons and its text: %j", (said, direction) => {
    expect(fields_of(data(...said.map((text): [string, string] => ["direction", text])))["direction"])
      .toBe(direction);
  });

  it("leaves files aside", () => {
    const made = data(["note", "x"]);
    made.append("photo", new File(["y"], "y.jpg"));
    expect(fields_of(made)).toEqual({ note: "x", direction: "" });
  });
});
