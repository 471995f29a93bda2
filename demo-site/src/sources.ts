// Which text each version of a var has, as far as the pages of this browser have
// typed it: so that the editor shows what runs after an undo, and after an edit in
// another tab.

interface Known {
  name: string;
  version: number;
  text: string;
}

export class Sources {
  readonly #texts = new Map<string, Map<number, string>>();
  readonly #live = new Map<string, number | null>();
  readonly #channel = new BroadcastChannel("jank-demo");

  /** `onText`: a text has come of the version that runs. */
  constructor(onText: (name: string) => void) {
    this.#channel.addEventListener("message", ({ data }: MessageEvent<Known>) => {
      this.#keep(data);
      if (this.#live.get(data.name) === data.version) onText(data.name);
    });
  }

  /** A version that was typed here. */
  typed(name: string, version: number, text: string): void {
    const known = { name, version, text };
    this.#keep(known);
    this.#channel.postMessage(known);
  }

  runs(name: string, version: number | null): void {
    this.#live.set(name, version);
  }

  /** The text of what runs; undefined: it is not known here. */
  liveText(name: string): string | undefined {
    const version = this.#live.get(name);
    return version == null ? undefined : this.#texts.get(name)?.get(version);
  }

  #keep({ name, version, text }: Known): void {
    const texts = this.#texts.get(name) ?? new Map<number, string>();
    this.#texts.set(name, texts.set(version, text));
  }
}
