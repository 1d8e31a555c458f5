import { describe, expect, it } from "vitest";

import golden from "../../../fixtures/cases/directions.json";
import {
  ALL_ROUND, arc, arcs_from_json, center_deg, DirectionError, format_directions, octant_of,
  parse_directions, parse_walker_direction, width_deg, wind_of,
} from "./direction";

interface Case {
  text: string;
  arcs?: { from: number; to: number }[] | null;
  formatted?: string;
  error?: boolean;
}

describe("directions", () => {
  it("reads every golden OSM text as the Python twin does", () => {
    for (const { text, arcs, formatted, error } of golden.cases as Case[]) {
      if (error) {
        expect(() => parse_directions(text), text).toThrow(DirectionError);
      } else {
        expect(parse_directions(text), text).toEqual(arcs);
        expect(format_directions(parse_directions(text)), text).toBe(formatted);
        expect(parse_directions(formatted ?? ""), text).toEqual(arcs);
      }
    }
  });

  it("reads every golden text of a walker as the Python twin does", () => {
    for (const { text, arcs, error } of golden.walker_cases as Case[]) {
      if (error) expect(() => parse_walker_direction(text), text).toThrow(DirectionError);
      else expect(parse_walker_direction(text), text).toEqual(arcs);
    }
  });

  it("knows the middle and the opening across north", () => {
    expect(width_deg(arc(350, 10))).toBe(20);
    expect(center_deg(arc(350, 10))).toBe(0);
    expect(center_deg(ALL_ROUND)).toBeNull();
    expect(width_deg(arc(90, 90))).toBe(0);
  });

  it("names winds and octants, the clockwise one on an edge", () => {
    expect([wind_of(359), wind_of(11.25), octant_of(22.5), octant_of(360)]).toEqual([
      "N", "NNE", "NE", "N",
    ]);
  });

  it("refuses bearings that are no bearings", () => {
    for (const value of [Number.NaN, -1, 361, Number.POSITIVE_INFINITY]) {
      expect(() => arc(value, 0)).toThrow(DirectionError);
    }
  });

  it("takes a malformed tile property for no direction", () => {
    expect(arcs_from_json('[{"from":10,"to":50}]')).toEqual([{ from: 10, to: 50 }]);
    for (const text of ["", "[", "{}", '[{"from":10}]', '[{"from":-1,"to":2}]', 7, undefined]) {
      expect(arcs_from_json(text)).toEqual([]);
    }
  });
});
