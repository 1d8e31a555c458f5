/** References on a sheet's grid, as `geo/grid_reference.py` writes them: C4, C4.7, C4.73. */

const COLUMNS = "ABCDEFGHJK";
const SIDE = COLUMNS.length;
const REFERENCE = /^([A-HJK])[ .,/-]?([0-9])[ .,/-]?([1-9]{0,4})$/;

/** A place on a sheet: 0 to 1 from its west and from its north. */
export interface Share {
  readonly x: number;
  readonly y: number;
}

/** The reference of a place, its cell divided `ninths` times. */
export function reference_of({ x, y }: Share, ninths: number): string {
  const finest = 3 ** ninths;
  const count = SIDE * finest;
  let across = Math.min(Math.max(Math.floor(x * count), 0), count - 1);
  let down = Math.min(Math.max(Math.floor(y * count), 0), count - 1);
  let digits = "";
  for (let step = 0; step < ninths; step += 1) {
    digits = String((down % 3) * 3 + (across % 3) + 1) + digits;
    across = Math.floor(across / 3);
    down = Math.floor(down / 3);
  }
  return `${COLUMNS[across]}${down}${digits && `.${digits}`}`;
}

/** The middle of what a reference names; null where it is none. */
export function share_of(text: string): Share | null {
  const match = REFERENCE.exec(text.trim().toUpperCase());
  if (!match) return null;
  let [x, y, side] = [COLUMNS.indexOf(match[1]!), Number(match[2]), 1];
  for (const digit of match[3] ?? "") {
    side /= 3;
    x += ((Number(digit) - 1) % 3) * side;
    y += Math.floor((Number(digit) - 1) / 3) * side;
  }
  return { x: (x + side / 2) / SIDE, y: (y + side / 2) / SIDE };
}
