// setup-pcre2.mjs - PCRE2's 8-bit library with its header: the regular expressions
// of the native build (sdk-c/src/host/native_regex.c).

import { spawnSync } from "node:child_process";
import { findOrInstall, isMain, runTool } from "./system.mjs";

const PACKAGE = "libpcre2-dev";

/** Whether a C compiler finds the header; where it is differs by system. */
function isThere(cc) {
  const program = ["-DPCRE2_CODE_UNIT_WIDTH=8", "-include", "pcre2.h", "-x", "c", "/dev/null"];
  return spawnSync(cc, ["-fsyntax-only", ...program], { stdio: "ignore" }).status === 0;
}

export async function setupPcre2(cc = process.env.CC ?? "cc") {
  await findOrInstall(
    () => isThere(cc),
    [PACKAGE],
    `The native build needs PCRE2 (pcre2.h, libpcre2-8), and ${cc} does not find its header.\n` +
      `Install it (Debian, Ubuntu: ${PACKAGE}; Fedora: pcre2-devel; Homebrew, Alpine: pcre2, pcre2-dev);\n` +
      "when it is in a place of its own, set CPATH and LIBRARY_PATH to its include and lib.",
  );
}

if (isMain(import.meta.url)) await runTool(setupPcre2);
