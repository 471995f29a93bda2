import tseslint from "typescript-eslint";

/** Of Node, and of the pages that tools and tests look into. */
const GLOBALS = [
  "AbortSignal",
  "Buffer",
  "MessageChannel",
  "TextDecoder",
  "URL",
  "WebAssembly",
  "WebSocket",
  "clearInterval",
  "clearTimeout",
  "console",
  "document",
  "fetch",
  "location",
  "performance",
  "process",
  "requestAnimationFrame",
  "setImmediate",
  "setInterval",
  "setTimeout",
  "window",
];

export default tseslint.config(
  {
    ignores: [
      ".toolchain/",
      "build/",
      "node_modules/",
      "sdk-js/dist/",
      "sdk-c/src/host/wasm.js",
      "test-results/",
      "playwright-report/",
    ],
  },
  ...tseslint.configs.recommended,
  {
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "prefer-const": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      // It gives the type of a table of checks its name: sdk-js/src/protocol/shapes.ts.
      "@typescript-eslint/no-empty-object-type": [
        "error",
        { allowInterfaces: "with-single-extends" },
      ],
    },
  },
  {
    files: ["**/*.mjs"],
    languageOptions: { globals: Object.fromEntries(GLOBALS.map((name) => [name, "readonly"])) },
    rules: { "no-undef": "error" },
  },
  {
    files: ["sdk-js/src/**/*.ts"],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
    },
  },
);
