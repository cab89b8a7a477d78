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

type State<Item, Outcome> =
  | { readonly kind: "empty" }
  | {
      readonly kind: "gathering";
      readonly members: Member<Item, Outcome>[];
      readonly timer: NodeJS.Timeout;
    }
  | { readonly kind: "due"; readonly members: Member<Item, Outcome>[] };

/**
 * Lets many callers share one commit, because a commit costs a flush of the disk however much is in it.
 *
 *     empty ──add──▶ gathering ──maxDelay after the first, while a commit is under way──▶ due
 *       ▲                │                                                                 │
 *       │                └ maxItems, maxDelay, or flush()                                  │ maxItems, flush(), or
 *       └──────────────────────────── a commit starts ◀────────────────────────────────────┘ no commit under way
 *
 * A group that is due could only wait in line behind the commit under way, so it takes in whoever comes meanwhile: the
 * busier the disk, the fewer the commits. Each caller is told its own outcome, and only after the commit. Groups are
 * committed in the order of their making.
 */
export class GroupCommit<Item, Outcome> {
  readonly #options: GroupCommitOptions<Item, Outcome>;
  #state: State<Item, Outcome> = { kind: "empty" };
  #underWay = 0;

  constructor(options: GroupCommitOptions<Item, Outcome>) {
    this.#options = options;
  }

  /** Waits for the commit that holds the item; rejects if the commit as a whole did. */
  add(item: Item): Promise<Outcome> {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    if (this.#state.kind === "empty") {
      const timer = setTimeout(() => this.#becomeDue(), this.#options.maxDelay);
      this.#state = { kind: "gathering", members: [], timer };
    }
    this.#state.members.push({ item, resolve, reject });
    if (this.#state.members.length >= this.#options.maxItems) this.flush();
    return promise;
  }

  /** Commits what is gathered now. */
  flush(): void {
    if (this.#state.kind === "empty") return;
    if (this.#state.kind === "gathering") clearTimeout(this.#state.timer);
    const { members } = this.#state;
    this.#state = { kind: "empty" };
    void this.#commit(members);
  }

  #becomeDue(): void {
    if (this.#state.kind !== "gathering") return;
    this.#state = { kind: "due", members: this.#state.members };
    if (this.#underWay === 0) this.flush();
  }

  async #commit(members: readonly Member<Item, Outcome>[]): Promise<void> {
    this.#underWay++;
    try {
      const outcomes = await this.#options.commit(members.map(({ item }) => item));
      if (outcomes.length !== members.length) {
        throw new Error(`a commit of ${members.length} items answered ${outcomes.length} outcomes`);
      }
      for (const [index, outcome] of outcomes.entries()) members[index]?.resolve(outcome);
    } catch (error) {
      for (const { reject } of members) reject(error);
    } finally {
      this.#underWay--;
      if (this.#underWay === 0 && this.#state.kind === "due") this.flush();
    }
  }
}
