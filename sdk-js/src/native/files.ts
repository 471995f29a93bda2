// The C files of a program, and what the program's build leaves for `jank-hot watch`:
// app.native.json beside app.mjs.

import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { UserError } from "../user-error.js";

export interface NativeBuild {
  /** Source files, relative to this file's folder; by the names that the program knows. */
  files: Record<string, string>;
  cflags: string[];
  optimize: string;
}

/** Each file's name in the program: as much of its path as tells it from the others. */
export function fileNames(paths: string[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const path of paths.map((each) => resolve(each))) {
    let [name, folder] = [basename(path), dirname(path)];
    const others = paths.map((each) => resolve(each)).filter((other) => other !== path);
    while (others.some((other) => other.endsWith(`/${name}`)) && dirname(folder) !== folder) {
      name = `${basename(folder)}/${name}`;
      folder = dirname(folder);
    }
    names.set(path, name);
  }
  return names;
}

export function describeBuild(
  folder: string,
  names: Map<string, string>,
  rest: Omit<NativeBuild, "files">,
): NativeBuild {
  const entries = [...names].map(([path, name]) => [name, relative(folder, path)] as const);
  return { files: Object.fromEntries(entries), ...rest };
}

/** Of a bundle's module; undefined: it has no C. Throws a UserError. */
export function readBuild(
  module: string,
): { build: NativeBuild; names: Map<string, string> } | undefined {
  const path = module.replace(/\.m?js$/, ".native.json");
  if (!existsSync(path)) return undefined;
  let build: NativeBuild;
  try {
    build = JSON.parse(readFileSync(path, "utf8")) as NativeBuild;
  } catch (error) {
    throw new UserError(`${path}: ${(error as Error).message}`);
  }
  const folder = dirname(resolve(path));
  const names = Object.entries(build.files).map(
    ([name, file]) => [join(folder, file), name] as const,
  );
  return { build, names: new Map(names) };
}
