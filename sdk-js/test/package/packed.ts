// The package as npm publishes it, and scratch applications outside of this folder
// that have it installed: unpacked, with the other packages that they ask for linked
// from here, so that nothing is fetched.

import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

export const run = (command: string, args: string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

interface Manifest {
  name: string;
  version: string;
  dependencies: Record<string, string>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;

export interface Packed {
  tarball: string;
  /** A folder with these files, in which the package and `packages` of ours are installed. */
  application(files?: Record<string, string>, packages?: string[]): string;
  /** Removes the tarball and the applications. */
  remove(): void;
}

/** `npm pack`. */
export function pack(): Packed {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), "jank-package-")));
  run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", scratch], ROOT);
  const tarball = join(scratch, `${manifest.name}-${manifest.version}.tgz`);
  let applications = 0;
  return {
    tarball,
    application(files = {}, packages = []) {
      const folder = join(scratch, `app-${++applications}`);
      const installed = join(folder, "node_modules", manifest.name);
      mkdirSync(installed, { recursive: true });
      run("tar", ["-xzf", tarball, "--strip-components=1"], installed);
      for (const name of [...Object.keys(manifest.dependencies), ...packages]) link(name, folder);
      write(folder, { "package.json": '{ "type": "module" }', ...files });
      return folder;
    },
    remove: () => rmSync(scratch, { recursive: true, force: true }),
  };
}

function link(name: string, folder: string): void {
  const path = join(folder, "node_modules", name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(ROOT, "node_modules", name), path);
}

export function write(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
