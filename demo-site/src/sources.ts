// Which text each version of a var has, as far as this browser's pages have typed
// it: so that the editor shows what runs after an undo, after an edit in another
// tab, and when the page is opened again. Kept for the life of the server's epoch.

const KEY = "jank-demo-text";

export class Sources {
  readonly #texts = new Map<string, string>();
  readonly #live = new Map<string, number | null>();
  readonly #onText: (name: string) => void;
  #epoch: string | null = null;

  /** `onText`: a text has come of the version that runs. */
  constructor(onText: (name: string) => void) {
    this.#onText = onText;
    addEventListener("storage", ({ key, newValue }) => {
      if (key !== null && newValue !== null) this.#kept(key, newValue);
    });
  }

  /** What was typed in this epoch; what is of another one is dropped. */
  open(epoch: string): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#store((storage) => {
      for (const key of Object.keys(storage).filter((each) => each.startsWith(KEY)))
        if (key.split(" ")[1] === epoch) this.#kept(key, storage.getItem(key) ?? "");
        else storage.removeItem(key);
    });
  }

  /** A version that was typed here. */
  typed(name: string, version: number, text: string): void {
    this.#texts.set(`${name} ${version}`, text);
    if (this.#epoch === null) return;
    this.#store((storage) => storage.setItem(`${KEY} ${this.#epoch} ${name} ${version}`, text));
  }

  runs(name: string, version: number | null): void {
    this.#live.set(name, version);
  }

  /** The text of what runs; undefined: it is not known here. */
  liveText(name: string): string | undefined {
    return this.#texts.get(`${name} ${this.#live.get(name)}`);
  }

  #kept(key: string, text: string): void {
    const [kind, epoch, name = "", version = ""] = key.split(" ");
    if (kind !== KEY || epoch !== this.#epoch) return;
    this.#texts.set(`${name} ${version}`, text);
    if (this.#live.get(name) === Number(version)) this.#onText(name);
  }

  /** A browser may forbid it, and its room ends: then texts are known to this page only. */
  #store(use: (storage: Storage) => void): void {
    try {
      use(localStorage);
    } catch {
      // nothing is kept
    }
  }
}
