// POST /open-in-editor?file=..&line=..&column=..: the place of an error, in the
// developer's editor. launch-editor finds the one that runs, or $LAUNCH_EDITOR.

import { realpathSync, statSync } from "node:fs";
import { resolve, sep } from "node:path";
import launchEditor from "launch-editor";

/** Ends with an error's text for the sender; undefined: the editor was started. */
export function openInEditor(
  query: URLSearchParams,
  folders: string[],
  onError: (line: string) => void,
): string | undefined {
  const file = query.get("file") ?? "";
  const path = fileInside(file, folders);
  if (path === undefined) return `no such file of this application: ${file.slice(0, 200)}`;
  const [line, column] = [numberOf(query.get("line")), numberOf(query.get("column"))];
  launchEditor(`${path}:${line}:${column}`, (name, reason) =>
    onError(`${name} cannot be opened: ${reason ?? "set LAUNCH_EDITOR to your editor's command"}`),
  );
  return undefined;
}

const numberOf = (text: string | null): number =>
  /^[1-9]\d{0,8}$/.test(text ?? "") ? Number(text) : 1;

/** Where it really is; an editor is started for nothing else. */
function fileInside(file: string, folders: string[]): string | undefined {
  if (file === "" || file.includes("\0")) return undefined;
  try {
    const path = realpathSync(resolve(file));
    const isInside = folders.some((folder) => path.startsWith(realOf(folder) + sep));
    return isInside && isText(path) && statSync(path).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}

const isText = (path: string): boolean => /\.(jank|clj|cljc|c|cc|cpp|cxx|h|hpp)$/.test(path);

function realOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return "\0"; // it is not there: nothing is inside
  }
}
