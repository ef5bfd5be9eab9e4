// Writes the kept histories anew: `npx tsx test/replay/record.ts [name …]`. For lives that are new: a red gate on an
// old one asks for `patched()` in the workflow, not for a fresh recording.
import { inArray } from 'drizzle-orm';
import { SYSTEM_KEY } from '../../db/keyring.ts';
import { bookingKeys } from '../../db/schema.ts';
import { unseal } from '../../db/sealing.ts';
import { latePaymentIdOf } from '../../domain/ids.ts';
import { migrate } from '../../db/migrate.ts';
import { LATE_PAYMENT_WORKFLOW } from '../../workflows/messages.ts';
import { obtainTimeSkippingServer, startPostgres } from '../../scripts/parts/stack.mjs';
import { DAY_MS } from '../workflows/intake.ts';
import { SCENE_OVER, perform } from '../workflows/scene.ts';
import type { Scene } from '../workflows/scene.ts';
import { openStageOn } from '../workflows/stage.ts';
import type { Stage } from '../workflows/stage.ts';
import { ENCRYPTED, writeFixture, writeTestKeys } from './fixtures.ts';
import type { History } from './fixtures.ts';
import { LATE, LIVES } from './stories.ts';

async function record(wanted: readonly string[]): Promise<void> {
  const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
  const postgres = await startPostgres();
  await migrate(postgres.url);
  const parts = { databaseUrl: postgres.url, server: await obtainTimeSkippingServer() };
  const inClear = await openStageOn({ ...parts, payloads: 'in_clear' });
  for (const [name, { wish = {}, story }] of Object.entries(LIVES).filter(([each]) => isWanted(each))) {
    const scene = await perform(inClear, wish, story);
    await keep(inClear, { name, workflowId: scene.handle.workflowId });
  }
  if (isWanted(LATE)) await recordLate(inClear);
  await inClear.close();
  if (isWanted(ENCRYPTED)) await recordEncrypted(parts);
  await postgres.stop();
}

interface Kept {
  readonly name: string;
  readonly workflowId: string;
}

async function keep({ env }: Stage, { name, workflowId }: Kept): Promise<void> {
  const history = await env.client.workflow.getHandle(workflowId).fetchHistory();
  const events = (history.events ?? []).filter((event) => !isEndOfScene(event));
  writeFixture(name, { workflowId, history: { events } });
  process.stdout.write(`${name}: ${events.length} events\n`);
}

/** The scene's end is no part of the life. */
const isEndOfScene = (event: NonNullable<History['events']>[number]): boolean =>
  event.workflowExecutionTerminatedEventAttributes?.reason === SCENE_OVER;

async function recordLate(stage: Stage): Promise<void> {
  const scene = await perform(stage, {}, async (playing) => {
    await playing.open();
    await playing.pass(8 * DAY_MS);
    await playing.handle.result();
    playing.gateway.set('pi_1', 'succeeded');
    await startLate(playing);
  });
  await keep(stage, { name: LATE, workflowId: latePaymentIdOf(scene.gateway.refOf('pi_1')) });
}

async function startLate({ env, taskQueue, gateway, id }: Scene): Promise<void> {
  const paymentRef = gateway.refOf('pi_1');
  const handle = await env.client.workflow.start(LATE_PAYMENT_WORKFLOW, {
    workflowId: latePaymentIdOf(paymentRef),
    taskQueue,
    args: [{ bookingId: id, gateway: 'stripe_intent', paymentRef }],
  });
  await handle.result();
}

async function recordEncrypted(parts: { databaseUrl: string; server: string }): Promise<void> {
  const stage = await openStageOn({ ...parts, payloads: 'encrypted' });
  const { id, handle } = await perform(stage, {}, LIVES['confirmed']?.story ?? (async () => {}));
  await keep(stage, { name: ENCRYPTED, workflowId: handle.workflowId });
  const rows = await stage.database.db
    .select()
    .from(bookingKeys)
    .where(inArray(bookingKeys.keyId, [id, SYSTEM_KEY]));
  const keys = rows.map(({ keyId, wrapped }) => [keyId, unwrapped(stage, keyId, wrapped)]);
  writeTestKeys(Object.fromEntries(keys));
  await stage.close();
}

function unwrapped({ masterKey }: Stage, keyId: string, wrapped: Buffer | null): string {
  if (!wrapped) throw new Error(`the key ${keyId} was destroyed`);
  return unseal(masterKey, wrapped, keyId).toString('base64');
}

await record(process.argv.slice(2));
