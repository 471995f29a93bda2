// The next animation frame: by the option `installAt`.

/** A page that is not shown has no frames. */
export function nextFrame(): Promise<void> | undefined {
  if (typeof requestAnimationFrame !== "function" || document.hidden) return undefined;
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, FRAME_TIMEOUT);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** It may have been hidden meanwhile. */
const FRAME_TIMEOUT = 250;
