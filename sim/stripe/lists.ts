// List answers: newest first, cursors by id, filter by creation time.
import type { Index, Table } from '../table.ts';
import type { Call } from './call.ts';
import { invalidRequest } from './errors.ts';
import type { Params } from './form.ts';
import { branch, integer, text } from './params.ts';

export type List<Row> = { object: 'list'; data: Row[]; has_more: boolean; url: string };

type Listed = { id: string; created: number };
type Source<Row extends Listed> = {
  table: Table<Row>;
  /** Narrows the list by an index instead of reading the whole table. */
  within?: { index: Index<Row>; key: string } | undefined;
  keep?: (row: Row) => boolean;
};

export function listOf<Row extends Listed>(call: Call, source: Source<Row>): List<Row> {
  const limit = limitOf(call.params);
  const created = createdRange(call.params);
  const after = cursor(call.params, 'starting_after', source.table);
  const before = cursor(call.params, 'ending_before', source.table);
  const found: Row[] = [];
  for (const row of candidates(source, { after, before })) {
    // Rows come in order of creation, so the first one too old ends the search.
    if (before === undefined && row.created < created.from) break;
    if (row.created < created.from || row.created > created.to) continue;
    if (source.keep && !source.keep(row)) continue;
    found.push(row);
    if (found.length > limit) break;
  }
  const data = found.slice(0, limit);
  return {
    object: 'list',
    data: before === undefined ? data : data.toReversed(),
    has_more: found.length > limit,
    url: call.path,
  };
}

function candidates<Row extends Listed>(
  { table, within }: Source<Row>,
  { after, before }: { after: string | undefined; before: string | undefined },
): Iterable<Row> {
  if (!within) return before === undefined ? table.newest(after) : table.next(before);
  const rows = within.index.all(within.key);
  if (before !== undefined) return rows.slice(rows.findIndex((row) => row.id === before) + 1);
  const end = after === undefined ? rows.length : rows.findIndex((row) => row.id === after);
  return rows.slice(0, Math.max(end, 0)).toReversed();
}

function limitOf(params: Params): number {
  const limit = integer(params, 'limit') ?? 10;
  if (limit >= 1 && limit <= 100) return limit;
  throw invalidRequest('This value must be between 1 and 100.', { param: 'limit' });
}

function cursor<Row extends Listed>(params: Params, name: string, table: Table<Row>): string | undefined {
  const id = text(params, name);
  if (id === undefined) return undefined;
  if (table.get(id)) return id;
  throw invalidRequest(`No such object: '${id}'`, { code: 'resource_missing', param: name });
}

function createdRange(params: Params): { from: number; to: number } {
  const exact = params['created'];
  if (typeof exact === 'string') {
    const at = integer(params, 'created') ?? 0;
    return { from: at, to: at };
  }
  const range = branch(params, 'created') ?? {};
  const from = integer(range, 'gte') ?? (integer(range, 'gt') ?? -1) + 1;
  const to = integer(range, 'lte') ?? (integer(range, 'lt') ?? Number.MAX_SAFE_INTEGER) - 1;
  return { from, to };
}
