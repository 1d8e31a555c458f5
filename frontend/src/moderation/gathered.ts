/** Files that were chosen or dropped, folders opened, in the order in which they were taken. */

export interface Gathered {
  readonly file: File;
  /** With the folders above it, as the report says it. */
  readonly name: string;
}

/** The files of an input; those of a folder know their way. */
export function chosen(files: Iterable<File>): Gathered[] {
  return [...files].map((file) => ({ file, name: file.webkitRelativePath || file.name }));
}

/** The files that were dropped, and all that lies in the folders among them. */
export async function dropped(items: Iterable<DataTransferItem>): Promise<Gathered[]> {
  // All at once: after the first wait the list of a drop is empty.
  const found = [...items].map((item) => {
    const entry = item.webkitGetAsEntry();
    const file = entry ? null : item.getAsFile();
    return entry ? files_below(entry) : file ? chosen([file]) : [];
  });
  return (await Promise.all(found)).flat();
}

/** What is not hidden, folder by folder, the earlier file first: photos of a spot come together. */
export function in_order(files: readonly Gathered[]): Gathered[] {
  const meant = files.filter(({ name }) => !name.split("/").some((part) => part.startsWith(".")));
  const keys = new Map(meant.map((one) => [one, folder_of(one.name)]));
  return meant.sort(
    (a, b) =>
      compared(keys.get(a)!, keys.get(b)!) ||
      a.file.lastModified - b.file.lastModified ||
      compared(a.name, b.name),
  );
}

async function files_below(entry: FileSystemEntry): Promise<Gathered[]> {
  const name = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail));
    return [{ file, name }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    // A hundred at a time, until there are none.
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (some.length === 0) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(files_below))).flat();
}

function folder_of(name: string): string {
  return name.slice(0, name.lastIndexOf("/") + 1);
}

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
