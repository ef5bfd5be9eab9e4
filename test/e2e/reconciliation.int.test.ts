import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { workflowIdOf } from '../../domain/ids.ts';
import { describeWith } from '../setup/parts.ts';
import { ROOT } from '../tidy/tree.ts';
import { arm, untilBought } from './outcome.ts';
import { ask, book, pay, signIn } from './shop.ts';
import type { JsonObject, Visitor } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { openTemporalView } from './temporal.ts';
import type { TemporalView } from './temporal.ts';
import { until } from './until.ts';

describeWith(['postgres', 'temporal'], 'reconciliation of the running product', () => {
  let stack: Stack;
  let temporal: TemporalView;
  let alice: Visitor;
  let sue: Visitor;

  beforeAll(async () => {
    stack = await startStack({ environment: { RECONCILE_EVERY: '1h' } });
    temporal = await openTemporalView(stack);
    alice = await signIn(stack, { sub: 'alice' });
    sue = await signIn(stack, { sub: 'sue', role: 'staff' });
  }, 120_000);
  afterAll(async () => {
    // What outlives the stack would start runs that nobody works on.
    await Promise.all(schedules().map((schedule) => schedule.delete()));
    await temporal.close();
    await stack.stop();
  });

  /** One whole run by the worker, and what stands open after it. */
  async function compared(): Promise<JsonObject> {
    const newest = async () => Number(((await standing())['lastRun'] as JsonObject | null)?.['id'] ?? 0);
    const before = await newest();
    expect((await sue.post('/v1/reconciliation', {})).status).toBe(200);
    await until({ what: 'a run', look: async () => (await newest()) > before });
    return standing();
  }
  const standing = async (): Promise<JsonObject> => (await sue.get('/v1/reconciliation')).body;

  it('finds nothing in sound books, and says so on the command line', async () => {
    const intent = await book(alice);
    await pay(stack, intent);
    await untilBought(stack, intent);
    await book(alice);
    expect(await compared()).toMatchObject({
      items: [],
      moneyUnexplained: [{ currency: 'USD', amount: 0 }],
      lastRun: { bookings: 2, payments: 2, supplierOrders: 1, unread: 0 },
    });
    const { code, text } = await checked('--grace', '0');
    expect(text).toContain('money_unexplained{currency="USD"} 0.00\nno findings');
    expect(code).toBe(0);
  }, 120_000);

  it('turns red within one run on a refund that was lost on its way, names the booking, and is green once its workflow has heard', async () => {
    const intent = await book(alice);
    await pay(stack, intent);
    await untilBought(stack, intent);
    arm(stack.stripe, { kind: 'webhook_drop', match: '.' });
    const refund = new URLSearchParams({ payment_intent: intent.payment_intent_id, amount: '1000' });
    const headers = { authorization: 'Bearer sk_test_holdfast' };
    expect((await ask(`${stack.stripe.url}/v1/refunds`, { method: 'POST', body: refund, headers })).status).toBe(200);
    expect(await compared()).toMatchObject({
      moneyUnexplained: [{ currency: 'USD', amount: 1_000 }],
      items: [
        { kind: 'missing_here', invariant: 'I-13', bookingId: intent.booking_id, evidence: { here: 0, there: 1_000 } },
      ],
    });
    await until({
      what: 'the refund in our books',
      look: async () => (await alice.get(`/v1/bookings/${intent.booking_id}`)).body['status'] === 'partially_refunded',
    });
    expect(await compared()).toMatchObject({ items: [], moneyUnexplained: [{ currency: 'USD', amount: 0 }] });
    const closed = await sue.get('/v1/reconciliation?state=closed');
    expect(closed.body).toMatchObject({ items: [{ closedBecause: 'learned from the gateway' }] });
    stack.stripe.state.faults.clear();
  }, 120_000);

  it('finds a booking whose workflow was terminated, and ends the command with 1', async () => {
    const intent = await book(alice);
    await pay(stack, intent);
    await untilBought(stack, intent);
    await temporal.workflow.getHandle(workflowIdOf(intent.booking_id)).terminate('by a careless hand');
    const { code, text } = await checked('--grace', '0');
    expect(text).toContain(`${intent.booking_id}  orphan_row`);
    expect(code).toBe(1);
  }, 120_000);

  it('is done by schedules of its own, which a worker that starts again finds in place', async () => {
    await stack.worker.stop();
    await stack.worker.start();
    expect(stack.worker.lines.filter((line) => line.includes('schedules could not be kept'))).toEqual([]);
    const before = await runsByScope();
    await Promise.all(schedules().map((schedule) => schedule.trigger()));
    await until({
      what: 'a scheduled run of each kind',
      look: async () => (await runsByScope()).every((count, at) => count > (before[at] ?? 0)),
      instead: runsByScope,
    });
  }, 90_000);

  const SCOPES = ['recent', 'all'] as const;
  const schedules = () =>
    SCOPES.map((scope) => temporal.schedule.getHandle(`reconciliation-${stack.taskQueue}-${scope}`));
  const runsByScope = (): Promise<number[]> =>
    Promise.all(
      SCOPES.map(async (scope) => {
        const ended = 'select id from recon_runs where scope = $1 and finished_at is not null';
        return (await stack.rows(ended, [scope])).length;
      }),
    );

  /** `npm run check`, less npm. */
  function checked(...args: string[]): Promise<{ code: number | null; text: string }> {
    const script = ['--import', 'tsx', 'worker/check.ts', ...args];
    const child = spawn(process.execPath, script, {
      cwd: ROOT,
      env: stack.environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    return new Promise((resolve) => child.once('exit', (code) => resolve({ code, text })));
  }
});
