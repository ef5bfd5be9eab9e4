import { expect, it } from 'vitest';
import type { PayloadSealer } from '../../adapters/temporal/codec.ts';
import { patientSealer } from '../../worker/patient-sealer.ts';

const PLAIN = Buffer.from('plain');
const AWAY = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** Fails so often, then works. */
function failing(times: number, error: Error): PayloadSealer & { calls: number } {
  const sealer = {
    calls: 0,
    masterKeyId: 'm1',
    seal: async (keyId: string, plain: Uint8Array) => {
      sealer.calls += 1;
      if (sealer.calls <= times) throw error;
      return Buffer.concat([Buffer.from(keyId), plain]);
    },
    unseal: async (_keyId: string, sealed: Uint8Array) => sealer.seal('opened ', sealed),
  };
  return sealer;
}

const patience = { pauseMs: 5, patienceMs: 2_000 };

it('a payload waits for its key while the database is away, to be sealed and to be read', async () => {
  const sealed = await patientSealer(failing(3, AWAY), patience).seal('bk_1 ', PLAIN, 'here');
  expect(Buffer.from(sealed).toString()).toBe('bk_1 plain');
  const away = failing(2, new Error('Failed query: select …', { cause: AWAY }));
  expect(Buffer.from(await patientSealer(away, patience).unseal('bk_1', PLAIN, 'here')).toString()).toBe(
    'opened plain',
  );
  expect(away.calls).toBe(3);
});

it('a key that was destroyed is not waited for', async () => {
  const gone = failing(9, new Error('the key bk_1 was destroyed'));
  await expect(patientSealer(gone, patience).seal('bk_1', PLAIN, 'here')).rejects.toThrow('destroyed');
  expect(gone.calls).toBe(1);
});

it('patience has an end', async () => {
  const away = failing(1_000_000, AWAY);
  await expect(patientSealer(away, { pauseMs: 5, patienceMs: 30 }).seal('bk_1', PLAIN, 'here')).rejects.toThrow(
    'ECONNREFUSED',
  );
});
