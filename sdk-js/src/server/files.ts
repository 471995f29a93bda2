// Which file of a folder a request may read, and only that one is opened.
//
// In: the path as it came, still encoded. It is decoded once. What could mean
// something else to whoever decodes again, to another file system, or to a
// browser names no file. Links are followed first, then it is decided: the real
// path must be in the folder and have no hidden or secret name in it. What was
// opened is compared with what was decided on, so that a link which changes in
// between leads nowhere.

import { closeSync, constants, fstatSync, lstatSync, openSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";

export interface OpenFile {
  /** The caller closes it. */
  fd: number;
  size: number;
  /** The real path. */
  path: string;
}

/** Never asked for by a page, often in its folder: private keys, certificates with them. */
const SECRET = /^id_(rsa|dsa|ecdsa|ed25519)$|\.(key|pem|p8|p12|pfx|ppk|jks|keystore|env|kdbx)$/i;
/** Encoded: `/` and `\`. Decoded: controls, and what is an escape somewhere. */
const ENCODED_SLASH = /%(2f|5c)/i;
const SUSPICIOUS = /[\0-\x1f\x7f\\#?%:]/;

/** The names that lead to the file; undefined: no file has such a path. Throws a URIError. */
export function namesOf(encoded: string): string[] | undefined {
  const path = decodeURIComponent(encoded);
  if (ENCODED_SLASH.test(encoded) || SUSPICIOUS.test(path) || !path.startsWith("/"))
    return undefined;
  const names = path.slice(1).split("/");
  if (names.at(-1) === "") names.splice(-1, 1, "index.html");
  return names.every(mayBeServed) ? names : undefined;
}

/** Windows ignores a dot or a space at the end. */
const mayBeServed = (name: string): boolean =>
  name !== "" && !/^\.|[. ]$/.test(name) && !SECRET.test(name);

/** undefined: there is none that may be read. */
export function openInside(folder: string, names: readonly string[]): OpenFile | undefined {
  const file = join(folder, ...names);
  let fd: number | undefined;
  try {
    const path = realPathInside(folder, file);
    if (path === undefined) return undefined;
    // Not blocking: a pipe has no end, and perhaps no beginning.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(fd);
    const decided = realPathInside(folder, file) === path && lstatSync(path);
    if (decided && stat.isFile() && stat.ino === decided.ino && stat.dev === decided.dev) {
      const opened = { fd, size: stat.size, path };
      fd = undefined;
      return opened;
    }
  } catch {
    // nothing there, or nothing that we may read
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  return undefined;
}

function realPathInside(folder: string, file: string): string | undefined {
  const root = join(realpathSync.native(folder), sep);
  const path = realpathSync.native(file);
  const isInside = path.startsWith(root) && path.slice(root.length).split(sep).every(mayBeServed);
  return isInside ? path : undefined;
}
