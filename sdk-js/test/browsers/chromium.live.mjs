import { startBrowser } from "./chromium.mjs";
import { liveTests } from "./live.mjs";

liveTests("chromium", startBrowser);
