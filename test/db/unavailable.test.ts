import { describe, expect, it } from 'vitest';
import { isUnavailable } from '../../db/client.ts';

const said = (code: string): Error => new Error('query failed', { cause: Object.assign(new Error('no'), { code }) });

describe('a database', () => {
  it.each(['ECONNREFUSED', 'EPIPE', '08006', '53300', '57P01', '57P03', '57014', '25P03', '40001', '40P01'])(
    'that answers %s may be asked again later',
    (code) => expect(isUnavailable(said(code))).toBe(true),
  );

  it('whose connection broke says so in words', () => {
    expect(isUnavailable(new Error('Connection terminated unexpectedly'))).toBe(true);
  });

  it.each(['23505', '23514', '22P05', '42P01', '25001'])('that answers %s has said no', (code) => {
    expect(isUnavailable(said(code))).toBe(false);
  });
});
