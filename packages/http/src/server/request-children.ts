import { Event, isCancelled, type Task, type TaskGroup, taskGroup, type TaskOptions } from "tsyncio";

/** Who is told of the children. */
interface Parent {
  /** The failure that ended the group. */
  failed(error: unknown): void;
  /** The last one has ended. */
  ended(): void;
}

/**
 * The children of one request: a group beside its handler, made when the first child is. Requests without children, which
 * are most, pay nothing for it.
 */
export class RequestChildren {
  private readonly over: Event = new Event();
  private readonly task: Task<void>;
  private group: TaskGroup | null = null;

  constructor(home: TaskGroup, name: string, parent: Parent) {
    const keep = async (): Promise<void> => {
      try {
        await taskGroup(
          async (group) => {
            this.group = group;
            await this.over.wait();
          },
          { name },
        );
      } catch (error) {
        if (isCancelled(error) && error.scope.cancelled) throw error;
        parent.failed(error);
      } finally {
        parent.ended();
      }
    };
    this.task = home.createTask(keep, { name, eager: true });
  }

  createTask<T>(fn: () => T | PromiseLike<T>, options?: TaskOptions): Task<T> {
    return (this.group as TaskGroup).createTask(fn, options);
  }

  cancel(reason: unknown): void {
    this.task.cancel(reason);
  }

  /** Waits until the children have ended. */
  async ended(): Promise<void> {
    this.over.set();
    if (!this.task.done()) await this.task;
  }
}
