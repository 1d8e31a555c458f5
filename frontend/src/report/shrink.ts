/** Makes a photo small before it travels, where the browser lets a page read its own pixels. */

export const LONGEST_PX = 2016;
/** Smaller files travel as they are: little is won. */
const SMALL_BYTES = 700_000;
const QUALITY = 0.85;

/**
 * Whether what is drawn can be read back. Tor Browser and Firefox with resistFingerprinting answer
 * noise: a photo made there would be garbage.
 */
export function reads_back(): boolean {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d");
  if (!context) return false;
  context.fillStyle = "#f00";
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
  return red === 255 && green === 0 && blue === 0 && alpha === 255;
}

/** The width and height that fit into the longest side; never larger than it is. */
export function fitted(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, LONGEST_PX / Math.max(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/** Return a small JPEG that carries nothing but the picture, or the file itself. */
export async function shrunk(file: File): Promise<File> {
  if (file.size <= SMALL_BYTES || !reads_back()) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const size = fitted(picture.width, picture.height);
    const canvas = Object.assign(document.createElement("canvas"), size);
    canvas.getContext("2d")!.drawImage(picture, 0, 0, size.width, size.height);
    picture.close();
    const blob = await new Promise<Blob | null>((resolve) => {
      canvas.toBlob(resolve, "image/jpeg", QUALITY);
    });
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], "photo.jpg", { type: "image/jpeg" });
  } catch {
    // A format that this browser can't draw, HEIC most of all: the server can.
    return file;
  }
}
