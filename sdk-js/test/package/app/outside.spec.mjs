// A path that leads out of the copy.

import { test } from "jank-hot-reload/playwright";

test.use({ jankOptions: { files: { "../../out.jank": "" } } });

test("jankOptions.files: ../../out.jank is not within the root", ({ jank }) => {
  void jank;
});
