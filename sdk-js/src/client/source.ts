// A client's versions from a folder that any server serves: `jank-hot publish`.
//
//   manifest.json (asked again with its ETag) -> verified -> the version that is wanted
//     -> its patches that the page has not, each verified -> Patcher.apply
//
// Everything is fetched and checked before anything is installed. Whatever is wrong
// is an error event, the page stays as it is, and the next poll comes: later and
// later while it goes wrong, at once when the network or the tab comes back.
//
// Loaded only by a client that has a `source`.

import type { ErrorReport } from "../protocol.js";
import { fetchBytes, inParallel } from "./download.js";
import { listen } from "./listen.js";
import type { Page } from "./page.js";
import type { Patch, Patcher } from "./patcher.js";
import {
  checkSignature,
  hashOf,
  importKeys,
  MAX_MANIFEST_BYTES,
  parseManifest,
  Refusal,
  splitManifest,
} from "./verify.js";
import type { Manifest, PublicKey, PublishedPatch } from "./verify.js";

export interface SourceOptions {
  source: string | URL;
  pollMs?: number;
  version?: number;
  app?: string;
  publicKey?: string | readonly string[];
}

const POLL_MS = 5000;
const MAX_POLL_MS = 60_000;

/** A manifest that was found right. */
interface Version {
  manifest: Manifest;
  /** Of its text. */
  hash: string;
}

interface Position {
  epoch: number;
  seq: number;
}

interface Fetched {
  patch: PublishedPatch;
  bytes: Uint8Array<ArrayBuffer>;
  transferMs: number;
}

export class Source {
  readonly #options: SourceOptions;
  readonly #page: Page;
  readonly #patcher: Patcher;
  readonly #url: URL;
  readonly #pollMs: number;
  readonly #ends: (() => void)[];
  #keys: Promise<PublicKey[] | undefined> | undefined;
  /** The version to have; undefined: the newest. */
  #wanted: number | undefined;
  #installed: Version | undefined;
  /** What is in effect: `source` of each patch, with the names that it defines. */
  #has = new Map<string, string[]>();
  /** The last manifest, by its text. */
  #last: { text: string; version: Version } | undefined;
  #seen: Version | undefined;
  /** A version that could not be installed is not tried again until there is another. */
  #broken: string | undefined;
  #told: string | undefined;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #work: Promise<unknown> = Promise.resolve();
  #isPolling = false;
  #isClosed = false;

  /** Throws a Refusal when an option is wrong. */
  constructor(options: SourceOptions, page: Page, patcher: Patcher) {
    this.#options = options;
    this.#page = page;
    this.#patcher = patcher;
    this.#url = addressOf(options.source);
    this.#pollMs = milliseconds(options.pollMs);
    this.#wanted = options.version === undefined ? undefined : versionNumber(options.version);
    this.#ends = [
      listen(globalThis, "online", this.#wake),
      listen(globalThis, "pageshow", this.#wake),
      listen(globalThis.document, "visibilitychange", this.#wake),
    ];
    void this.#poll();
  }

  /** Follows the newest version (undefined), or stays at one. Resolves when it is installed. */
  async goTo(version?: number): Promise<number> {
    const wanted = version === undefined ? undefined : versionNumber(version);
    return this.#inTurn(async () => {
      const before = this.#wanted;
      this.#wanted = wanted;
      this.#broken = undefined;
      try {
        await this.#update();
      } catch (error) {
        this.#wanted = before;
        throw error;
      }
      return this.#installed?.manifest.seq ?? 0;
    });
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const end of this.#ends) end();
  }

  // ---- Polling ----------------------------------------------------------------

  #inTurn<Result>(body: () => Promise<Result>): Promise<Result> {
    const result = this.#work.then(body);
    this.#work = result.catch(() => undefined);
    return result;
  }

  async #poll(): Promise<void> {
    if (this.#isPolling) return;
    this.#isPolling = true;
    clearTimeout(this.#timer);
    try {
      await this.#inTurn(() => this.#update());
      this.#attempt = 0;
      this.#told = undefined;
    } catch (error) {
      this.#attempt++;
      this.#tell(error as Error);
    }
    this.#isPolling = false;
    this.#schedule();
  }

  /** The same error poll after poll is told once. */
  #tell(error: Error): void {
    if (this.#isClosed) return;
    if (this.#page.status === "connected") this.#page.lost(); // it may have changed meanwhile
    if (error.message === this.#told) return;
    this.#told = error.message;
    if (!(error instanceof InstallError)) this.#page.fail(error);
  }

  #schedule(): void {
    if (this.#isClosed || (isHidden() && this.#installed)) return; // #wake comes
    this.#timer = setTimeout(() => void this.#poll(), pollDelay(this.#attempt, this.#pollMs));
  }

  #wake = (): void => {
    if (!isHidden()) void this.#poll();
  };

  // ---- One update ---------------------------------------------------------------

  /** Throws for whatever is wrong; nothing has changed then. */
  async #update(): Promise<void> {
    const newest = await this.#newest();
    const version = await this.#wantedOf(newest);
    const { epoch, seq } = version.manifest;
    if (version.hash !== this.#installed?.hash) {
      if (version.hash === this.#broken) return;
      const patches = await inParallel(this.#missing(version.manifest), (patch) =>
        this.#fetchPatch(patch),
      );
      if (this.#isClosed) return;
      await this.#install(version, patches);
    }
    this.#page.epoch = String(epoch);
    this.#page.seq = seq;
    if (this.#page.status !== "connected") this.#page.connected(String(epoch), seq);
  }

  /** manifest.json, when it is right in every respect. */
  async #newest(): Promise<Version> {
    await (this.#keys ??= this.#importKeys());
    const bytes = await fetchBytes(this.#url, MAX_MANIFEST_BYTES, "no-cache");
    return this.#refusing(this.#url, async () => {
      const text = textOf(bytes);
      const isLast = text === this.#last?.text;
      const version = isLast && this.#last ? this.#last.version : await this.#verify(bytes);
      const { expires } = version.manifest;
      if (expires !== null && Date.parse(expires) <= Date.now())
        throw new Refusal(`version ${version.manifest.seq} has expired, at ${expires}`);
      this.#refuseOlder(version);
      this.#last = { text, version };
      return version;
    });
  }

  async #importKeys(): Promise<PublicKey[] | undefined> {
    const { publicKey } = this.#options;
    return publicKey === undefined ? undefined : importKeys(publicKey);
  }

  async #verify(bytes: Uint8Array<ArrayBuffer>): Promise<Version> {
    const { head, signatures } = splitManifest(textOf(bytes));
    const keys = await this.#keys;
    if (keys) await checkSignature(head, signatures, keys);
    const manifest = parseManifest(head);
    this.#refuseForeign(manifest);
    return { manifest, hash: await hashOf(bytes) };
  }

  /** Of another application, or for another build of the runtime. */
  #refuseForeign({ app, runtimes }: Manifest): void {
    const wanted = this.#options.app ?? this.#seen?.manifest.app ?? app;
    if (app !== wanted) throw new Refusal(`it is of the application "${app}", not of "${wanted}"`);
    const build = this.#page.runtime.build;
    if (build === undefined && this.#options.publicKey !== undefined)
      throw new Refusal("this runtime does not say which build it is");
    if (build !== undefined && !runtimes.includes(build))
      throw new Refusal(
        `it was made for another build of the runtime than this one (${build.slice(0, 16)}): publish with the version of jank-hot-reload that the page has`,
      );
  }

  /** A page that stays at a version has said itself that it wants an older one. */
  #refuseOlder(version: Version): void {
    const { epoch, seq, app } = version.manifest;
    const seen = this.#highest(app);
    const order = compare({ epoch, seq }, seen);
    if (this.#wanted === undefined && order < 0)
      throw new Refusal(
        `version ${seq} is older than version ${seen.seq}, which this page has seen` +
          (epoch === seen.epoch ? "" : ` (epochs ${epoch} and ${seen.epoch})`),
      );
    const known = this.#seen;
    if (known && compare({ epoch, seq }, known.manifest) === 0 && known.hash !== version.hash)
      throw new Refusal(`version ${seq} is not the one that this page has seen`);
    if (order < 0) return;
    this.#seen = version;
    if (order > 0) this.#remember(app, { epoch, seq });
  }

  /** The version that is wanted: this one, or an older one that it vouches for. */
  async #wantedOf(newest: Version): Promise<Version> {
    const wanted = this.#wanted ?? newest.manifest.seq;
    const { epoch, seq, history } = newest.manifest;
    if (wanted === seq) return newest;
    if (wanted === this.#installed?.manifest.seq && epoch === this.#installed.manifest.epoch)
      return this.#installed;
    const older = history.find((each) => each.seq === wanted);
    if (!older)
      throw new Refusal(`${this.#url.href}: there is no version ${wanted}; the newest is ${seq}`);
    const url = new URL(older.file, this.#url);
    const bytes = await this.#fetchExact(url, older);
    return this.#refusing(url, async () => {
      const version = await this.#verify(bytes);
      if (compare(version.manifest, { epoch, seq: wanted }) !== 0)
        throw new Refusal(`it is not version ${wanted}`);
      return version;
    });
  }

  async #refusing<Result>(url: URL, body: () => Promise<Result>): Promise<Result> {
    try {
      return await body();
    } catch (error) {
      throw error instanceof Refusal ? new Refusal(`${url.href}: ${error.message}`) : error;
    }
  }

  // ---- Patches ------------------------------------------------------------------

  /** What it has not; and, of a var that is defined again and again, all that follows. */
  #missing({ patches }: Manifest): PublishedPatch[] {
    const defined = new Set<string>();
    return patches.filter(({ source, symbols }) => {
      const isMissing = !this.#has.has(source) || symbols.some(({ name }) => defined.has(name));
      if (isMissing) for (const { name } of symbols) defined.add(name);
      return isMissing;
    });
  }

  async #fetchPatch(patch: PublishedPatch): Promise<Fetched> {
    const started = performance.now();
    const bytes = await this.#fetchExact(new URL(patch.file, this.#url), patch);
    return { patch, bytes, transferMs: performance.now() - started };
  }

  /** A file that never changes. */
  async #fetchExact(
    url: URL,
    { length, sha256 }: { length: number; sha256: string },
  ): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await fetchBytes(url, length, "default");
    if (bytes.length === length && (await hashOf(bytes)) === sha256) return bytes;
    // What a cache keeps for ever may be what went wrong once.
    const again = await fetchBytes(url, length, "reload");
    if (again.length < length)
      throw new Refusal(`${url.href}: ${again.length} bytes in place of ${length}`);
    if ((await hashOf(again)) !== sha256)
      throw new Refusal(`${url.href}: its SHA-256 is not that of the manifest`);
    return again;
  }

  /** The version becomes the page's, as one transaction. */
  async #install(version: Version, fetched: Fetched[]): Promise<void> {
    const { seq, patches } = version.manifest;
    if (fetched.length > 0) {
      const transferMs = Math.max(...fetched.map((each) => each.transferMs));
      const { error } = await this.#patcher.apply(
        { seq, cause: "save", file: null, transferMs },
        fetched.map(({ patch, bytes }) => patchOf(patch, bytes, seq)),
      );
      if (error) {
        this.#broken = version.hash;
        throw new InstallError(error);
      }
    }
    this.#installed = version;
    this.#has = new Map(patches.map((patch) => [patch.source, namesOf(patch)]));
  }

  // ---- The highest version that was ever seen -------------------------------------

  #highest(app: string): Position {
    const kept = this.#places(app).map(({ storage, name }) => readPosition(storage, name));
    const all = [...kept, this.#seen?.manifest ?? { epoch: 0, seq: 0 }];
    return all.reduce((one, other) => (compare(one, other) < 0 ? other : one));
  }

  #remember(app: string, position: Position): void {
    for (const { storage, name } of this.#places(app)) {
      try {
        storage.setItem(name, JSON.stringify(position));
      } catch {
        // full, or not allowed: it is in memory
      }
    }
  }

  /** For each key, so that one that replaces another remembers what that one did. */
  #places(app: string): { storage: Storage; name: string }[] {
    const { publicKey } = this.#options;
    const storage = storageOf();
    if (publicKey === undefined || !storage) return [];
    const keys = typeof publicKey === "string" ? [publicKey] : publicKey;
    return keys.map((key) => ({ storage, name: `jank-hot-reload ${app} ${key.trim()}` }));
  }
}

/** The versions of its vars are the number of the publication. */
function patchOf(patch: PublishedPatch, bytes: Uint8Array, version: number): Patch {
  const { entry: symbolName, ns, source: hash } = patch;
  const symbols = patch.symbols.map((symbol) => ({ ...symbol, version }));
  return { bytes, symbolName, symbols, ns, hash, compileMs: 0 };
}

/** Told already, by the patch's own event. */
class InstallError extends Error {
  constructor({ class: name, message }: ErrorReport) {
    super(message);
    this.name = name;
  }
}

const namesOf = ({ symbols }: PublishedPatch): string[] => symbols.map(({ name }) => name);

const isHidden = (): boolean => globalThis.document?.visibilityState === "hidden";

/** Below 0: the one is older. */
function compare(one: Position, other: Position): number {
  return one.epoch - other.epoch || one.seq - other.seq;
}

/** A tenth more or less, so that pages do not all come at once; while it fails, full jitter. */
export function pollDelay(attempt: number, pollMs: number, random = Math.random): number {
  if (attempt === 0) return pollMs * (0.9 + 0.2 * random());
  const most = Math.max(pollMs, MAX_POLL_MS);
  return pollMs + random() * Math.min(most, pollMs * 2 ** Math.min(attempt, 30));
}

function addressOf(source: string | URL): URL {
  const base = globalThis.document?.baseURI;
  if (!URL.canParse(String(source), base))
    throw new Refusal(`source must be the address of a manifest.json, got ${String(source)}`);
  return new URL(source, base);
}

function milliseconds(pollMs = POLL_MS): number {
  if (typeof pollMs === "number" && pollMs >= 10 && pollMs < 2 ** 31) return pollMs;
  throw new Refusal(`pollMs must be a number of milliseconds, at least 10, got ${pollMs}`);
}

function versionNumber(version: number): number {
  if (Number.isSafeInteger(version) && version > 0) return version;
  throw new Refusal(`a version is a number from 1, got ${String(version)}`);
}

function storageOf(): Storage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined; // not allowed
  }
}

function readPosition(storage: Storage, name: string): Position {
  try {
    const { epoch, seq } = JSON.parse(storage.getItem(name) ?? "") as Position;
    if (Number.isSafeInteger(epoch) && Number.isSafeInteger(seq)) return { epoch, seq };
  } catch {
    // none, or somebody else's
  }
  return { epoch: 0, seq: 0 };
}

/** Strictly: other bytes never give the same text. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal("it is not UTF-8");
  }
}
