/** A line of a drawn tree. Its children are asked for only when the line has been drawn. */
export interface TreeNode {
  readonly text: string;
  children(): readonly TreeNode[];
}

/** Draws trees, a line for each node. How deep they are does not matter. */
export function renderTree(roots: readonly TreeNode[]): string {
  const lines: string[] = [];
  const pending: { readonly node: TreeNode; readonly margin: string; readonly last: boolean }[] = [];
  const push = (nodes: readonly TreeNode[], margin: string): void => {
    for (const [index, node] of nodes.toReversed().entries()) pending.push({ node, margin, last: index === 0 });
  };
  // One after the other: what a root shows may depend on those before it.
  for (const root of roots) {
    push([root], "");
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { node, margin, last } = next;
      lines.push(`${margin}${last ? "└── " : "├── "}${node.text}`);
      push(node.children(), `${margin}${last ? "    " : "│   "}`);
    }
  }
  return lines.join("\n");
}
