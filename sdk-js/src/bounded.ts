// What is remembered has an end.

/** Forgets the oldest of a Map or Set, in the order in which they came, beyond so many. */
export function keepNewest<Key>(
  collection: { readonly size: number; keys(): Iterable<Key>; delete(key: Key): boolean },
  most: number,
): void {
  for (const oldest of collection.keys()) {
    if (collection.size <= most) return;
    collection.delete(oldest);
  }
}
