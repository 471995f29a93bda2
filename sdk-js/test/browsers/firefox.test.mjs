import { startBrowser } from "./firefox.mjs";
import { browserTests } from "./tests.mjs";

browserTests("firefox", startBrowser);
