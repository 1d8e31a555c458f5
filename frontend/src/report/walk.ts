/**
 * The walker's road through the form: photo, place and direction, known already?, what, send. All
 * answers stand in the form's own fields; this leads from one to the next and fills what it may.
 */

import type { Device } from "../map/devices";
import { distance_m } from "../map/sphere";
import { KEPT } from "../outbox/form";
import { Compass, facing_octant } from "./compass";
import type { Dial } from "./dial";
import { Fixes, is_good } from "./fixes";
import { is_begun_in_tab } from "./draft_key";
import { answers_of, fill_answers } from "./form_fields";
import { local_day } from "./local_day";
import { recall, recall_next, remember_for_next, remember_prudence } from "./memory";
import { PhotoWork } from "./photo_work";
import type { PickedPhotos } from "./photos";
import type { PlaceMap, Source } from "./place";
import { Steps, type StepName } from "./steps";
import { fold_figures } from "./figures";
import { TypeTiles } from "./types";

/** Only needed once something was begun. */
const drafts = (): Promise<typeof import("./draft")> => import("./draft");
const known = (): Promise<typeof import("./known")> => import("./known");

/** Who is further from the pin than this did not stand before the device. */
const ON_SITE_M = 200;

export class Walk {
  readonly #form: HTMLFormElement;
  readonly #photos: PickedPhotos;
  readonly #work = new PhotoWork();
  readonly #fixes = new Fixes(() => this.#place?.follow_fix());
  readonly #compass = new Compass(() => this.#estimate());
  readonly #types: TypeTiles;
  readonly #steps: Steps;
  #place: PlaceMap | null = null;
  #dial: Dial | null = null;
  #source: Source | null = null;
  #map_asked = false;
  #has_begun = false;
  #is_over = false;
  /** The page goes on: nothing of this report may listen to it any more. */
  readonly #ending = new AbortController();
  /** The photos as they travel, once they are small. */
  #ready: readonly File[] | null = null;
  #removed: readonly string[] = [];
  #day = "";
  /** A photo from the gallery may have been taken elsewhere; one taken now was taken here. */
  #is_from_gallery = false;

  constructor(form: HTMLFormElement, photos: PickedPhotos) {
    this.#form = form;
    this.#photos = photos;
    fold_figures(form);
    this.#types = new TypeTiles(form, () => this.#steps.go("send"));
    this.#steps = new Steps(form, (step) => this.#on_step(step), this.#ending.signal);
    this.#steps.begin();
    this.#listen();
    this.#prefill();
    void this.#restore();
  }

  #listen(): void {
    const form = this.#form;
    for (const input of form.querySelectorAll<HTMLInputElement>('input[type="file"]')) {
      input.addEventListener("click", () => {
        this.#begin();
        void this.#keep();
      });
    }
    this.#photos.on_change = (fields) => void this.#take_photos(fields);
    for (const button of form.querySelectorAll<HTMLElement>("[data-next]")) {
      button.addEventListener("click", () => void this.#next());
    }
    form.addEventListener("change", () => void this.#keep());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") void this.#keep();
    }, this.#ending);
    const prudent = form.querySelector<HTMLInputElement>('input[type="checkbox"][name="prudent"]');
    prudent?.addEventListener("change", () => remember_prudence(prudent.checked));
    form.addEventListener("formdata", ({ formData }) => this.#complete(formData));
    form.addEventListener("submit", (event) => this.#send(event), { capture: true });
    form.addEventListener(KEPT, () => this.#forget());
  }

  /** Look for place and heading, and fetch the map, while the walker is busy with the camera. */
  #begin(): void {
    if (!this.#has_begun) this.#listen_to_erasing();
    this.#has_begun = true;
    this.#fixes.begin();
    this.#compass.begin();
    this.#load_map();
  }

  /** Whoever erases all in another tab erases this draft too. */
  #listen_to_erasing(): void {
    void import("../outbox/news").then(({ listen }) =>
      listen(({ what }) => {
        if (what !== "erased") return;
        this.#is_over = true;
        void known().then(({ forget_told }) => forget_told(), () => undefined);
      }));
  }

  #load_map(): void {
    if (this.#map_asked) return;
    this.#map_asked = true;
    const section = this.#form.querySelector<HTMLElement>("[data-place]")!;
    const direction = this.#form.querySelector<HTMLElement>("[data-direction]")!;
    Promise.all([import("./place"), import("./dial")]).then(
      ([{ add_place_map }, { add_dial }]) => {
        this.#place = add_place_map(section, {
          fixes: this.#fixes,
          may_place: () => !this.#is_from_gallery,
          on_place: (_, source) => (this.#source = source),
        });
        this.#dial = add_dial(direction);
        if (this.#place && this.#dial) this.#place.stage.append(this.#dial.element);
        this.#dial?.element.classList.add("dial--over");
        this.#on_step(this.#steps.now);
      },
      // Offline for the first time: the fields are the same form.
      () => {
        for (const details of this.#steps.part("place").querySelectorAll("details")) details.open = true;
      },
    );
  }

  async #take_photos(fields: readonly (readonly File[])[]): Promise<void> {
    const files = fields.flat();
    this.#work.begin(files);
    this.#is_from_gallery = files.length > 0 && !fields[0]?.length;
    const has_photos = files.length > 0 && !this.#photos.has_problem;
    const on = this.#steps.part("photo").querySelector<HTMLElement>("[data-next]");
    on?.replaceChildren((files.length ? on.dataset["onward"] : on.dataset["without"]) ?? "");
    if (!this.#is_over) void drafts().then(({ keep_draft_photos }) => keep_draft_photos(fields));
    if (has_photos && this.#steps.now === "photo") {
      this.#begin();
      this.#steps.go("place");
    } else {
      this.#on_step(this.#steps.now);
    }
    await this.#take_facts();
  }

  /** Start from what the photos say: their place, their direction, their day. */
  async #take_facts(): Promise<void> {
    const facts = await this.#work.facts();
    this.#day = facts.map(({ day }) => day).find(Boolean) ?? "";
    const heading = facts.map(({ direction_deg }) => direction_deg).find((found) => found !== null);
    if (heading !== undefined && heading !== null) this.#dial?.estimate(facing_octant(heading));
    const position = facts.map((fact) => fact.position).find((at) => at && is_good({ ...at, at_ms: 0 }));
    if (position && (this.#is_from_gallery || !is_good(this.#fixes.best))) this.#place?.suggest(position);
  }

  /** Start the dial from what is known: the photo's own direction, else the compass. */
  #estimate(): void {
    const { heading } = this.#compass;
    if (heading === null || this.#is_from_gallery || this.#steps.now === "photo") return;
    this.#dial?.estimate(facing_octant(heading));
  }

  async #next(): Promise<void> {
    const now = this.#steps.now;
    if (now === "photo") {
      this.#begin();
      this.#steps.go("place");
    } else if (now === "place") {
      if (!this.#is_placed()) return;
      this.#fixes.end();
      this.#steps.go((await this.#find_known()) ? "known" : "what");
    } else if (now === "known") {
      this.#set_device("");
      this.#steps.go("what");
    } else if (now === "what") {
      this.#steps.go("send");
    }
  }

  #is_placed(): boolean {
    if (this.#place) return this.#place.confirm();
    const fields = ["lat", "lon"].map((name) => this.#form.querySelector<HTMLInputElement>(`[name="${name}"]`)!);
    const empty = fields.find(({ value }) => value.trim() === "");
    empty?.focus();
    return empty === undefined;
  }

  /** Fill the step "known"; false where nothing is near, or nothing can be asked. */
  async #find_known(): Promise<boolean> {
    const pin = this.#place?.position;
    const tiles = this.#form.querySelector<HTMLElement>("[data-place]")?.dataset["tiles"];
    if (!pin || !tiles) return false;
    this.#set_device("");
    try {
      const { cards_near } = await known();
      const accuracy_m = this.#source === "fix" ? this.#fixes.best?.accuracy_m ?? null : null;
      const cards = await cards_near(tiles, pin, accuracy_m, (device) => this.#confirm(device));
      this.#steps.part("known").querySelector("[data-known-list]")?.replaceChildren(...cards);
      return cards.length > 0;
    } catch {
      // Offline for the first time.
      return false;
    }
  }

  #confirm({ id }: Device): void {
    this.#set_device(id);
    this.#steps.go("send");
  }

  get #device(): string {
    return this.#form.querySelector<HTMLInputElement>('[name="device"]')?.value ?? "";
  }

  #set_device(id: string): void {
    let field = this.#form.querySelector<HTMLInputElement>('[name="device"]');
    if (!field && !id) return;
    if (!field) {
      field = Object.assign(document.createElement("input"), { type: "hidden", name: "device" });
      this.#form.append(field);
    }
    field.value = id;
  }

  #on_step(step: StepName): void {
    if (step === "place") {
      this.#load_map();
      this.#place?.map.invalidateSize();
      this.#place?.follow_fix();
      void this.#take_facts();
      this.#estimate();
    }
    if (step === "send") {
      const device = this.#device;
      const words = [device ? "" : this.#types.words, this.#dial?.words ?? ""].filter(Boolean);
      const [files, work] = [this.#photos.fields.flat(), this.#work];
      void import("./summary").then(({ show_summary }) =>
        show_summary(this.#form, { words, is_confirmation: device !== "", files, work }));
    }
    void this.#keep();
  }

  /** The first time waits for the small photos; then the form is sent as any other. */
  #send(event: SubmitEvent): void {
    const { submitter } = event;
    if (this.#ready || (submitter as HTMLButtonElement | null)?.name !== "photo_use") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void this.#work.ready().then(async (photos) => {
      this.#removed = await this.#work.removed();
      // Not from within the event that was stopped: browsers ignore a form sent there.
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.#ready = photos;
      this.#form.requestSubmit(submitter);
      this.#ready = null;
    });
  }

  /** It is on its way: nothing of it stays readable here. */
  #forget(): void {
    remember_for_next(answers_of(this.#form));
    const at = this.#place?.position;
    const words = [this.#types.words, this.#dial?.words ?? ""];
    if (at && !this.#device) void known().then(({ remember_told }) => remember_told({ ...at, words }), () => undefined);
    void this.#stop();
  }

  async #stop(): Promise<void> {
    this.#is_over = true;
    this.#fixes.end();
    this.#compass.end();
    await (await drafts()).forget_draft();
  }

  /** Let go of the page, whatever was begun on it: the next report takes its place. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#stop();
    this.#place?.map.remove();
    this.#place = null;
    this.#photos.let_go();
  }

  /** What the walker need not say: the day, and that they stood there. */
  #complete(data: FormData): void {
    if (this.#ready) {
      data.delete("photo");
      for (const photo of this.#ready) data.append("photo", photo);
    }
    for (const code of this.#removed) data.append("removed_here", code);
    if (!data.get("seen_on")) data.set("seen_on", this.#day || local_day(new Date()));
    const at = this.#place?.position;
    const { best } = this.#fixes;
    const is_here = is_good(best) && at && distance_m(best, at) <= ON_SITE_M && !this.#is_from_gallery;
    if (is_here && !data.get("seen_how")) data.set("seen_how", "on_site");
  }

  async #keep(): Promise<void> {
    if (this.#is_over || !this.#has_begun) return;
    const fields: [string, string][] = [...answers_of(this.#form), ["device", this.#device]];
    const { keep_draft } = await drafts();
    await keep_draft({ step: this.#steps.now, fields, has_captured: !this.#is_from_gallery });
  }

  /** A phone that remembers: the switch, and for the next report type and operator. */
  #prefill(): void {
    const prudent = this.#form.querySelector<HTMLInputElement>('input[type="checkbox"][name="prudent"]');
    const { prudent: remembered } = recall();
    if (prudent && remembered !== null) prudent.checked = remembered;
    const next = recall_next();
    if (next.length === 0) return;
    fill_answers(this.#form, [...answers_of(this.#form).filter(([name]) => !next.some(([other]) => other === name)), ...next]);
    this.#types.refresh();
  }

  /** After the camera app threw the page out of memory: all is as it was. */
  async #restore(): Promise<void> {
    if (!is_begun_in_tab()) return;
    const { kept_draft, kept_draft_photos } = await drafts();
    const draft = await kept_draft();
    if (!draft) return;
    const photos = await kept_draft_photos();
    if (draft.step === "photo" && photos.length === 0) return;
    fill_answers(this.#form, draft.fields);
    this.#set_device(draft.fields.find(([name]) => name === "device")?.[1] ?? "");
    this.#dial?.refresh();
    this.#types.refresh();
    this.#photos.restore(photos);
    this.#is_from_gallery = !draft.has_captured;
    this.#steps.go(draft.step === "known" ? "place" : (draft.step as StepName));
  }
}
