import { startBrowser } from "./webkit.mjs";
import { liveTests } from "./live.mjs";

liveTests("webkit", startBrowser);
