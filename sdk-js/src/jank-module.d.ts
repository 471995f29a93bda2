// The main module that Emscripten makes; see runtime.ts.
declare module "*/jank.mjs" {
  const createModule: (options: object) => Promise<unknown>;
  export default createModule;
}
