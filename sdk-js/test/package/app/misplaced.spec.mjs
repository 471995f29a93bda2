// Options that cannot be meant.

import { test } from "jank-hot-reload/playwright";

test.use({ jankOptions: { root: "nowhere" } });

test("jankOptions: there is no folder .*nowhere", ({ jank }) => {
  void jank;
});
