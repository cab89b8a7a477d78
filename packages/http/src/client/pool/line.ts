/**
 * A queue whose members can leave from the middle; every operation takes constant time.
 *
 * It is a `Set` with a cursor. Looking for the first member of a plain `Set` is not constant: it walks over the holes
 * that those before have left, which makes a long queue quadratic.
 */
export class Line<T extends object> {
  private readonly members: Set<T> = new Set();
  private cursor: Iterator<T> | null = null;
  private head: T | undefined = undefined;

  get size(): number {
    return this.members.size;
  }

  has(member: T): boolean {
    return this.members.has(member);
  }

  /** Puts it at the end; one that is there already keeps its place. */
  add(member: T): void {
    this.members.add(member);
  }

  /** Takes it out; says whether it was there. */
  delete(member: T): boolean {
    if (this.head === member) this.head = undefined;
    return this.members.delete(member);
  }

  /** The one that has been there longest. */
  first(): T | undefined {
    while (this.head === undefined && this.members.size > 0) {
      this.cursor ??= this.members.values();
      const result = this.cursor.next();
      if (result.done === true) this.cursor = null;
      else this.head = result.value;
    }
    return this.head;
  }
}
