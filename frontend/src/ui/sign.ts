/** The sign of a device, drawn from the page's sprite (`parts/signs.html`): the twin of parts/sign.html. */

const SVG = "http://www.w3.org/2000/svg";

export interface Signed {
  readonly kind: string;
  readonly camera_type: string;
  readonly status: string;
  readonly verification: string;
  readonly is_old: boolean;
}

/** Make an SVG element with attributes. */
export function svg_element(
  name: string, attributes: Readonly<Record<string, string | number>> = {},
): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/** The symbol's name in the sprite. */
export function symbol_of({ kind, camera_type }: Pick<Signed, "kind" | "camera_type">): string {
  if (kind === "camera" && (camera_type === "dome" || camera_type === "panning")) {
    return `sign-${camera_type}`;
  }
  return kind === "drone_flight" ? "sign-drone" : `sign-${kind || "unknown"}`;
}

/** Draw a sign; words stand beside it, so it is hidden from screen readers. */
export function draw_sign(signed: Signed): SVGElement {
  const { status, verification } = signed;
  const state = ["removed", "disused", "planned"].includes(status) ? status : verification;
  const sign = svg_element("svg", {
    class: `sign is-${state || "unverified"}${signed.is_old ? " is-old" : ""}`,
    viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false",
  });
  const href = `#${symbol_of(signed)}`;
  if (verification === "declared" || status === "planned") {
    sign.append(
      svg_element("use", { href: "#sign-frame" }),
      svg_element("use", { href, x: 5, y: 5, width: 14, height: 14 }),
    );
  } else {
    sign.append(svg_element("use", { href }));
  }
  if (status === "removed") sign.append(svg_element("use", { href: "#sign-struck" }));
  return sign;
}
