import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBookingDoor } from '../../api/desk/door.ts';
import type { BookingDoor } from '../../api/desk/door.ts';
import { KeyDestroyed } from '../../db/keyring.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import { describeWith, temporalAddress } from '../setup/parts.ts';

const id = () => `bk_${randomUUID().replaceAll('-', '')}`;

describeWith('temporal', 'the door to running bookings', () => {
  let connection: Connection;
  let client: Client;
  let door: BookingDoor;
  beforeAll(async () => {
    connection = await Connection.connect({ address: temporalAddress() });
    client = new Client({ connection });
    // A queue that no worker serves.
    door = createBookingDoor({ temporal: client, taskQueue: `idle-${randomUUID()}`, deadlineMs: 700 });
  });
  afterAll(() => connection.close());

  it('has started the workflow even when nobody answers in time, and only once', async () => {
    const bookingId = id();
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => door.open({ bookingId, summary: 'HF-1 · trektoo' })),
    );
    expect(new Set(replies.map(({ kind }) => kind))).toEqual(new Set(['slow']));
    const { status } = await client.workflow.getHandle(workflowIdOf(bookingId)).describe();
    expect(status.name).toBe('RUNNING');
    const { executions } = await connection.workflowService.listWorkflowExecutions({
      namespace: 'default',
      query: `WorkflowId = "${workflowIdOf(bookingId)}"`,
    });
    expect(executions?.length ?? 0).toBeLessThanOrEqual(1);
    await client.workflow.getHandle(workflowIdOf(bookingId)).terminate();
  });

  it('goes on with a workflow that the sweep has started', async () => {
    const bookingId = id();
    const workflowId = workflowIdOf(bookingId);
    await client.workflow.start('bookingWorkflow', {
      workflowId,
      taskQueue: `idle-${randomUUID()}`,
      args: [{ bookingId }],
    });
    expect(await door.open({ bookingId, summary: 'HF-6 · trektoo' })).toEqual({ kind: 'slow' });
    await client.workflow.getHandle(workflowId).terminate();
  });

  it('says that a booking without workflow is gone', async () => {
    const bookingId = id();
    expect(
      await door.refund(bookingId, { refundId: 'rf_1', amountMinor: 1, actor: 'sue', approvalLimitMinor: null }),
    ).toEqual({ kind: 'gone' });
    expect(await door.retryStep(bookingId, { actor: 'sue' })).toEqual({ kind: 'gone' });
  });

  it('says that a booking is gone whose key was destroyed: that happens only once its workflow is over', async () => {
    const encode = () => Promise.reject(new KeyDestroyed('the key was destroyed'));
    const codec = { encode, decode: async (payloads: Payload[]) => payloads };
    const sealing = new Client({ connection, dataConverter: { payloadCodecs: [codec] } });
    const forgotten = createBookingDoor({ temporal: sealing, taskQueue: `idle-${randomUUID()}`, deadlineMs: 700 });
    const replacing = { actor: 'checkout', refundMinor: null, quoteId: null };
    expect(await forgotten.cancel(id(), replacing)).toEqual({ kind: 'gone' });
    expect(await forgotten.checkPayment(id(), { paymentRef: 'pi_1' })).toEqual({ kind: 'gone' });
  });

  it('never starts a second life for a booking that ended', async () => {
    const bookingId = id();
    await door.open({ bookingId, summary: 'HF-2 · trektoo' });
    await client.workflow.getHandle(workflowIdOf(bookingId)).terminate();
    expect((await door.open({ bookingId, summary: 'HF-2 · trektoo' })).kind).not.toBe('answered');
    const { status } = await client.workflow.getHandle(workflowIdOf(bookingId)).describe();
    expect(status.name).toBe('TERMINATED');
  });

  it('tells the workflow once what is said twice', async () => {
    const [bookingId, queue] = [id(), `deaf-${randomUUID()}`];
    const deaf = createBookingDoor({ temporal: client, taskQueue: queue, deadlineMs: 700 });
    await deaf.open({ bookingId, summary: 'HF-5 · trektoo' });
    const refund = { refundId: 'rf_1', amountMinor: 1, actor: 'sue', approvalLimitMinor: null };
    const cancel = { actor: 'alice', quoteId: 'cq_1', refundMinor: 1 };
    const twice = [1, 2].flatMap(() => [
      deaf.refund(bookingId, refund),
      deaf.pay(bookingId, { attempt: 2 }),
      deaf.cancel(bookingId, cancel),
    ]);
    expect(new Set((await Promise.all(twice)).map(({ kind }) => kind))).toEqual(new Set(['slow']));
    const asWorker = { namespace: 'default', taskQueue: { name: queue } };
    const poll = () => connection.workflowService.pollWorkflowTaskQueue(asWorker);
    const { messages } = await connection.withDeadline(Date.now() + 20_000, poll);
    const told = messages?.map((message) => message.protocolInstanceId ?? '') ?? [];
    const named = ['open', 'rf_1', 'cancel-cq_1'];
    expect(told.filter((name) => named.includes(name)).toSorted()).toEqual(named.toSorted());
    // An attempt is known by its number: what was refused while another was settled may be asked for again.
    expect(told.filter((name) => !named.includes(name))).toHaveLength(2);
    await client.workflow.getHandle(workflowIdOf(bookingId)).terminate();
  });

  it('is slow, not broken, while the workflow’s own step failed and is to be tried again', async () => {
    const [bookingId, queue] = [id(), `failing-${randomUUID()}`];
    const held = createBookingDoor({ temporal: client, taskQueue: queue, deadlineMs: 700 });
    await held.open({ bookingId, summary: 'HF-4 · trektoo' });
    // As from workers that lost their database in the middle of the step; the third try makes Temporal refuse updates.
    const { workflowService } = connection;
    const taskQueue = { name: queue };
    await connection.withDeadline(Date.now() + 20_000, async () => {
      for (let tries = 0; tries < 3; tries += 1) {
        const { taskToken } = await workflowService.pollWorkflowTaskQueue({ namespace: 'default', taskQueue });
        await workflowService.respondWorkflowTaskFailed({ namespace: 'default', taskToken });
      }
    });
    const asked = { refundId: 'rf_1', amountMinor: 1, actor: 'sue', approvalLimitMinor: null };
    expect(await held.refund(bookingId, asked)).toEqual({ kind: 'slow' });
    expect(await held.open({ bookingId, summary: 'HF-4 · trektoo' })).toEqual({ kind: 'slow' });
    await client.workflow.getHandle(workflowIdOf(bookingId)).terminate();
  });

  it('is slow, not broken, while Temporal is away', async () => {
    const nowhere = Connection.lazy({ address: '127.0.0.1:1' });
    const away = createBookingDoor({
      temporal: new Client({ connection: nowhere }),
      taskQueue: 'any',
      deadlineMs: 400,
    });
    expect(await away.open({ bookingId: id(), summary: 'HF-3' })).toEqual({ kind: 'slow' });
    expect(await away.compensate(id(), { actor: 'sue' })).toEqual({ kind: 'slow' });
    await nowhere.close();
  });
});
