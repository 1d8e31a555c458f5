// @vitest-environment happy-dom
import * as L from "leaflet";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { forget_catalogue } from "../i18n/messages";
import type { Cluster, Device } from "./devices";
import { cone_outline, DeviceLayer } from "./device_layer";
import { distance_m } from "./sphere";

function device(id: string, extra: Partial<Device> = {}): Device {
  return {
    id, kind: "camera", camera_type: "", status: "active", verification: "verified", name: "",
    arcs: [{ from: 90, to: 90 }], last_seen: "", lon: 2.3, lat: 48.85, ...extra,
  };
}

let map: L.Map;
let layer: DeviceLayer;
const on_device = vi.fn();
const on_spot = vi.fn();

beforeEach(() => {
  document.documentElement.lang = "en";
  document.body.innerHTML = '<div id="map"></div>';
  forget_catalogue();
  map = L.map("map", { zoomAnimation: false }).setView([48.85, 2.3], 18);
  layer = new DeviceLayer(map, { focus_id: "a", on_device, on_event: vi.fn(), on_spot });
});

afterEach(() => map.remove());

function show(devices: Device[], clusters: Cluster[] = []): void {
  layer.show({ devices, looking: devices, clusters, events: [] });
}

function marks(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(".mark")];
}

describe("the device layer", () => {
  it("makes every sign a named, focusable button that Enter and Space press", () => {
    show([device("a")]);
    const [mark] = marks();
    expect(mark!.getAttribute("role")).toBe("button");
    expect(mark!.tabIndex).toBe(0);
    expect(mark!.getAttribute("aria-label")).toBe("Camera, looks east, verified on the spot");
    expect(mark!.classList.contains("is-focus")).toBe(true);
    mark!.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
    mark!.dispatchEvent(new KeyboardEvent("keydown", { key: " " }));
    expect(on_device).toHaveBeenCalledTimes(2);
  });

  it("lets an event step aside from a device on the same spot", () => {
    const spot = { lon: 2.3, lat: 48.85 };
    const event = { ...spot, id: "e", kind: "drone_flight" };
    layer.show({ devices: [device("a", spot)], looking: [], clusters: [], events: [event] });
    const [one, other] = marks().map(({ style }) => `${style.marginLeft} ${style.marginTop}`);
    expect(one).not.toEqual(other);
  });

  it("keeps what stays, by id", () => {
    show([device("a"), device("b")]);
    const before = marks();
    show([device("b"), device("c")]);
    const after = marks();
    expect(after).toHaveLength(2);
    expect(after).toContain(before[1]);
    show([device("b", { status: "removed" })]);
    expect(marks()).not.toContain(before[1]);
  });

  it("says a cluster in words, and a press zooms in", () => {
    const cluster = { id: "c", count: 23, lon: 2.3, lat: 48.85, bbox: null };
    map.setZoom(12);
    show([], [cluster]);
    const [mark] = marks();
    expect(mark!.getAttribute("aria-label")).toBe("23 devices, zoom in");
    mark!.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
    expect(map.getZoom()).toBe(14);
  });

  it("opens a ring whose devices no zoom would part as a list", () => {
    const members = [device("a"), device("b")];
    map.setZoom(16);
    show([], [{ id: "near/a", count: 2, lon: 2.3, lat: 48.85, bbox: null, members }]);
    marks()[0]!.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
    expect(on_spot).toHaveBeenCalledWith(expect.objectContaining({ id: "near/a" }), members);
    expect(map.getZoom()).toBe(16);
  });

  it("draws cones only when near, none for what was removed", () => {
    const cones = (): number => document.querySelectorAll("path.cone").length;
    show([device("a"), device("b", { status: "removed" })]);
    expect(cones()).toBe(1);
    map.setZoom(15);
    show([device("a")]);
    expect(cones()).toBe(0);
  });
});

describe("shapes", () => {
  it("a cone opens at the device and no point is further than its depth", () => {
    const at = { lon: 2.3, lat: 48.85 };
    const [first, ...rim] = cone_outline(at, { from: 350, to: 20 });
    expect(first).toBe(at);
    for (const corner of rim) expect(distance_m(at, corner)).toBeCloseTo(32, 1);
    expect(cone_outline(at, { from: 0, to: 360 })).toHaveLength(36);
  });
});
