// SHA-256 as Node computes it, for what runs in Node.

import { createHash } from "node:crypto";

/** Of the parts, one after the other; hexadecimal. */
export function sha256(...parts: (Uint8Array | string)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
