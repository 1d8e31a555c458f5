import { describe, expect, it } from "vitest";

import { dropped, type Gathered, in_order } from "./gathered";
import { type Answer, ImportQueue, type Item, type Sender } from "./import_queue";

function photo(name: string, lastModified = 0, content = name): Gathered {
  return { file: new File([content], name, { lastModified }), name };
}

interface Server extends Sender {
  readonly got: { id: string; name: string; spots: string }[];
  /** How many sendings get no answer from now on. */
  broken: number;
}

function server(answers: Record<string, Partial<Answer>> = {}): Server {
  return {
    got: [],
    broken: 0,
    async send({ id, name }: Item, spots: string) {
      this.got.push({ id, name, spots });
      if (this.broken-- > 0) throw new Error("no answer");
      const plain: Answer = { result: "taken", reason: "", sha256: "", spots: `after ${name}`, is_new_report: true };
      return { ...plain, ...answers[name] };
    },
    digest: async (file) => `#${await file.text()}`,
    problem: (file) => (file.size > 20 ? "too large" : ""),
    changed: () => undefined,
  };
}

const states = (queue: ImportQueue): string[] => queue.items.map(({ state }) => state);

describe("the queue of an import", () => {
  it("sends one after the other, and takes along what the last answer said", async () => {
    const desk = server({ b: { is_new_report: false } });
    const queue = new ImportQueue(desk);
    queue.add([photo("a"), photo("b")]);
    await queue.run();
    expect(desk.got.map(({ name, spots }) => [name, spots])).toEqual([["a", ""], ["b", "after a"]]);
    expect(states(queue)).toEqual(["taken", "taken"]);
    expect(queue.reports).toBe(1);
  });

  it("sends what got no answer again, under the same id, and nothing else twice", async () => {
    const desk = server();
    const queue = new ImportQueue(desk);
    queue.add([photo("a"), photo("b"), photo("c")]);
    desk.broken = 1;
    await expect(queue.run()).rejects.toThrow("no answer");
    expect(states(queue)).toEqual(["waiting", "waiting", "waiting"]);
    await queue.run();
    expect(desk.got.map(({ name }) => name)).toEqual(["a", "a", "b", "c"]);
    expect(desk.got[0]!.id).toBe(desk.got[1]!.id);
    expect(new Set(desk.got.map(({ id }) => id)).size).toBe(3);
  });

  it("knows again what it took, and what an earlier report says was taken", async () => {
    const desk = server();
    const queue = new ImportQueue(desk);
    expect(queue.know('{"file": "x", "result": "taken", "sha256": "#old"}\n{"begun": "1", "photos": []}\n')).toBe(true);
    expect(queue.know("a,b,c")).toBe(false);
    expect(queue.know('{"type": "FeatureCollection"}')).toBe(false);
    queue.add([photo("a"), photo("again", 0, "a"), photo("b", 0, "old")]);
    await queue.run();
    expect(states(queue)).toEqual(["taken", "known", "known"]);
    expect(desk.got).toHaveLength(1);
  });

  it("does not send what is too large, and says why", async () => {
    const desk = server({ b: { result: "refused", reason: "no position" } });
    const queue = new ImportQueue(desk);
    queue.add([photo("a", 0, "x".repeat(21)), photo("b")]);
    await queue.run();
    expect(desk.got.map(({ name }) => name)).toEqual(["b"]);
    expect(queue.items.map(({ reason }) => reason)).toEqual(["too large", "no position"]);
  });

  it("stops after the photo that is on its way, and goes on later", async () => {
    const desk = server();
    const queue = new ImportQueue(desk);
    queue.add([photo("a"), photo("b")]);
    const running = queue.run();
    queue.stop();
    await running;
    expect(states(queue)).toEqual(["taken", "waiting"]);
    await queue.run();
    expect(queue.done).toBe(2);
  });

  it("tells of each photo in a line, and of none that waits", async () => {
    const queue = new ImportQueue(server({ 'b"\n': { result: "refused", reason: "é" } }));
    queue.add([photo("a"), photo('b"\n')]);
    await queue.run();
    queue.add([photo("c")]);
    const lines = queue.report().trimEnd().split("\n").map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      { file: "a", result: "taken", reason: "", sha256: "#a" },
      { file: 'b"\n', result: "refused", reason: "é", sha256: '#b"\n' },
    ]);
  });
});

describe("files of a folder", () => {
  it("come folder by folder in the order of their times, without hidden ones", () => {
    const files = [photo("w/b", 2), photo("w/a", 2), photo("w/c", 1), photo("w/.x", 0), photo(".t/y"), photo("v/z", 9)];
    expect(in_order(files).map(({ name }) => name)).toEqual(["v/z", "w/c", "w/a", "w/b"]);
  });

  it("are all found in a folder that was dropped, however many at a time it tells", async () => {
    const file = (path: string): unknown => ({
      isFile: true, fullPath: path, file: (done: (file: File) => void) => done(new File([], path)),
    });
    const folder = (path: string, ...batches: unknown[][]): unknown => ({
      isFile: false,
      fullPath: path,
      createReader: () => ({ readEntries: (done: (found: unknown[]) => void) => done(batches.shift() ?? []) }),
    });
    const walk = folder("/w", [file("/w/a"), folder("/w/x", [file("/w/x/b")])], [file("/w/c")]);
    const items = [
      { webkitGetAsEntry: () => walk },
      { webkitGetAsEntry: () => null, getAsFile: () => new File([], "d") },
      { webkitGetAsEntry: () => null, getAsFile: () => null },
    ] as unknown as DataTransferItem[];
    expect((await dropped(items)).map(({ name }) => name)).toEqual(["w/a", "w/x/b", "w/c", "d"]);
  });
});
