// A patch file from anywhere. A file of its own in the package: a page that gets its
// patches from a server does not load it.

import { reportOf } from "../protocol.js";
import { JankError } from "../runtime.js";
import { ENTRY_PREFIX, MAX_PATCH_BYTES } from "../shared.js";

const refusal = (reason: string) => new JankError(reportOf("load", "PatchException", reason));

export async function bytesOf(patch: Uint8Array | string | URL): Promise<Uint8Array> {
  if (patch instanceof Uint8Array) return patch;
  const refuse = (reason: string) => refusal(`${String(patch).slice(0, 200)}: ${reason}`);
  let response: Response;
  try {
    response = await fetch(patch);
  } catch (error) {
    // The same for all that it cannot reach, and for a host that allows no other origin.
    throw refuse(`cannot be fetched: ${(error as Error).message}`);
  }
  if (!response.ok) throw refuse(`HTTP status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The entry function of a patch file: its one export of that name. */
export function entryOf(bytes: Uint8Array): string {
  if (bytes.length > MAX_PATCH_BYTES) return ""; // Runtime.install says so
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  } catch (error) {
    throw refusal((error as Error).message);
  }
  const entry = WebAssembly.Module.exports(module).find(
    ({ name, kind }) => kind === "function" && name.startsWith(ENTRY_PREFIX),
  );
  if (!entry) throw refusal(`not a patch: it exports no ${ENTRY_PREFIX} function`);
  return entry.name;
}
