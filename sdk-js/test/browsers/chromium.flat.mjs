import { startBrowser } from "./chromium.mjs";
import { flatTests } from "./flat.mjs";

const FLAGS = ["--js-flags=--expose-gc", "--enable-precise-memory-info"];

flatTests("chromium", () => startBrowser(FLAGS));
