/** The address of jank.wasm, or of jank-docs.txt, as a bundler's loader for files gives it. */
declare const url: string;
export default url;
