// The docs of the library's names, which lie beside jank.wasm and are read when a
// program, or an editor, asks for the first time what a name means: docs.c. That is in
// the middle of what runs, so the text is waited for. Where there is none (in a bundle,
// on file:, where a page's policy does not allow it) nothing is said of names.

/** What the text begins with: a server may answer with something else. */
const HEADER = "# What the library says";
const NAME = "jank-docs.txt";

/** The file beside the one at `url`. */
export const besideOf = (url: string | URL): string =>
  String(url).replace(/[^/\\?#]*([?#].*)?$/s, NAME);

interface NodeProcess {
  getBuiltinModule?(name: "fs"): { readFileSync(file: string | URL, encoding: "utf8"): string };
}

/** undefined: it cannot be had. */
export function readDocs(url: string): string | undefined {
  try {
    const text = textAt(url);
    return text?.startsWith(HEADER) ? text : undefined;
  } catch {
    return undefined;
  }
}

function textAt(url: string): string | undefined {
  const { process } = globalThis as { process?: NodeProcess };
  const fs = process?.getBuiltinModule?.("fs");
  if (fs) return fs.readFileSync(url.startsWith("file:") ? new URL(url) : url, "utf8");
  if (typeof XMLHttpRequest !== "function") return undefined;
  const request = new XMLHttpRequest();
  request.open("GET", url, false);
  request.send();
  return request.status === 200 ? request.responseText : undefined;
}
