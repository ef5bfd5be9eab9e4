import { randomBytes } from 'node:crypto';
import type { Payload, SerializationContext } from '@temporalio/common';
import { defaultPayloadConverter } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { HISTORY_KEY, WrongKey, createCodec } from '../../adapters/temporal/codec.ts';
import type { PayloadSealer } from '../../adapters/temporal/codec.ts';
import { seal, unseal } from '../../db/sealing.ts';

const keys = new Map(
  [
    ['system', 0],
    ['bk_1', 0],
    ['bk_2', 0],
  ].map(([id]) => [String(id), randomBytes(32)]),
);
const keyOf = (keyId: string): Buffer => {
  const key = keys.get(keyId);
  if (!key) throw new Error(`no key ${keyId}`);
  return key;
};
const sealer: PayloadSealer = {
  masterKeyId: '2026',
  seal: async (keyId, plain, context) => seal(keyOf(keyId), plain, context),
  unseal: async (keyId, sealed, context) => unseal(keyOf(keyId), sealed, context),
};

const codec = createCodec(sealer, 'default');
const inHistoryOf = (workflowId: string): SerializationContext =>
  ({ namespace: 'default', workflowId }) as SerializationContext;
const ofBooking = inHistoryOf('booking-bk_1');
const person = { name: 'Ada Lovelace', mail: 'ada@example.com' };
const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const metadataOf = (one: Payload | undefined, key: string) => Buffer.from(one?.metadata?.[key] ?? []).toString();

async function encoded(value: unknown, context: SerializationContext | undefined = ofBooking): Promise<Payload> {
  const [one] = await codec.encode([payload(value)], context);
  if (!one) throw new Error('nothing was encoded');
  return one;
}

describe('a payload', () => {
  it.each([[person], ['text'], [42], [null], [[1, 2, 3]], [Buffer.from([0, 255])]])(
    'comes back as it went in: %j',
    async (value) => {
      const [back] = await codec.decode([await encoded(value)], ofBooking);
      expect(defaultPayloadConverter.fromPayload(back ?? payload(undefined))).toEqual(
        value instanceof Buffer ? new Uint8Array(value) : value,
      );
    },
  );

  it('keeps its own metadata inside, and shows nothing of it outside', async () => {
    const original = payload(person);
    const sealed = await encoded(person);
    expect(Object.keys(sealed.metadata ?? {}).toSorted()).toEqual(['encoding', 'key-id', 'master-key-id']);
    const [back] = await codec.decode([sealed], ofBooking);
    expect(metadataOf(back, 'encoding')).toBe(metadataOf(original, 'encoding'));
  });

  it('carries its key, wrapped, where histories are to be read without our database', async () => {
    const carrying = createCodec({ ...sealer, escrowOf: async (keyId) => Buffer.from(`wrapped ${keyId}`) }, 'default');
    const [sealed] = await carrying.encode([payload(person)], ofBooking);
    expect(metadataOf(sealed, HISTORY_KEY)).toBe('wrapped bk_1');
    const [back] = await carrying.decode(sealed ? [sealed] : [], ofBooking);
    expect(defaultPayloadConverter.fromPayload(back ?? payload(undefined))).toEqual(person);
  });

  it('names the booking whose key opens it, and the master key of that day', async () => {
    const sealed = await encoded(person);
    expect(['encoding', 'key-id', 'master-key-id'].map((key) => metadataOf(sealed, key))).toEqual([
      'binary/encrypted',
      'bk_1',
      '2026',
    ]);
  });

  it.each([
    ['no context', undefined],
    ['the late payment of no open booking', inHistoryOf('late-payment-pi_1')],
    ['a workflow of ours that is no booking’s', inHistoryOf('reconcile')],
    ['a name that only looks like a booking’s', inHistoryOf('booking-bk_1/extra')],
  ])('is sealed with the system’s key where there is %s', async (_, context) => {
    // Not through a default: here undefined is the point.
    const [sealed] = await codec.encode([payload(person)], context);
    expect(metadataOf(sealed, 'key-id')).toBe('system');
    const [back] = await codec.decode(sealed ? [sealed] : [], context);
    expect(defaultPayloadConverter.fromPayload(back ?? payload(undefined))).toEqual(person);
  });

  it('shows nothing of what it says, in any of its bytes', async () => {
    const sealed = await encoded(person);
    const bytes = Buffer.concat([
      Buffer.from(sealed.data ?? []),
      ...Object.values(sealed.metadata ?? {}).map((m) => Buffer.from(m)),
    ]);
    for (const word of [
      'Ada',
      'Lovelace',
      'ada@example.com',
      'name',
      'json/plain',
      'eyJ',
      Buffer.from('Ada Lovelace').toString('base64').slice(0, 12),
    ])
      expect(bytes.toString('latin1')).not.toContain(word);
    expect((await encoded(person)).data).not.toEqual(sealed.data);
  });

  it('in clear passes through: an operator’s request, as the endpoint for the Web UI leaves it', async () => {
    const clear = payload({ action: 'retryStep' });
    expect(await codec.decode([clear, {}, { metadata: {}, data: null }], ofBooking)).toEqual([
      clear,
      {},
      { metadata: {}, data: null },
    ]);
  });

  it('of another booking is refused in this one’s history, before any key is asked for', async () => {
    const foreign = await encoded(person, inHistoryOf('booking-bk_2'));
    await expect(codec.decode([foreign], ofBooking)).rejects.toThrow(WrongKey);
    const [system] = await codec.encode([payload(person)], undefined);
    await expect(codec.decode(system ? [system] : [], ofBooking)).rejects.toThrow(WrongKey);
  });

  it('opens without a context, for the codec endpoint', async () => {
    const [back] = await codec.decode([await encoded(person)]);
    expect(defaultPayloadConverter.fromPayload(back ?? payload(undefined))).toEqual(person);
  });

  it('of another namespace does not open, though the keys are the same', async () => {
    await expect(createCodec(sealer, 'staging').decode([await encoded(person)], ofBooking)).rejects.toThrow(
      'unable to authenticate data',
    );
  });

  it('under another booking’s name does not open, though that key exists', async () => {
    const sealed = await encoded(person);
    const renamed = { ...sealed, metadata: { ...sealed.metadata, 'key-id': Buffer.from('bk_2') } };
    await expect(codec.decode([renamed], inHistoryOf('booking-bk_2'))).rejects.toThrow('unable to authenticate data');
  });

  it('that was changed does not open', async () => {
    const sealed = await encoded(person);
    const data = Buffer.from(sealed.data ?? []);
    data.writeUInt8((data.at(-1) ?? 0) ^ 1, data.length - 1);
    await expect(codec.decode([{ ...sealed, data }], ofBooking)).rejects.toThrow('unable to authenticate data');
  });

  it('goes with its neighbours, in order', async () => {
    const sealed = await codec.encode([payload(1), payload(2), payload(3)], ofBooking);
    const back = await codec.decode(sealed, ofBooking);
    expect(back.map((one) => defaultPayloadConverter.fromPayload(one))).toEqual([1, 2, 3]);
  });
});
