// setup-nginx.mjs - the path of an nginx for the tests of published folders: $NGINX,
// the system's; else Debian's package is installed. The tests run it by themselves,
// with a configuration of their own.

import { existsSync } from "node:fs";
import { findOrInstall, isMain, runTool, UserError, which } from "./system.mjs";

const HELP = `No nginx was found for the browser tests. Install it
or give the path of one that is installed:
  NGINX=/path/to/nginx npm test`;

/** The path of an nginx, installed first when there is none. */
export async function setupNginx() {
  const { NGINX } = process.env;
  if (NGINX) {
    if (existsSync(NGINX)) return NGINX;
    throw new UserError(`NGINX is ${NGINX}, and there is no such file.`);
  }
  return findOrInstall(() => which("nginx"), ["nginx-light"], HELP);
}

if (isMain(import.meta.url)) await runTool(async () => console.log(await setupNginx()));
