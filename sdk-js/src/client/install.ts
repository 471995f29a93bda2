// A patch file, from anywhere, becomes a runtime's.

import { reportOfThrown } from "../runtime.js";
import type { InstallResult, Runtime } from "../runtime.js";

/** A file of its own in the package. */
export const patchFile = () => import("./patch-file.js");

/** See Client.install. */
export async function installPatch(
  runtime: Runtime,
  patch: Uint8Array | string | URL,
  entry?: string,
): Promise<InstallResult> {
  try {
    const { bytesOf, entryOf } = await patchFile();
    const bytes = await bytesOf(patch);
    return runtime.install(bytes, entry ?? entryOf(bytes));
  } catch (error) {
    return { ok: false, error: reportOfThrown(error), installMs: 0 };
  }
}
