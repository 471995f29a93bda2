// C and C++ files of the program in the pages: what is saved is compiled by clang, and
// goes the way of every patch.
//
//   a file is saved -> NativeCompiler.compile -> Engine.loadNative -> every page
//
// A header that is saved brings the files that include it up to date. The files' texts
// as they are at the start are what the program was built from, as far as anyone knows.

import { readFileSync, watch, type FSWatcher } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { NativeCompiler, NativeResult } from "../native/compile.js";
import type { Engine, FileResult } from "./engine.js";

export interface NativeWatcherOptions {
  files: string[];
  compiler: NativeCompiler;
  engine: Engine;
  /** Whether the server's own instance has the program as well. */
  isHere: boolean;
  onResult: (result: FileResult) => void;
  onError: (error: Error) => void;
}

export class NativeWatcher {
  readonly #options: NativeWatcherOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  /** What each watched file has, and which of the program's files need it. */
  readonly #texts = new Map<string, string | undefined>();
  readonly #users = new Map<string, Set<string>>();
  /** Of the patch of each file that was sent last. */
  readonly #hashes = new Map<string, string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();

  constructor(options: NativeWatcherOptions) {
    this.#options = options;
    for (const path of options.files.map((file) => resolve(file))) this.#watch(path, path);
    options.compiler.prepare();
  }

  /** Resolves when what is being compiled has been sent. */
  async close(): Promise<void> {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#again.clear();
    await Promise.all(this.#running.values());
    this.#options.compiler.close();
  }

  #watch(path: string, user: string): void {
    const users = this.#users.get(path) ?? new Set<string>();
    this.#users.set(path, users.add(user));
    if (!this.#texts.has(path)) this.#texts.set(path, textOf(path));
    const folder = dirname(path);
    if (this.#watchers.has(folder)) return;
    // The folder, as editors replace files; and names that come are those of entries in it.
    const watcher = watch(folder, (_event, name) => {
      if (name !== null && this.#users.has(join(folder, name))) this.#saved(join(folder, name));
    });
    watcher.on("error", (error) => this.#options.onError(error));
    this.#watchers.set(folder, watcher);
  }

  #saved(path: string): void {
    const text = textOf(path);
    // Gone, or emptied by an editor that is about to write.
    if (text === undefined || text === "" || text === this.#texts.get(path)) return;
    this.#texts.set(path, text);
    for (const user of this.#users.get(path) ?? []) this.#bring(user);
  }

  /** One compilation of a file at a time; the last save wins. */
  #bring(path: string): void {
    if (this.#running.has(path)) {
      this.#again.add(path);
      return;
    }
    const run = this.#compile(path)
      .catch((error: unknown) => this.#options.onError(error as Error))
      .finally(() => {
        this.#running.delete(path);
        this.#options.compiler.prepare();
        if (this.#again.delete(path)) this.#bring(path);
      });
    this.#running.set(path, run);
  }

  async #compile(path: string): Promise<void> {
    const { compiler, engine, isHere, onResult } = this.#options;
    const result: NativeResult = await compiler.compile(path);
    for (const header of result.headers) this.#watch(header, path);
    if (this.#again.has(path)) return; // there is a newer one already
    const hash = result.ok ? result.form.hash : "";
    const isSame = result.ok && this.#hashes.get(path) === hash;
    const loaded = await engine.loadNative(path, result, { isHere, isSame });
    if (!loaded.error) this.#hashes.set(path, hash);
    onResult(loaded);
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // it is not there, now
  }
}
