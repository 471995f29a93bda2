// An application that cannot be loaded: each test says why.

import { test } from "jank-hot-reload/playwright";

test.use({ jankOptions: { root: "site", files: { "src/bad.jank": "(ns bad)\n(boom)" } } });

test("the application cannot be loaded:\\n.*bad\\.jank:2:\\d+: .*boom", ({ jank }) => {
  void jank;
});
