/** The module's address, as a bundler's loader for files gives it. */
declare const url: string;
export default url;
