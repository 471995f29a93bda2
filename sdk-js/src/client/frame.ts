// The next animation frame: by the option `installAt`.

/** A page may have been hidden meanwhile, or be one of those that no frame comes to. */
const FRAME_TIMEOUT = 1000;
const LOOK = 25;

/** A page that is not shown has no frames. */
export function nextFrame(): Promise<void> | undefined {
  if (typeof requestAnimationFrame !== "function" || document.hidden) return undefined;
  return new Promise((resolve) => {
    // Looks are counted, not time: while the page is busy there are neither.
    let looks = FRAME_TIMEOUT / LOOK;
    const done = () => {
      clearInterval(timer);
      cancelAnimationFrame(frame);
      resolve();
    };
    const timer = setInterval(() => {
      if (document.hidden || --looks === 0) done();
    }, LOOK);
    const frame = requestAnimationFrame(done);
  });
}
