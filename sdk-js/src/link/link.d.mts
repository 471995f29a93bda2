/** The main module that Emscripten linked, with the JavaScript that it wrote: see link.mjs. */
export function finishModule(bytes: Uint8Array, script: string): Uint8Array;
