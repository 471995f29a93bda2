// graph.mjs - who needs whom: files by name, and for each the files that it needs.

/** One circle, as "a -> b -> a"; undefined: there is none. */
export function circleIn(needs) {
  const done = new Set();
  const walk = (file, path) => {
    const at = path.indexOf(file);
    if (at >= 0) return [...path.slice(at), file].join(" -> ");
    if (done.has(file)) return undefined;
    for (const next of needs.get(file)) {
      const circle = walk(next, [...path, file]);
      if (circle !== undefined) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of needs.keys()) {
    const circle = walk(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
