/** What boxes and the crop of a photo become when they are added, moved and resized. Pixels. */

export interface Sides {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Box extends Sides {
  readonly by: "automatic" | "moderator";
}

export interface Redaction {
  boxes: Box[];
  crop: Sides | null;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** JPEG keeps brightness and colour together in blocks of so many pixels; the server rounds to them. */
export const BLOCK_PX = 16;

export function read_redaction(text: string): Redaction {
  const said = JSON.parse(text) as Redaction;
  return { boxes: said.boxes, crop: said.crop };
}

/** A step of the arrow keys: a fortieth of the longer side, in whole blocks. */
export function step_px(size: Size): number {
  return Math.max(1, Math.round(Math.max(size.width, size.height) / 40 / BLOCK_PX)) * BLOCK_PX;
}

/** A rectangle in the middle, of this share of each side. */
export function middle(size: Size, share: number): Sides {
  const [width, height] = [size.width * share, size.height * share];
  const [left, top] = [(size.width - width) / 2, (size.height - height) / 2];
  return whole({ left, top, right: left + width, bottom: top + height });
}

export function moved(sides: Sides, right: number, down: number, size: Size): Sides {
  const x = clamped(right, -sides.left, size.width - sides.right);
  const y = clamped(down, -sides.top, size.height - sides.bottom);
  return { left: sides.left + x, top: sides.top + y, right: sides.right + x, bottom: sides.bottom + y };
}

/** Its lower right corner moved; never smaller than a block. */
export function resized(sides: Sides, right: number, down: number, size: Size): Sides {
  const least = (from: number, side: number): number => Math.min(from + BLOCK_PX, side);
  return {
    ...sides,
    right: clamped(sides.right + right, least(sides.left, size.width), size.width),
    bottom: clamped(sides.bottom + down, least(sides.top, size.height), size.height),
  };
}

/** The rectangle between two corners, in whole pixels of the photo. */
export function between(one: readonly [number, number], other: readonly [number, number], size: Size): Sides {
  const [x, y] = [[one[0], other[0]], [one[1], other[1]]];
  return whole({
    left: clamped(Math.min(...x), 0, size.width - 1),
    top: clamped(Math.min(...y), 0, size.height - 1),
    right: clamped(Math.max(...x), 1, size.width),
    bottom: clamped(Math.max(...y), 1, size.height),
  });
}

function whole({ left, top, right, bottom }: Sides): Sides {
  return { left: Math.floor(left), top: Math.floor(top), right: Math.ceil(right), bottom: Math.ceil(bottom) };
}

function clamped(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
