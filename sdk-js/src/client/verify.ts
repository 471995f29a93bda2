// The manifest of a published folder: what it is, which bytes are signed, and what
// is refused. Shared by who writes it (cli/publish.ts) and who reads it (source.ts);
// no network, no file system, no clock.
//
// A manifest is a JSON text with one field in a line, "signatures" as the last. What
// is signed is every byte above that line, with a domain and a length before them
// (signedBytes). So nothing has to be brought into a canonical form, and nothing that
// is not signed is ever read. It holds the length and the SHA-256 of every patch and
// of every older manifest: those need no signature of their own.

import type { PatchSymbol } from "../protocol.js";
import { ENTRY_PREFIX, MAX_PATCH_BYTES } from "../shared.js";
import { nullable, shape, wrongField, type Check, type Shape } from "../protocol/shapes.js";

export const FORMAT = 1;
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
/** Of all patches of a version. */
const MAX_VERSION_BYTES = 64 * 1024 * 1024;

// ---- What is in it ------------------------------------------------------------

const matching =
  (pattern: RegExp): Check<string> =>
  (value): value is string =>
    typeof value === "string" && pattern.test(value);
const lengthTo =
  (most: number): Check<number> =>
  (value): value is number =>
    Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= most;
const listTo =
  <T>(most: number, check: Check<T>): Check<T[]> =>
  (value): value is T[] =>
    Array.isArray(value) && value.length <= most && value.every(check);

const positive = lengthTo(Number.MAX_SAFE_INTEGER);
const sha256 = matching(/^[0-9a-f]{64}$/);
const time = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const name = matching(/^.{1,1000}$/s);

const publishedPatch = {
  /** Beside the manifest: the first half of `sha256`, and `.wasm`. */
  file: matching(/^[0-9a-f]{32}\.wasm$/),
  sha256,
  length: lengthTo(MAX_PATCH_BYTES),
  /** The entry function. */
  entry: matching(new RegExp(`^${ENTRY_PREFIX}\\w{1,64}$`)),
  /** In effect after the form. */
  ns: name,
  symbols: listTo(10_000, shape<PatchSymbol>({ name, signature: name })),
  /**
   * Of the form and of what it compiles to, without its place in the file: who has
   * a patch with this hash need not install it when only lines have moved.
   */
  source: matching(/^[0-9a-f]{32}(-\d+)?$/),
};
/** A top-level form, compiled. */
export interface PublishedPatch extends Shape<typeof publishedPatch> {}

const olderVersion = {
  seq: positive,
  /** Its manifest, beside this one. */
  file: name,
  sha256,
  length: lengthTo(MAX_MANIFEST_BYTES),
};
/** An older version, which is still there. */
export interface OlderVersion extends Shape<typeof olderVersion> {}

const manifestFields = {
  format: (value: unknown): value is typeof FORMAT => value === FORMAT,
  /** The application's name: a client may ask for one. */
  app: name,
  /** One numbering of versions; a higher one begins anew, and is newer than all of a lower one. */
  epoch: positive,
  /** The version's number. */
  seq: positive,
  /** Times as `new Date().toISOString()`. */
  published: time,
  /** After it nothing of this is taken any more; null: never. */
  expires: nullable(time),
  /** SHA-256 of each build of the runtime (jank.wasm) that it was made for. */
  runtimes: listTo(100, sha256),
  /** In the order in which they are installed. */
  patches: listTo(20_000, shape<PublishedPatch>(publishedPatch)),
  /** Newest first. */
  history: listTo(20_000, shape<OlderVersion>(olderVersion)),
};
export interface Manifest extends Shape<typeof manifestFields> {}

export interface Signature {
  /** SHA-256 of the public key. */
  key: string;
  signature: string;
}

/** Why something is refused, for people; `name` is the class of the report. */
export class Refusal extends Error {
  override name = "PatchException";
}

// ---- Text -------------------------------------------------------------------

/** What is above the signatures. */
export function manifestHead(manifest: Manifest): string {
  const list = (items: object[]) =>
    items.length ? `[\n${items.map((item) => JSON.stringify(item)).join(",\n")}\n]` : "[]";
  const { patches, history, ...fields } = manifest;
  const lines = Object.entries(fields).map(
    ([name, value]) => `"${name}": ${JSON.stringify(value)}`,
  );
  lines.push(`"patches": ${list(patches)}`, `"history": ${list(history)}`);
  return `{\n${lines.join(",\n")}`;
}

/** The whole text. */
export function manifestText(head: string, signatures: Signature[]): string {
  return `${head},\n"signatures": ${JSON.stringify(signatures)}\n}\n`;
}

const ONE = String.raw`\{"key":"[0-9a-f]{64}","signature":"[0-9a-f]{128}"\}`;
const TAIL = new RegExp(String.raw`,\n"signatures": (\[(?:${ONE}(?:,${ONE})*)?\])\n\}\n$`);

/** Takes the text apart. Throws a Refusal when it does not end as a manifest does. */
export function splitManifest(text: string): { head: string; signatures: Signature[] } {
  const tail = TAIL.exec(text);
  if (!tail) throw new Refusal("it is not a manifest");
  const signatures = JSON.parse(tail[1] ?? "[]") as Signature[];
  return { head: text.slice(0, tail.index), signatures };
}

const utf8 = new TextEncoder();
const DOMAIN = "jank-hot-reload manifest 1\0";

/** Domain, length (32 bits, little-endian), bytes. */
export function signedBytes(head: string): Uint8Array<ArrayBuffer> {
  const domain = utf8.encode(DOMAIN);
  const body = utf8.encode(head);
  const bytes = new Uint8Array(domain.length + 4 + body.length);
  bytes.set(domain);
  new DataView(bytes.buffer).setUint32(domain.length, body.length, true);
  bytes.set(body, domain.length + 4);
  return bytes;
}

// ---- Reading ------------------------------------------------------------------

export const patchFile = (hash: string): string => `${hash.slice(0, 32)}.wasm`;
export const manifestFile = (epoch: number, seq: number): string => `manifest-${epoch}-${seq}.json`;

/** What is above the signatures, as a manifest that holds together. Throws a Refusal. */
export function parseManifest(head: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(`${head}}`);
  } catch {
    throw new Refusal("it is not JSON");
  }
  const { format } = (value ?? {}) as { format?: unknown };
  if (typeof format === "number" && format > FORMAT)
    throw new Refusal(`its format is ${format}, and this client knows ${FORMAT}: update it`);
  const field = wrongField(value as object, manifestFields);
  if (field !== undefined) throw new Refusal(`bad or missing field "${field}"`);
  const manifest = value as Manifest;
  const { epoch, seq, patches, history } = manifest;
  for (const patch of patches)
    if (patch.file !== patchFile(patch.sha256))
      throw new Refusal(`the file ${patch.file} is not named by its hash`);
  for (const older of history)
    if (older.seq >= seq || older.file !== manifestFile(epoch, older.seq))
      throw new Refusal(`bad file of an older version: ${older.file}`);
  if (patches.reduce((sum, { length }) => sum + length, 0) > MAX_VERSION_BYTES)
    throw new Refusal("its patches are larger than 64 MiB");
  return manifest;
}

// ---- Hashes and signatures ----------------------------------------------------

/** Throws a Refusal where a page has no WebCrypto. */
function subtle(): SubtleCrypto {
  // Its type has it always; a page that came over plain HTTP has not.
  const { subtle } = globalThis.crypto as { subtle?: SubtleCrypto };
  if (subtle) return subtle;
  throw new Refusal(
    "this page has no WebCrypto (crypto.subtle), so nothing can be verified: browsers give it to pages over https: and to those of localhost",
  );
}

const hexOf = (bytes: ArrayBuffer | Uint8Array): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

export async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hexOf(await subtle().digest("SHA-256", bytes));
}

/** How a public key is written: `ed25519:`, and its 32 bytes in hexadecimal. */
const KEY = /^ed25519:([0-9a-f]{64})$/;

export interface PublicKey {
  /** SHA-256 of its bytes. */
  id: string;
  key: CryptoKey;
}

/** Throws a Refusal: for what is no key, and where the engine knows no Ed25519. */
export async function importKeys(keys: string | readonly string[]): Promise<PublicKey[]> {
  const list = typeof keys === "string" ? [keys] : keys;
  if (!Array.isArray(list) || list.length === 0) throw new Refusal("publicKey: there is no key");
  return Promise.all(
    (list as readonly unknown[]).map(async (key) => {
      const hex = typeof key === "string" ? KEY.exec(key.trim())?.[1] : undefined;
      if (hex === undefined)
        throw new Refusal(
          'publicKey must be as in the .pub file of "jank-hot keygen": ed25519:...',
        );
      const bytes = fromHex(hex);
      return { id: await hashOf(bytes), key: await importKey(bytes) };
    }),
  );
}

async function importKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  try {
    return await subtle().importKey("raw", bytes, "Ed25519", false, ["verify"]);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(
      `this engine cannot verify signatures with Ed25519: ${(error as Error).message}`,
    );
  }
}

/** Throws a Refusal unless one of the keys has signed the text. */
export async function checkSignature(
  head: string,
  signatures: readonly Signature[],
  keys: readonly PublicKey[],
): Promise<void> {
  if (signatures.length === 0) throw new Refusal("it is unsigned");
  const bytes = signedBytes(head);
  let isKnown = false;
  for (const { key: id, signature } of signatures.slice(0, 16)) {
    const key = keys.find((each) => each.id === id)?.key;
    if (!key) continue;
    isKnown = true;
    if (await subtle().verify("Ed25519", key, fromHex(signature), bytes)) return;
  }
  throw new Refusal(
    isKnown ? "its signature is not valid: it was altered" : "it is signed with a wrong key",
  );
}
