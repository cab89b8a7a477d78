export interface GroupCommitOptions<Item, Outcome> {
  /** Commits the items together, and answers one outcome an item, in their order. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Outcome[]>;
  readonly maxItems: number;
  /** How long, in milliseconds, the first item of a group waits for others. */
  readonly maxDelay: number;
}

interface Member<Item, Outcome> {
  readonly item: Item;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets many callers share one commit, because a commit costs a flush of the disk however much is in it.
 *
 *     empty ──add──▶ gathering ──maxItems, or maxDelay after the first, or flush()──▶ empty, and a commit under way
 *
 * Each caller is told its own outcome, and only after the commit. Groups are committed in the order of their making.
 */
export class GroupCommit<Item, Outcome> {
  readonly #options: GroupCommitOptions<Item, Outcome>;
  #state: { readonly members: Member<Item, Outcome>[]; readonly timer: NodeJS.Timeout } | undefined;

  constructor(options: GroupCommitOptions<Item, Outcome>) {
    this.#options = options;
  }

  /** Waits for the commit that holds the item; rejects if the commit as a whole did. */
  add(item: Item): Promise<Outcome> {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    this.#state ??= { members: [], timer: setTimeout(() => this.flush(), this.#options.maxDelay) };
    this.#state.members.push({ item, resolve, reject });
    if (this.#state.members.length >= this.#options.maxItems) this.flush();
    return promise;
  }

  /** Commits what is gathered now. */
  flush(): void {
    if (this.#state === undefined) return;
    const { members, timer } = this.#state;
    clearTimeout(timer);
    this.#state = undefined;
    void this.#commit(members);
  }

  async #commit(members: readonly Member<Item, Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.#options.commit(members.map(({ item }) => item));
      if (outcomes.length !== members.length) {
        throw new Error(`a commit of ${members.length} items answered ${outcomes.length} outcomes`);
      }
      for (const [index, outcome] of outcomes.entries()) members[index]?.resolve(outcome);
    } catch (error) {
      for (const { reject } of members) reject(error);
    }
  }
}
