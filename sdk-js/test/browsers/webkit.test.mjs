import { startBrowser } from "./webkit.mjs";
import { browserTests } from "./tests.mjs";

browserTests("webkit", startBrowser);
