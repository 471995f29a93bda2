import type { CreateModule } from "./runtime.js";

/** What `connect` and `load` take as `createModule`. */
declare const createModule: CreateModule;
export default createModule;
