// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";

import { forget_catalogue } from "../i18n/messages";
import type { Device } from "./devices";
import {
  date_words, device_words, direction_words, evidence_words, is_old, view_words,
} from "./sentences";

const DOME: Device = {
  id: "a", kind: "camera", camera_type: "dome", status: "active", verification: "verified",
  arcs: [{ from: 20, to: 70 }], last_seen: "2026-05", name: "", lon: 2, lat: 48,
};

beforeEach(() => {
  document.documentElement.lang = "en";
  forget_catalogue();
});

describe("devices in words", () => {
  it("say what, where it looks and how we know", () => {
    expect(device_words(DOME)).toBe("Dome camera, looks north-east, verified on the spot");
    expect(evidence_words(DOME)).toBe("verified on the spot, last seen May 2026");
    expect(device_words({ ...DOME, kind: "", arcs: [], verification: "x" })).toBe(
      "Device of unknown kind, not verified",
    );
    expect(evidence_words({ ...DOME, status: "removed", last_seen: "" })).toBe("removed");
  });

  it("name several directions once each, all round alone", () => {
    expect(direction_words([{ from: 90, to: 90 }, { from: 180, to: 180 }])).toBe("looks east and south");
    expect(direction_words([{ from: 85, to: 85 }, { from: 95, to: 95 }])).toBe("looks east");
    expect(direction_words([{ from: 0, to: 360 }])).toBe("looks all round");
    expect(direction_words([])).toBe("");
  });

  it("write partial dates as far as they are known", () => {
    expect(date_words("2026")).toBe("2026");
    expect(date_words("2026-05")).toBe("May 2026");
    expect(date_words("2026-05-12")).toBe("May 12, 2026");
    expect(date_words("")).toBe("");
    document.documentElement.lang = "fr";
    expect(date_words("2026-05")).toBe("mai 2026");
  });

  it("call old what nobody saw for two years, and nothing else", () => {
    const today = new Date(2026, 10, 23);
    expect(is_old({ last_seen: "2024-11" }, today)).toBe(false);
    expect(is_old({ last_seen: "2024-10" }, today)).toBe(true);
    expect(is_old({ last_seen: "2024" }, today)).toBe(false);
    expect(is_old({ last_seen: "2023" }, today)).toBe(true);
    expect(is_old({ last_seen: "" }, today)).toBe(false);
  });

  it("sum up a view", () => {
    expect(view_words([], [], [])).toBe("Nothing recorded in this view.");
    expect(view_words([DOME], [], [])).toBe("1 device in view.");
    const cluster = { id: "c", count: 1200, lon: 0, lat: 0, bbox: null };
    expect(view_words([DOME], [cluster], [])).toBe(
      "1,201 devices in view. Zoom in to see them one by one.",
    );
  });
});
