// setup-emscripten.mjs - the path of a working emcc.
//
// The one on PATH or in $EMSDK when it is new enough; otherwise Debian 13's
// Emscripten, unpacked into .toolchain/ beside the machine's own LLVM 19. Nothing
// of it is installed in the system: the packages come through apt-get, with a
// state of its own, from the mirror that the machine uses already, and apt checks
// their signatures. Binaryen, built for a newer libc, runs with that libc.
//
// The stamp is written last: whatever was interrupted is done again.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import {
  aptInstall,
  debianRelease,
  isMain,
  readText,
  run,
  runTool,
  step,
  TOOLCHAIN,
  UserError,
  which,
  withLock,
} from "./system.mjs";

const OLDEST = [3, 1, 45];
const RECIPE = 1;
const RELEASE = "trixie";
const LLVM = "19";
const PACKAGES = ["emscripten", "binaryen", "node-acorn", "libc6", "libstdc++6", "libgcc-s1"];
const BINARYEN_TOOLS = [
  "wasm-as",
  "wasm-ctor-eval",
  "wasm-dis",
  "wasm-emscripten-finalize",
  "wasm-merge",
  "wasm-metadce",
  "wasm-opt",
  "wasm-reduce",
  "wasm-split",
];
const LOADERS = {
  x64: { loader: "usr/lib64/ld-linux-x86-64.so.2", libraries: "usr/lib/x86_64-linux-gnu" },
  arm64: { loader: "usr/lib/ld-linux-aarch64.so.1", libraries: "usr/lib/aarch64-linux-gnu" },
};
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const NEWEST_KEY = `/usr/share/keyrings/debian-archive-${RELEASE}-stable.gpg`;

const PREFIX = join(TOOLCHAIN, "root");
const STAMP = join(TOOLCHAIN, "stamp.json");
const WRAPPER = join(TOOLCHAIN, "emcc");
const CONFIG = join(TOOLCHAIN, "emscripten.config");

const HELP = `No Emscripten ${OLDEST.join(".")} or later was found, and it is set up by itself on Debian 12 and 13 only.
Install emsdk (https://emscripten.org/docs/getting_started/downloads.html):
  git clone https://github.com/emscripten-core/emsdk.git
  cd emsdk && ./emsdk install 3.1.69 && ./emsdk activate 3.1.69 && . ./emsdk_env.sh
and run this command again in the same shell.`;

const isNewEnough = (version) => {
  const i = OLDEST.findIndex((part, at) => version[at] !== part);
  return i < 0 || version[i] > OLDEST[i];
};

async function installed() {
  const { EMSDK } = process.env;
  const candidates = [which("emcc"), EMSDK && join(EMSDK, "upstream/emscripten/emcc")];
  for (const emcc of candidates.filter((path) => path && existsSync(path))) {
    const output = await run(emcc, ["--version"]).catch(() => "");
    const version = /(\d+)\.(\d+)\.(\d+)/.exec(output)?.slice(1).map(Number);
    if (version && isNewEnough(version)) return emcc;
  }
}

// What the set-up depends on; another folder or Node means another set-up.
const wanted = () => JSON.stringify({ recipe: RECIPE, prefix: PREFIX, node: process.execPath });

// apt-get with sources, lists and downloads of its own, below .toolchain/apt.
function privateApt(folder, ...args) {
  const options = {
    "Dir::Etc::SourceList": join(folder, "sources.list"),
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::Etc::Preferences": "/dev/null",
    "Dir::Etc::PreferencesParts": "/dev/null",
    "Dir::State": join(folder, "state"),
    "Dir::State::status": join(folder, "status"),
    "Dir::Cache": join(folder, "cache"),
    "APT::Sandbox::User": process.getuid() === 0 ? "root" : "",
    "Acquire::Languages": "none",
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  return run("apt-get", [...flags, "-q", ...args], { cwd: join(folder, "debs") });
}

async function mirror() {
  const format = ["--format", "$(SITE) $(REPO_URI) $(RELEASE)", "Created-By: Packages"];
  const lines = (await run("apt-get", ["indextargets", ...format])).trim().split("\n");
  const uris = lines.map((line) => line.split(" ")[1]).filter(Boolean);
  const uri = uris.find((candidate) => !/security/.test(candidate));
  if (!uri) throw new UserError("apt has no package mirror: run apt-get update and try again.");
  return uri;
}

async function download() {
  const folder = join(TOOLCHAIN, "apt");
  for (const part of ["debs", "state/lists/partial", "cache/archives/partial"]) {
    mkdirSync(join(folder, part), { recursive: true });
  }
  const source = `deb [signed-by=${KEYRING}] ${await mirror()} ${RELEASE} main\n`;
  writeFileSync(join(folder, "sources.list"), source);
  writeFileSync(join(folder, "status"), "");
  await step(`setup: Emscripten: list of packages`, () => privateApt(folder, "update"));
  await step(`setup: Emscripten: download (240 MB)`, () =>
    privateApt(folder, "download", ...PACKAGES),
  );
  return folder;
}

async function unpack(folder) {
  rmSync(PREFIX, { recursive: true, force: true });
  mkdirSync(PREFIX, { recursive: true });
  for (const name of readdirSync(join(folder, "debs")).filter((file) => file.endsWith(".deb"))) {
    await run("dpkg-deb", ["-x", join(folder, "debs", name), PREFIX]);
  }
}

function writeScript(file, ...lines) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, ["#!/bin/sh", ...lines, ""].join("\n"));
  chmodSync(file, 0o755);
}

function configure() {
  const { loader, libraries } = LOADERS[process.arch];
  const own = (path) => `"${join(PREFIX, path)}"`;
  const start = `exec ${own(loader)} --library-path ${own(libraries)}`;
  for (const tool of BINARYEN_TOOLS) {
    writeScript(join(PREFIX, "binaryen/bin", tool), `${start} ${own(`usr/bin/${tool}`)} "$@"`);
  }
  const acorn = join(PREFIX, "usr/share/emscripten/node_modules/acorn");
  mkdirSync(dirname(acorn), { recursive: true });
  rmSync(acorn, { recursive: true, force: true });
  symlinkSync("../../nodejs/acorn", acorn);
  // Emscripten's scripts are CommonJS, and this project's package.json says otherwise.
  writeFileSync(join(TOOLCHAIN, "package.json"), '{ "type": "commonjs" }\n');
  const settings = {
    LLVM_ROOT: "/usr/bin",
    BINARYEN_ROOT: join(PREFIX, "binaryen"),
    NODE_JS: process.execPath,
    FROZEN_CACHE: true,
    LLVM_ADD_VERSION: LLVM,
    CLANG_ADD_VERSION: LLVM,
  };
  const python = (value) => (value === true ? "True" : `'${value}'`);
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${python(value)}\n`);
  writeFileSync(CONFIG, lines.join(""));
  writeScript(
    WRAPPER,
    `export EM_CONFIG="${CONFIG}"`,
    `exec python3 -E ${own("usr/share/emscripten/emcc.py")} "$@"`,
  );
}

async function tryOut() {
  const folder = join(TOOLCHAIN, "try");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "try.c"), "int try_it(int x) { return x + 1; }\n");
  const flags = ["-O2", "-sMAIN_MODULE=2", "-sEXPORT_ES6", "-sMODULARIZE", "--no-entry"];
  await run(WRAPPER, [...flags, "-sEXPORTED_FUNCTIONS=_try_it", "try.c", "-o", "try.mjs"], {
    cwd: folder,
  });
  rmSync(folder, { recursive: true });
}

async function provision() {
  if (!LOADERS[process.arch]) throw new UserError(HELP);
  console.log("setup: no Emscripten on this machine; a private one goes into .toolchain/");
  rmSync(STAMP, { force: true });
  const programs = {
    [`clang-${LLVM}`]: `clang-${LLVM}`,
    [`lld-${LLVM}`]: `wasm-ld-${LLVM}`,
    [`llvm-${LLVM}`]: `llvm-ar-${LLVM}`,
    python3: "python3",
  };
  const missing = Object.keys(programs).filter((name) => !existsSync(`/usr/bin/${programs[name]}`));
  if (!existsSync(NEWEST_KEY)) missing.push("debian-archive-keyring");
  if (missing.length > 0) await aptInstall(missing);
  const folder = await download();
  await step("setup: Emscripten: unpack", () => unpack(folder));
  configure();
  await step("setup: Emscripten: a first module", tryOut);
  writeFileSync(STAMP, wanted());
  rmSync(folder, { recursive: true });
}

/** The path of an emcc that works, set up first when there is none. */
export async function setupEmscripten() {
  const present = await installed();
  if (present) return present;
  if (!(debianRelease() >= 12)) throw new UserError(HELP);
  await withLock("setup", async () => {
    if (readText(STAMP) !== wanted()) await provision();
  });
  return WRAPPER;
}

if (isMain(import.meta.url)) await runTool(async () => console.log(await setupEmscripten()));
