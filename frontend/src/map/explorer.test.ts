// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";

import { address_of, query_of, view_of_address } from "./explorer";

describe("the map's address", () => {
  it("brings a view back", () => {
    const view = { zoom: 17, lat: 60.17001, lon: 24.94 };
    const address = address_of("/en/", "kind=camera", view);
    expect(address).toBe("/en/?kind=camera#map=17/60.17001/24.94000");
    expect(view_of_address(address.slice("/en/?kind=camera".length))).toEqual({ zoom: 17, lat: 60.17001, lon: 24.94 });
  });

  it("tells no request where one looks", () => {
    const view = { zoom: 17, lat: 60.17001, lon: 24.94 };
    expect(new URL(address_of("/", "", view), "http://here.example").search).toBe("");
  });

  it("keeps no view once it was asked where its reader is", () => {
    expect(address_of("/en/", "kind=camera", null)).toBe("/en/?kind=camera");
    expect(address_of("/", "", null)).toBe("/");
  });

  it("is not led astray by nonsense", () => {
    for (const hash of ["", "#", "#map=", "#map=1/2", "#map=a/b/c", "#map=17/91/0", "#map=17/0/181", "#map=1/2/3/4", "#map=//"]) {
      expect(view_of_address(hash)).toBeNull();
    }
  });

  it("leaves out the fields of the form that ask nothing", () => {
    document.body.innerHTML =
      '<form><input name="kind" value=""><input name="status" value="active"></form>';
    expect(query_of(document.querySelector("form")!)).toBe("status=active");
  });
});
