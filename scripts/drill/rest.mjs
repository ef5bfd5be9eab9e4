// @ts-check
// Waits until the system has come to rest, and gives it meanwhile what staff would give.
import { setTimeout as sleep } from 'node:timers/promises';

import { withDatabase, withTemporal } from './books.mjs';
import { GaveUp } from './asking.mjs';

const LOOK_EVERY_MS = 2_000;
const SAY_EVERY_MS = 10_000;
const ATTEND_EVERY_MS = 8_000;
/** A bank takes a moment to send back what staff have just given once more. */
const QUIET_FOR_MS = 8_000;
/** Told so often to try again, a step is what staff give up, and then what they did by hand. */
const TRIES = { retry: 4, impossible: 6 };

/** @typedef {{ id: string, why: string, attention: string | null, guest: boolean }} Restless guest: nothing was opened for it, so that it may be paid at the desk */

const RESTLESS = `
  select b.id, b.attention ->> 'step' as attention,
    b.storefront = 'travello' and b.phase = 'awaiting_payment' and not exists (select from payments p where p.booking_id = b.id) as guest,
  concat_ws(', ',
    case when b.attention is not null then 'needs a person: ' || (b.attention ->> 'step') end,
    case when b.phase in ('awaiting_payment', 'processing', 'confirming') then b.phase end,
    (select 'refund ' || min(r.status) from refunds r where r.booking_id = b.id and r.status not in ('succeeded', 'failed')),
    (select 'order ' || min(s.status) from supplier_orders s where s.booking_id = b.id and s.status in ('placing', 'unknown', 'pending')),
    (select 'dispute ' || min(d.standing) from disputes d where d.booking_id = b.id and d.standing in ('inquiry', 'open')),
    (select 'webhook ' || min(i.state) from inbox i where i.booking_id = b.id and i.state in ('pending', 'parked', 'failed') and i.verdict = 'verified')
  ) as why
  from bookings b`;
const UNSETTLED = `select count(*)::int as count from inbox where state in ('pending', 'parked', 'failed') and verdict = 'verified'`;

/**
 * @param {Pick<import('./stack.mjs').Stack, 'env'>} stack
 * @param {{ staff: import('./world.mjs').Person, say: (line: string) => void, withinMs: number }} options
 * @returns {Promise<{ atRest: boolean, staffActs: Record<string, number>, tookMs: number }>}
 */
export async function untilAtRest({ env }, { staff, say, withinMs }) {
  const began = Date.now();
  const desk = attendant(staff);
  let saidAt = 0;
  let movedAt = Date.now();
  for (;;) {
    const { restless, webhooks } = await lookAround(env);
    if (restless.length + webhooks > 0 || !(await isIdle(env))) movedAt = Date.now();
    const isQuiet = Date.now() - movedAt >= QUIET_FOR_MS;
    const tookMs = Date.now() - began;
    if (isQuiet || tookMs > withinMs) return { atRest: isQuiet, staffActs: desk.acts, tookMs };
    if (Date.now() - saidAt > SAY_EVERY_MS) {
      saidAt = Date.now();
      const some = restless.slice(0, 3).map(({ id, why }) => `${id} (${why})`);
      say(`${restless.length} bookings and ${webhooks} webhooks not at rest: ${some.join('; ')}`);
    }
    await desk.attend(restless);
    await sleep(LOOK_EVERY_MS);
  }
}

/** @param {Readonly<Record<string, string | undefined>>} env */
const lookAround = (env) =>
  withDatabase(env, async (rows) => {
    /** @type {Restless[]} */
    const all = await rows(RESTLESS);
    /** @type {{ count: number }[]} */
    const [inbox] = await rows(UNSETTLED);
    return { restless: all.filter(({ why }) => why !== ''), webhooks: inbox?.count ?? 0 };
  });

/** No workflow waits for anything but a timer or a person. @param {Readonly<Record<string, string | undefined>>} env */
const isIdle = (env) =>
  withTemporal(env, async (client) => {
    for await (const { workflowId, runId } of client.workflow.list({ query: 'ExecutionStatus = "Running"' })) {
      const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
      if ((raw.pendingActivities?.length ?? 0) > 0 || raw.pendingWorkflowTask) return false;
    }
    return true;
  });

/** Staff who take the money of guests that stand at the desk, and look at everything that needs a person: try again, then give it up, then do it by hand. @param {import('./world.mjs').Person} staff */
function attendant(staff) {
  /** @type {Record<string, number>} */
  const acts = {};
  /** @type {Map<string, number>} */
  const tries = new Map();
  let attendedAt = 0;
  return {
    acts,
    /** @param {readonly Restless[]} restless */
    async attend(restless) {
      if (Date.now() - attendedAt < ATTEND_EVERY_MS) return;
      attendedAt = Date.now();
      for (const { id, attention, guest } of restless) {
        if (guest) {
          acts['mark as paid'] = (acts['mark as paid'] ?? 0) + 1;
          await said(staff, { path: `/v1/bookings/${id}/mark-paid`, json: {}, key: `mark-${id}-${attendedAt}` });
        }
        if (attention === null) continue;
        const name = `${id} ${attention}`;
        const tried = tries.get(name) ?? 0;
        tries.set(name, tried + 1);
        const { verb, json } = wordOn(attention, tried);
        const act = `${verb}${json.outcome ? ` as ${json.outcome}` : ''}: ${attention.replace(IDS, '…')}`;
        acts[act] = (acts[act] ?? 0) + 1;
        await said(staff, { path: `/v1/bookings/${id}/${verb}`, json, key: `${verb}-${id}-${tried}-${attendedAt}` });
      }
    },
  };
}

const IDS = /\b(rf|bk|pay|du|dp)_\w+/g;
/** A refund that was sent once more. */
const AGAIN = /_again_\d+$/;

/**
 * An account that sent a refund back twice will not take it a third time: that one is given by hand.
 * @param {string} step @param {number} tried
 * @returns {{ verb: 'retry' | 'resolve', json: { outcome?: 'done' | 'impossible' } }}
 */
function wordOn(step, tried) {
  if (AGAIN.test(step) || tried >= TRIES.impossible) return { verb: 'resolve', json: { outcome: 'done' } };
  return tried < TRIES.retry ? { verb: 'retry', json: {} } : { verb: 'resolve', json: { outcome: 'impossible' } };
}

/** @param {import('./world.mjs').Person} staff @param {{ path: string, json: unknown, key: string }} word */
async function said(staff, { path, json, key }) {
  try {
    const headers = { 'Idempotency-Key': key };
    await staff.say({ method: 'POST', path, json, headers, refusals: [409, 422], patienceMs: 5_000 });
  } catch (error) {
    if (!(error instanceof GaveUp)) throw error;
  }
}
