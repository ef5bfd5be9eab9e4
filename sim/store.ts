// Keeps tables across restarts: a journal of changed rows, appended a fifth of a second later and never waited for.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isRecord, valueFrom } from './reply.ts';
import { Table } from './table.ts';
import type { Change } from './table.ts';

const FLUSH_MS = 200;

export class Store {
  readonly #file: string | undefined;
  readonly #tables: { clear(): void }[] = [];
  readonly #saved = new Map<string, Map<string, unknown>>();
  readonly #dirty = new Map<string, Change>();
  #restoring = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(file?: string) {
    this.#file = file;
    if (!file) return;
    mkdirSync(dirname(file), { recursive: true });
    if (existsSync(file)) this.#load(file);
  }

  table<Row extends { id: string }>(name: string): Table<Row> {
    const table = new Table<Row>(name, (change) => this.#changed(change));
    this.#restoring = true;
    for (const row of this.#saved.get(name)?.values() ?? []) table.put(savedRow<Row>(row));
    this.#restoring = false;
    this.#saved.delete(name);
    this.#tables.push(table);
    return table;
  }

  /** Empties every table and the file. */
  clear(): void {
    for (const table of this.#tables) table.clear();
    this.#dirty.clear();
    const file = this.#file;
    if (file) this.#writing = this.#writing.then(() => writeFile(file, ''));
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flush();
    await this.#writing;
  }

  #changed(change: Change): void {
    if (!this.#file || this.#restoring) return;
    this.#dirty.set(`${change.table}/${change.id}`, change);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, FLUSH_MS).unref();
  }

  #flush(): void {
    const file = this.#file;
    if (!file || this.#dirty.size === 0) return;
    const lines = linesOf(this.#dirty.values());
    this.#dirty.clear();
    this.#writing = this.#writing
      .then(() => appendFile(file, lines))
      .catch((error: unknown) => console.error(`sim: could not write ${file}: ${String(error)}`));
  }

  /** Reads the journal and replaces it by its newest rows, so that it does not grow from start to start. */
  #load(file: string): void {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const change = valueFrom(line);
      if (!isRecord(change)) continue;
      const { table, id, row } = change;
      if (typeof table !== 'string' || typeof id !== 'string') continue;
      const rows = this.#saved.get(table) ?? new Map<string, unknown>();
      this.#saved.set(table, rows);
      if (row === null) rows.delete(id);
      else rows.set(id, row);
    }
    const changes = [...this.#saved].flatMap(([table, rows]) => Array.from(rows, ([id, row]) => ({ table, id, row })));
    writeFileSync(`${file}.new`, linesOf(changes));
    renameSync(`${file}.new`, file);
  }
}

function linesOf(changes: Iterable<Change>): string {
  let text = '';
  for (const change of changes) text += `${JSON.stringify(change)}\n`;
  return text;
}

/** The file was written by this class from rows of that very table. */
function savedRow<Row>(row: unknown): Row {
  return row as Row;
}
