export const pages = 150;

/** A folder of small pages. */
export function corpus(): Record<string, string> {
  const page = (n: number): string =>
    `# Page ${n}\n\nThe heron number ${n} waits.\n\n## Part ${n % 7}\n\nSee [that](https://e.org/${n}), of 2026-01-${10 + (n % 20)}.\n`;
  return Object.fromEntries(Array.from({ length: pages }, (_, n) => [`docs/${n}.md`, page(n)]));
}
