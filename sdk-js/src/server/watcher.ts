// Tells when a source file has another text. A saved file is looked at when its
// event comes, and once more when it has been quiet: of events that follow each
// other within 50 ms chokidar tells only the first, and editors that format what
// they save, or empty a file before they write it, do just that.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { watch, type FSWatcher } from "chokidar";

/** Longer than chokidar's 50 ms. */
const QUIET = 80;

export interface WatcherOptions {
  folders: string[];
  isSource: (path: string) => boolean;
  onChange: (path: string) => void;
  onRemove: (path: string) => void;
  onError: (error: Error) => void;
}

export class SourceWatcher {
  readonly #options: WatcherOptions;
  readonly #watcher: FSWatcher;
  readonly #texts = new Map<string, string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  private constructor(options: WatcherOptions) {
    this.#options = options;
    this.#watcher = watch(options.folders, {
      ignoreInitial: true,
      ignored: (path, stats) => stats?.isFile() === true && !options.isSource(path),
    });
    const touched = (path: string) => this.#touched(resolve(path));
    this.#watcher.on("change", touched).on("add", touched);
    this.#watcher.on("unlink", (path) => this.#removed(resolve(path)));
    this.#watcher.on("error", (error) => options.onError(error as Error));
  }

  /** Resolves when nothing more can be missed. */
  static async start(options: WatcherOptions): Promise<SourceWatcher> {
    const watcher = new SourceWatcher(options);
    await once(watcher.#watcher, "ready").catch(() => undefined); // onError has told
    return watcher;
  }

  close(): Promise<void> {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    return this.#watcher.close();
  }

  #touched(path: string): void {
    this.#look(path);
    clearTimeout(this.#timers.get(path));
    this.#timers.set(
      path,
      setTimeout(() => {
        this.#timers.delete(path);
        this.#look(path);
      }, QUIET),
    );
  }

  #look(path: string): void {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch {
      return; // gone again: that is another event
    }
    if (this.#texts.get(path) === text) return;
    this.#texts.set(path, text);
    this.#options.onChange(path);
  }

  #removed(path: string): void {
    this.#texts.delete(path);
    this.#options.onRemove(path);
  }
}
