// Events of a page.

/** Returns what ends it. Not every host has such events, or such targets. */
export function listen<Heard extends Event>(
  target: EventTarget | undefined,
  type: string,
  listener: (event: Heard) => void,
): () => void {
  target?.addEventListener?.(type, listener as (event: Event) => void);
  return () => target?.removeEventListener?.(type, listener as (event: Event) => void);
}
