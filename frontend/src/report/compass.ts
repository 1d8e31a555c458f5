/** The phone's compass: an octant to start from, never a bearing to keep. */

import { octant_of, type Octant } from "../geo/octants";

interface Reading {
  readonly webkitCompassHeading?: number;
  readonly webkitCompassAccuracy?: number;
  readonly alpha?: number | null;
  readonly absolute?: boolean;
}

/** A reading without north is no heading; neither is one that says itself it is far off. */
const WORST_ACCURACY_DEG = 45;

/** Where the back of the phone points, degrees clockwise from north; null where it is not known. */
export function heading_deg(reading: Reading, screen_deg = 0): number | null {
  const { webkitCompassHeading: apple, webkitCompassAccuracy: accuracy = 0 } = reading;
  if (typeof apple === "number" && Number.isFinite(apple)) {
    return apple < 0 || accuracy < 0 || accuracy > WORST_ACCURACY_DEG ? null : turned(apple, screen_deg);
  }
  const { alpha, absolute } = reading;
  if (absolute !== true || typeof alpha !== "number" || !Number.isFinite(alpha)) return null;
  return turned(360 - alpha, screen_deg);
}

function turned(degrees: number, by_deg: number): number {
  return (((degrees + by_deg) % 360) + 360) % 360;
}

/** Who points a phone at a camera stands where the camera looks: about the other way. */
export function facing_octant(heading: number): Octant {
  return octant_of(turned(heading, 180));
}

interface Asking {
  requestPermission?: () => Promise<string>;
}

export class Compass {
  heading: number | null = null;
  readonly #tell: () => void;
  #is_on = false;

  constructor(tell: () => void) {
    this.#tell = tell;
  }

  /** Begin to listen. To be called in a tap: iOS asks the walker only there. */
  begin(): void {
    if (this.#is_on || !("DeviceOrientationEvent" in window)) return;
    this.#is_on = true;
    const { requestPermission } = DeviceOrientationEvent as unknown as Asking;
    if (!requestPermission) {
      this.#listen();
      return;
    }
    requestPermission.call(DeviceOrientationEvent).then(
      (answer) => answer === "granted" && this.#listen(),
      () => (this.#is_on = false),
    );
  }

  end(): void {
    removeEventListener("deviceorientationabsolute", this.#read as EventListener);
    removeEventListener("deviceorientation", this.#read as EventListener);
    this.#is_on = false;
  }

  #listen(): void {
    addEventListener("deviceorientationabsolute", this.#read as EventListener);
    addEventListener("deviceorientation", this.#read as EventListener);
  }

  readonly #read = (event: DeviceOrientationEvent): void => {
    const heading = heading_deg(event, screen.orientation?.angle ?? 0);
    if (heading === null) return;
    const is_first = this.heading === null;
    this.heading = heading;
    if (is_first) this.#tell();
  };
}
