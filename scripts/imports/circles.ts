/**
 * Finds circles in a graph of imports, one for each import that closes one: a walk into the depth that meets a file which
 * is still on its own path has found a circle. Each file is walked once. A circle starts and ends with the same file.
 */
export function findCircles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];

  const walk = (file: string): void => {
    const start = path.indexOf(file);
    if (start !== -1) {
      circles.push([...path.slice(start), file]);
    } else if (!done.has(file)) {
      path.push(file);
      for (const target of graph.get(file) ?? []) walk(target);
      path.pop();
      done.add(file);
    }
  };

  for (const file of graph.keys()) walk(file);
  return circles;
}
