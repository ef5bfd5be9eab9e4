import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBookingWatch } from '../../db/watch.ts';
import { describeWith } from '../setup/parts.ts';
import { openTestDatabase } from './database-under-test.ts';
import type { DatabaseUnderTest } from './database-under-test.ts';

describeWith('postgres', 'waiting for a booking to change', () => {
  let database: DatabaseUnderTest;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  const notify = (id: string) => database.db.execute(sql`select pg_notify('holdfast_booking', ${id})`);
  const listeners = async () => {
    const { rows } = await database.db.execute(
      sql`select pid from pg_stat_activity where application_name = 'holdfast-watch' and datname = current_database()`,
    );
    return rows.length;
  };
  const until = async (what: () => boolean | Promise<boolean>): Promise<void> => {
    for (let tried = 0; tried < 200; tried++) {
      if (await what()) return;
      await sleep(25);
    }
    throw new Error('it never came');
  };

  it('hears of its own booking only, over one connection for all who wait', async () => {
    const watch = createBookingWatch(database.url);
    const heard: string[] = [];
    const leave = ['bk_a', 'bk_b', 'bk_c'].map((id) => watch.subscribe(id, () => heard.push(id)));
    await until(() => heard.length === 3);
    heard.length = 0;
    await notify('bk_b');
    await notify('bk_unknown');
    await until(() => heard.length > 0);
    expect(heard).toEqual(['bk_b']);
    expect(await listeners()).toBe(1);
    for (const go of leave) go();
  });

  it('hears again after its connection broke, and rings once for what it may have missed', async () => {
    const watch = createBookingWatch(database.url);
    let rung = 0;
    const leave = watch.subscribe('bk_a', () => (rung += 1));
    await until(() => rung === 1);
    await database.db.execute(
      sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'holdfast-watch' and datname = current_database()`,
    );
    await until(() => rung === 2);
    await notify('bk_a');
    await until(() => rung === 3);
    leave();
    await notify('bk_a');
    await sleep(100);
    expect(rung).toBe(3);
  });
});
