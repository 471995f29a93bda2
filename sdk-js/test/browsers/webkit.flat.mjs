import { flatTests } from "./flat.mjs";
import { startBrowser } from "./webkit.mjs";

flatTests("webkit", startBrowser);
