import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sql } from 'drizzle-orm';
import { outbox } from '../../db/schema.ts';
import { createLog } from '../../log.ts';
import { watchLag } from '../../worker/lag-watch.ts';
import type { Running } from '../../worker/periodic.ts';
import { describeWith } from '../setup/parts.ts';
import { openOutboxBench } from './outbox-bench.ts';
import type { OutboxBench } from './outbox-bench.ts';

describeWith('postgres', 'the lag watch', () => {
  let bench: OutboxBench;
  let running: Running;
  const lines: string[] = [];
  beforeEach(async () => {
    bench = await openOutboxBench();
    const log = createLog({ level: 'info', process: 'test', destination: { write: (line) => lines.push(line) } });
    running = watchLag({ db: bench.db, log, everyMs: 20 });
  });
  afterEach(async () => {
    await running.stop();
    await bench.close();
  });

  it('speaks while events wait for too long, and once when they no longer do', async () => {
    await bench.add('ds-1');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(lines).toEqual([]);
    await bench.db.update(outbox).set({ createdAt: sql`now() - interval '1 minute'` });
    await vi.waitFor(() => expect(lines.join()).toContain('"waiting":1'), { timeout: 5_000 });
    expect(lines.join()).toContain('events wait to be published');
    await bench.db.update(outbox).set({ sentAt: sql`now()` });
    await vi.waitFor(() => expect(lines.at(-1)).toContain('events are published as they come'), { timeout: 5_000 });
    const said = lines.length;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(lines).toHaveLength(said);
  });
});
