// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

import { draw_sign, symbol_of } from "./sign";

const KINDS = ["camera", "alpr", "acoustic", "drone", "guard", "sensor", "speed_camera", "other", "unknown"];
const EVENTS = ["drone_flight", "mobile_unit", "trailer", "event"];
const sprite = readFileSync("mapper/templates/parts/signs.html", "utf8");

it("every kind of device and event has a symbol in the sprite", () => {
  for (const kind of [...KINDS, ...EVENTS, ""]) {
    expect(sprite).toContain(`id="${symbol_of({ kind, camera_type: "" })}"`);
  }
  for (const camera_type of ["dome", "panning", "fixed", "other"]) {
    expect(sprite).toContain(`id="${symbol_of({ kind: "camera", camera_type })}"`);
  }
});

it("state is told by form: a frame for paper, a stroke for what is gone", () => {
  const uses = (status: string, verification: string): (string | null)[] => {
    const sign = draw_sign({ kind: "alpr", camera_type: "", status, verification, is_old: false });
    return [...sign.children].map((use) => use.getAttribute("href"));
  };
  expect(uses("active", "verified")).toEqual(["#sign-alpr"]);
  expect(uses("active", "declared")).toEqual(["#sign-frame", "#sign-alpr"]);
  expect(uses("removed", "verified")).toEqual(["#sign-alpr", "#sign-struck"]);
});
