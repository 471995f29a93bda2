// Files of one host, each within a time and a size, and only from that host.

import { Refusal } from "./verify.js";

/** Milliseconds for one file. */
const PATIENCE = 30_000;
/** Files that are fetched at the same time. */
const PARALLEL = 6;

/** What a network does. */
class FetchError extends Error {
  override name = "IOException";
}

/** Of the same origin to the end, and no more than `most` bytes. Throws. */
export async function fetchBytes(
  url: URL,
  most: number,
  cache: RequestCache,
): Promise<Uint8Array<ArrayBuffer>> {
  const signal = AbortSignal.timeout(PATIENCE);
  let response: Response;
  try {
    response = await fetch(url, { cache, signal });
  } catch (error) {
    throw new FetchError(`${url.href}: cannot be fetched: ${(error as Error).message}`);
  }
  const refusal = refusalOf(response, url);
  if (refusal !== undefined) {
    await response.body?.cancel().catch(() => undefined);
    throw new FetchError(`${url.href}: ${refusal}`);
  }
  return readBytes(response, url, most);
}

function refusalOf(response: Response, url: URL): string | undefined {
  const { origin } = new URL(response.url || url);
  if (origin !== url.origin) return `it redirects to another origin, ${origin}`;
  return response.ok ? undefined : `HTTP status ${response.status}`;
}

async function readBytes(
  response: Response,
  url: URL,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (let read; reader && !(read = await reader.read()).done;) {
      length += read.value.length;
      if (length > most) break;
      chunks.push(read.value);
    }
  } catch (error) {
    throw new FetchError(
      `${url.href}: broke off after ${length} bytes: ${(error as Error).message}`,
    );
  }
  if (length > most) {
    await reader?.cancel().catch(() => undefined);
    throw new Refusal(`${url.href}: it has more than ${most} bytes`);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** In order; the first failure ends it. */
export async function inParallel<Item, Result>(
  items: Item[],
  body: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next++;
      try {
        results[at] = await body(items[at] as Item);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, worker));
  return results;
}
