import { startBrowser } from "./firefox.mjs";
import { liveTests } from "./live.mjs";

liveTests("firefox", startBrowser);
