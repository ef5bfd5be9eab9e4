// Things that happen later by themselves (a refund that fails, a supplier that answers). Kept across restarts.
import type { Table } from './table.ts';

export type Job = { id: string; at: number; task: string; ref: string };

export class Agenda {
  readonly #jobs: Table<Job>;
  readonly #tasks: Record<string, (ref: string) => void>;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #count = 0;

  constructor(jobs: Table<Job>, tasks: Record<string, (ref: string) => void>) {
    this.#jobs = jobs;
    this.#tasks = tasks;
    for (const job of jobs.values()) this.#arm(job);
  }

  add(task: string, ref: string, delayMs: number): void {
    this.#count += 1;
    const at = Date.now() + delayMs;
    this.#arm(this.#jobs.put({ id: `${task}/${ref}/${at}/${this.#count}`, at, task, ref }));
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #arm(job: Job): void {
    const timer = setTimeout(() => this.#run(job), Math.max(0, job.at - Date.now()));
    this.#timers.set(job.id, timer.unref());
  }

  #run(job: Job): void {
    this.#timers.delete(job.id);
    this.#jobs.delete(job.id);
    try {
      this.#tasks[job.task]?.(job.ref);
    } catch (error) {
      console.error(`sim: ${job.task} of ${job.ref} failed`, error);
    }
  }
}
