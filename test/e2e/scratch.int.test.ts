import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../setup/parts.ts';
import { CREATE_INTENT, orderFor, signIn } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
describeWith(['postgres', 'temporal'], 'scratch', () => {
  let stack: Stack;
  beforeAll(async () => { stack = await startStack(); }, 120_000);
  afterAll(async () => {
    console.log([...stack.api.lines].filter(l=>l.includes('create-intent')||l.includes('warn')||l.includes('error')).map(l => { const j = JSON.parse(l); return `${j.time} ${j.status} ${j.ms} ${j.msg} ${j.err?.message ?? ''} ${j.err?.cause?.message ?? ''}`; }).join('\n'));
    console.log(stack.worker.lines.slice(-5).join('\n'));
    await stack.stop();
  });
  it('x', async () => {
    const alice = await signIn(stack, { sub: 'alice' });
    const order = orderFor();
    const t = Date.now();
    const answers = await Promise.all(Array.from({ length: 100 }, async () => { const a = await alice.post(CREATE_INTENT, order); return [a.status, Date.now() - t]; }));
    console.log(JSON.stringify(answers));
    expect(1).toBe(1);
  }, 120_000);
});
