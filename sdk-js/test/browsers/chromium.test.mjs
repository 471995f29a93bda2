import { startBrowser } from "./chromium.mjs";
import { browserTests } from "./tests.mjs";

browserTests("chromium", startBrowser);
