/** What is done with each photo while the walker goes on: its facts read, a small copy made. */

import type { PhotoFacts } from "./exif";

interface Work {
  readonly facts: Promise<PhotoFacts>;
  readonly small: Promise<File>;
}

export class PhotoWork {
  readonly #works = new Map<File, Work>();

  /** Begin with the new ones, forget what was removed. */
  begin(files: readonly File[]): void {
    for (const file of this.#works.keys()) if (!files.includes(file)) this.#works.delete(file);
    for (const file of files) {
      if (this.#works.has(file)) continue;
      const facts = import("./exif").then(({ read_photo_facts }) => read_photo_facts(file));
      const small = import("./shrink").then(({ shrunk }) => shrunk(file)).catch(() => file);
      // Waited for later, and perhaps by nobody.
      facts.catch(() => undefined);
      this.#works.set(file, { facts, small });
    }
  }

  /** What the photos say, those that could not be read left out. */
  async facts(): Promise<PhotoFacts[]> {
    const answers = await Promise.allSettled([...this.#works.values()].map(({ facts }) => facts));
    return answers.filter((answer) => answer.status === "fulfilled").map(({ value }) => value);
  }

  /** The photos as they travel, in the order they were picked. */
  async ready(): Promise<File[]> {
    return Promise.all([...this.#works.values()].map(({ small }) => small));
  }

  /** Names of what was in those files whose small copy has lost it. */
  async removed(): Promise<string[]> {
    const found = await Promise.all([...this.#works].map(async ([file, { facts, small }]) =>
      (await small) === file ? [] : (await facts.catch(() => null))?.carried ?? []));
    return [...new Set(found.flat())];
  }
}
