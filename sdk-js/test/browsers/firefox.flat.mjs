import { flatTests } from "./flat.mjs";
import { startBrowser } from "./firefox.mjs";

flatTests("firefox", startBrowser);
