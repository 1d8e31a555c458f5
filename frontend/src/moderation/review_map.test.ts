// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";

import { forget_catalogue } from "../i18n/messages";
import { make_review_map, read_position } from "./review_map";

const PAGE = `<form><div id="map" data-moderation-map data-lon="2.35" data-lat="48.85"
  data-photo-lon="2.3501" data-photo-lat="48.8501" data-accuracy-m="12" data-direction-deg="45;180"
  data-photo-direction-deg="200.5" data-neighbours="near"></div>
  <input name="lon"><input name="lat"></form><script type="application/json" id="near"></script>`;

function field(name: string): HTMLInputElement {
  return document.querySelector<HTMLInputElement>(`[name="${name}"]`)!;
}

beforeEach(() => {
  document.documentElement.lang = "en";
  document.body.innerHTML = PAGE;
  document.getElementById("near")!.textContent = JSON.stringify([
    { id: "a", kind: "camera", direction: '[{"from":10,"to":50}]', lon: 2.3502, lat: 48.85, label: "1" },
  ]);
  forget_catalogue();
});

describe("the moderator's map", () => {
  it("shows the pin, the photo's place, the neighbours and every direction", () => {
    make_review_map(document.getElementById("map")!);
    const named = [...document.querySelectorAll("[aria-label]")].map((element) =>
      element.getAttribute("aria-label"),
    );
    expect(named).toContain("Where the photo was taken");
    expect(named).toContain("1: Camera, looks north-east, not verified");
    expect(document.querySelectorAll("path.cone")).toHaveLength(4);
  });

  it("writes the form's place only once the pin was moved", () => {
    make_review_map(document.getElementById("map")!);
    expect([field("lon").value, field("lat").value]).toEqual(["", ""]);
    const pin = document.querySelector(".pin-mark")!;
    pin.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", shiftKey: true }));
    expect(Number(field("lat").value)).toBeCloseTo(48.85009, 5);
    expect(document.querySelector('[role="status"]')!.textContent).toBe("Moved 10 m from the report.");
  });

  it("draws a line to where a changeset would have a device, and sees both ends", () => {
    document.getElementById("map")!.dataset["fit"] = "";
    document.getElementById("near")!.textContent = JSON.stringify([
      { id: "a", kind: "camera", lon: 2.35, lat: 48.85, to: { lon: 2.36, lat: 48.86 } },
      { id: "b", kind: "camera", lon: 2.351, lat: 48.851 },
    ]);
    make_review_map(document.getElementById("map")!);
    expect(document.querySelectorAll("path.move")).toHaveLength(1);
    expect(document.querySelectorAll("path.move__end")).toHaveLength(1);
  });

  it("hides where there is no place to show", () => {
    document.body.innerHTML = '<div id="map"></div>';
    make_review_map(document.getElementById("map")!);
    expect(document.getElementById("map")!.hidden).toBe(true);
    expect(read_position("", "1")).toBeNull();
    expect(read_position("x", "1")).toBeNull();
  });
});
