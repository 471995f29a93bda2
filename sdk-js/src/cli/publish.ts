// jank-hot publish: an application's source becomes a folder that any static host
// can serve and clients follow (client/source.ts); see client/verify.ts for the
// manifest.
//
//   files -> compileAll, a patch for each form -> patch files -> manifest-E-N.json
//     -> manifest.json, by rename
//
// The same source gives the same bytes, wherever and whenever it is compiled: they
// hold no path but the one below the source folder, no time and no counter. What is
// written is never written again, and manifest.json comes last: whoever reads the
// folder in between, or after a crash, finds a whole version.

import type { KeyObject } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  FORMAT,
  manifestFile,
  manifestHead,
  manifestText,
  parseManifest,
  Refusal,
  splitManifest,
} from "../client/verify.js";
import type { Manifest, OlderVersion, PublishedPatch } from "../client/verify.js";
import { isSource } from "../compiler.js";
import { sha256 } from "../sha256.js";
import { compileAll, type CompiledPatch, type SourceFile } from "./forms.js";
import { keyId, readKey, signManifest } from "./keygen.js";
import { dim, green, milliseconds } from "./terminal.js";
import { UserError } from "../user-error.js";

export interface PublishOptions {
  outputDir: string;
  app?: string;
  /** Milliseconds. */
  expires?: number;
  epoch?: number;
  keep: number;
  renew?: boolean;
  sign?: string[];
  /** More builds of the runtime: the app.wasm of a bundle. */
  runtime?: string[];
}

/** What is in the folder. */
interface Published {
  text: string;
  manifest: Manifest;
  /** Of the keys that signed it. */
  signers: string[];
}

export async function publish(paths: string[], options: PublishOptions): Promise<void> {
  const started = performance.now();
  const keys = (options.sign ?? []).map(readKey);
  const sources = paths.flatMap(sourcesIn);
  const runtimes = buildsOf(options.runtime ?? []);
  const folder = options.outputDir;
  const current = readPublished(folder);
  const compiled = await compileAll(sources);
  const elapsed = milliseconds(performance.now() - started);
  console.log(`${count(sources.length, "file")}, ${count(compiled.length, "form")}, ${elapsed}`);
  const manifest = nextManifest(folder, current, compiled, runtimes, options);
  if (current && !options.renew && (await isSame(current, manifest, keys))) {
    const { seq } = current.manifest;
    console.log(`${green(join(folder, "manifest.json"))}  nothing has changed: version ${seq}`);
    return;
  }
  const head = manifestHead(manifest);
  const text = manifestText(head, await Promise.all(keys.map((key) => signManifest(head, key))));
  write(folder, manifest, text, compiled, current);
  report(folder, manifest, keys, current);
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

function report(
  folder: string,
  { app, seq, expires, patches }: Manifest,
  keys: KeyObject[],
  current: Published | undefined,
): void {
  const known = new Set(current?.manifest.patches.map(({ source }) => source));
  const fresh = patches.filter(({ source }) => !known.has(source));
  const names = [...new Set(fresh.flatMap(({ symbols }) => symbols.map(({ name }) => name)))];
  const shown = names.length > 8 ? `${names.slice(0, 8).join(" ")} ...` : names.join(" ");
  const signed = keys.length ? `signed with ${count(keys.length, "key")}` : "unsigned";
  const end = expires === null ? "" : `, until ${expires}`;
  console.log(
    `${green(join(folder, "manifest.json"))}  version ${seq} of ${app}, ${signed}${end}: ` +
      `${count(fresh.length, "form")} new${shown && `, ${shown}`}`,
  );
}

// ---- Input --------------------------------------------------------------------

/** A file, or every source in a folder; a folder's namespaces begin at it. */
function sourcesIn(path: string): SourceFile[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new UserError(`there is no ${path}`);
  if (stats.isFile()) return [{ path: resolve(path), root: dirname(resolve(path)) }];
  if (!stats.isDirectory()) throw new UserError(`${path} is neither a file nor a folder`);
  const root = resolve(path);
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => isSource(entry.name) && !entry.isDirectory())
    .map((entry) => ({ path: join(entry.parentPath, entry.name), root }));
  if (files.length === 0) throw new UserError(`${path} has no .jank or .cljc file`);
  return files.sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** Beside this file, when it is part of the command. */
const OWN = ["./jank.wasm", "./runtime-only/jank.wasm"];

function buildsOf(more: string[]): string[] {
  const own = OWN.map((name) => fileURLToPath(new URL(name, import.meta.url)));
  return [...own, ...more].map((file) => {
    try {
      return sha256(readFileSync(file));
    } catch (error) {
      throw new UserError(`cannot read ${file}: ${(error as Error).message}`);
    }
  });
}

function readPublished(folder: string): Published | undefined {
  const file = join(folder, "manifest.json");
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new UserError(`${folder} is not a folder`);
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, "utf8");
  try {
    const { head, signatures } = splitManifest(text);
    return { text, manifest: parseManifest(head), signers: signatures.map(({ key }) => key) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new UserError(`${file}: ${error.message}; publish into another folder`);
  }
}

// ---- The next version -----------------------------------------------------------

function nextManifest(
  folder: string,
  current: Published | undefined,
  compiled: CompiledPatch[],
  runtimes: string[],
  options: PublishOptions,
): Manifest {
  const before = current?.manifest;
  const app = options.app ?? before?.app ?? "app";
  if (before && app !== before.app)
    throw new UserError(`${folder} has versions of "${before.app}", not of "${app}"`);
  const epoch = options.epoch ?? before?.epoch ?? 1;
  if (before && epoch < before.epoch)
    throw new UserError(`--epoch ${epoch}: ${folder} is at ${before.epoch}, and it only grows`);
  const isSameEpoch = before?.epoch === epoch;
  const now = Date.now();
  return {
    format: FORMAT,
    app,
    epoch,
    seq: nextSeq(folder, epoch, isSameEpoch ? before.seq : 0),
    published: new Date(now).toISOString(),
    expires: options.expires === undefined ? null : new Date(now + options.expires).toISOString(),
    runtimes,
    patches: compiled.map(({ bytes: _, ...patch }) => patch),
    history: isSameEpoch && current ? historyOf(current).slice(0, options.keep - 1) : [],
  };
}

const MANIFEST = /^manifest-(\d+)-(\d+)\.json$/;
const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** A publish that was interrupted may have used a number. */
function nextSeq(folder: string, epoch: number, seq: number): number {
  const used = namesIn(folder).flatMap((name) => {
    const [, at, number] = MANIFEST.exec(name) ?? [];
    return Number(at) === epoch ? [Number(number)] : [];
  });
  return Math.max(seq, ...used) + 1;
}

function historyOf({ text, manifest }: Published): OlderVersion[] {
  const { epoch, seq, history } = manifest;
  const length = Buffer.byteLength(text);
  return [{ seq, file: manifestFile(epoch, seq), sha256: sha256(text), length }, ...history];
}

/** All but what every version has anew. */
async function isSame(current: Published, next: Manifest, keys: KeyObject[]): Promise<boolean> {
  const essence = ({ app, epoch, runtimes, patches, expires }: Manifest) =>
    JSON.stringify([app, epoch, runtimes, patches, expires !== null]);
  const { expires } = current.manifest;
  if (expires !== null && Date.parse(expires) <= Date.now()) return false;
  const signers = await Promise.all(keys.map(keyId));
  return essence(current.manifest) === essence(next) && signers.join() === current.signers.join();
}

// ---- Output -----------------------------------------------------------------------

function write(
  folder: string,
  manifest: Manifest,
  text: string,
  compiled: CompiledPatch[],
  current: Published | undefined,
): void {
  mkdirSync(folder, { recursive: true });
  for (const patch of compiled) {
    const file = join(folder, patch.file);
    if (!isThere(file, patch)) writeWhole(file, patch.bytes);
  }
  const own = manifestFile(manifest.epoch, manifest.seq);
  const meanwhile = new UserError(`${folder}: somebody else publishes there, too; do it again`);
  try {
    writeWhole(join(folder, own), text, true);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? meanwhile : error;
  }
  if (readPublished(folder)?.text !== current?.text) {
    rmSync(join(folder, own));
    throw meanwhile;
  }
  writeWhole(join(folder, "manifest.json"), text);
  prune(folder, manifest, own);
}

function isThere(file: string, { length, sha256: hash }: PublishedPatch): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.size === length && sha256(readFileSync(file)) === hash;
}

/** The file is whole, or it is not there. `isNew`: throws when there is one already. */
function writeWhole(file: string, data: Uint8Array | string, isNew = false): void {
  const fresh = `${file}.${process.pid}.new`;
  const descriptor = openSync(fresh, "w");
  try {
    writeFileSync(descriptor, data);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  if (!isNew) return renameSync(fresh, file);
  try {
    linkSync(fresh, file);
  } finally {
    rmSync(fresh);
  }
}

/** Removes what no version has that is kept, of the files that a publish writes. */
function prune(folder: string, { patches, history }: Manifest, own: string): void {
  const kept = new Set([own, "manifest.json", ...patches.map(({ file }) => file)]);
  for (const { file } of history) {
    kept.add(file);
    for (const patch of patchesOf(join(folder, file))) kept.add(patch.file);
  }
  const isOurs = (name: string) =>
    MANIFEST.test(name) || /^([0-9a-f]{32}\.wasm|manifest.*\.json)(\.\d+\.new)?$/.test(name);
  const gone = namesIn(folder).filter((name) => isOurs(name) && !kept.has(name));
  for (const name of gone) rmSync(join(folder, name), { force: true });
  if (gone.length) console.log(dim(`removed ${count(gone.length, "file")} of older versions`));
}

/** None of a version that is gone or damaged: nobody can go back to it. */
function patchesOf(file: string): PublishedPatch[] {
  try {
    return parseManifest(splitManifest(readFileSync(file, "utf8")).head).patches;
  } catch {
    return [];
  }
}
