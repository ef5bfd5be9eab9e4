// Rows in memory, in order of creation, with lookups that never scan. Rows are replaced, never changed in place:
// an event or a stored answer may keep pointing at the version it saw.

export type Change = { table: string; id: string; row: unknown };

export class Table<Row extends { id: string }> {
  readonly name: string;
  readonly #rows = new Map<string, { row: Row; position: number }>();
  readonly #indexes: Index<Row>[] = [];
  readonly #changed: (change: Change) => void;
  #order: string[] = [];

  constructor(name: string, changed: (change: Change) => void = () => {}) {
    this.name = name;
    this.#changed = changed;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): Row | undefined {
    return this.#rows.get(id)?.row;
  }

  put(row: Row): Row {
    const held = this.#rows.get(row.id);
    if (held) {
      held.row = row;
    } else {
      this.#rows.set(row.id, { row, position: this.#order.length });
      this.#order.push(row.id);
      for (const index of this.#indexes) index.add(row);
    }
    this.#changed({ table: this.name, id: row.id, row });
    return row;
  }

  delete(id: string): void {
    if (this.#rows.delete(id)) this.#changed({ table: this.name, id, row: null });
  }

  clear(): void {
    this.#rows.clear();
    this.#order = [];
    for (const index of this.#indexes) index.clear();
  }

  values(): Row[] {
    return Array.from(this.#rows.values(), (held) => held.row);
  }

  /** Newest first, beginning behind `id` when one is given. */
  *newest(behind?: string): Generator<Row> {
    const start = behind === undefined ? this.#order.length : this.#rows.get(behind)?.position;
    for (let position = (start ?? 0) - 1; position >= 0; position -= 1) {
      const row = this.get(this.#order[position] ?? '');
      if (row) yield row;
    }
  }

  /** Oldest first, beginning behind `id`. */
  *next(behind: string): Generator<Row> {
    const start = this.#rows.get(behind)?.position ?? this.#order.length;
    for (let position = start + 1; position < this.#order.length; position += 1) {
      const row = this.get(this.#order[position] ?? '');
      if (row) yield row;
    }
  }

  /** A lookup by a value that never changes in a row's life. */
  index(keyOf: (row: Row) => string | null): Index<Row> {
    const index = new Index(this, keyOf);
    for (const row of this.values()) index.add(row);
    this.#indexes.push(index);
    return index;
  }
}

export class Index<Row extends { id: string }> {
  readonly #table: Table<Row>;
  readonly #keyOf: (row: Row) => string | null;
  readonly #ids = new Map<string, string[]>();

  constructor(table: Table<Row>, keyOf: (row: Row) => string | null) {
    this.#table = table;
    this.#keyOf = keyOf;
  }

  add(row: Row): void {
    const key = this.#keyOf(row);
    if (key === null) return;
    const ids = this.#ids.get(key);
    if (ids) ids.push(row.id);
    else this.#ids.set(key, [row.id]);
  }

  /** Oldest first. */
  all(key: string): Row[] {
    return (this.#ids.get(key) ?? []).flatMap((id) => this.#table.get(id) ?? []);
  }

  clear(): void {
    this.#ids.clear();
  }
}
