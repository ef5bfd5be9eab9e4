import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { drawDocument } from '../../adapters/pdf/document-pdf.ts';
import { createPdfRenderer } from '../../adapters/pdf/renderer.ts';
import type { PdfRenderer } from '../../adapters/pdf/renderer.ts';
import { contentOf } from '../../domain/document-content.ts';
import { RECEIPT, VOUCHER } from './sample-documents.ts';

// A thread starts slowly on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 30_000 });

const voucher = contentOf(VOUCHER);
const receipt = contentOf(RECEIPT);
const titled = (title: string) => ({ ...voucher, title });

const real = createPdfRenderer();
const threadUrl = new URL('./stand-in-thread.mjs', import.meta.url);
const standIns: PdfRenderer[] = [];

function withStandIn(timeoutMs?: number): PdfRenderer {
  const renderer = createPdfRenderer(timeoutMs === undefined ? { threadUrl } : { threadUrl, timeoutMs });
  standIns.push(renderer);
  return renderer;
}

afterEach(async () => {
  await Promise.all(standIns.splice(0).map((renderer) => renderer.close()));
});
afterAll(() => real.close());

it('leaves the event loop free while it draws', async () => {
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 1);
  await real.render(voucher);
  clearInterval(counting);
  expect(turns).toBeGreaterThan(20);
});

it('draws in its thread what is drawn without one, each answer to its own question', async () => {
  const drawn = await Promise.all([real.render(voucher), real.render(receipt), real.render(voucher)]);
  const expected = [await drawDocument(voucher), await drawDocument(receipt), await drawDocument(voucher)];
  expect(drawn.map((pdf) => Buffer.from(pdf).toString('base64'))).toEqual(
    expected.map((pdf) => Buffer.from(pdf).toString('base64')),
  );
});

it('says why a document cannot be drawn and goes on with the next', async () => {
  await expect(real.render({ ...voucher, createdAt: 'yesterday' })).rejects.toThrow('Invalid time value');
  await expect(real.render(voucher)).resolves.toBeInstanceOf(Uint8Array);
});

it('replaces a thread that dies, losing only the document it was at', async () => {
  const { render } = withStandIn();
  const [before, killed, after] = await Promise.allSettled(['a', 'die', 'b'].map((title) => render(titled(title))));
  expect([before?.status, after?.status]).toEqual(['fulfilled', 'fulfilled']);
  expect(killed).toMatchObject({ status: 'rejected', reason: { message: 'the PDF thread ended' } });
});

it('replaces a thread that died while nothing was to be drawn', async () => {
  const { render } = withStandIn(5_000);
  await render(titled('die soon'));
  await sleep(300);
  await expect(render(titled('b'))).resolves.toBeInstanceOf(Uint8Array);
});

it('gives up a thread that hangs', async () => {
  const { render } = withStandIn(2500);
  const [hung, after] = await Promise.allSettled(['hang', 'b'].map((title) => render(titled(title))));
  expect(hung).toMatchObject({ status: 'rejected', reason: { message: 'the PDF thread gave no answer for 2500 ms' } });
  expect(after?.status).toBe('fulfilled');
});

it('turns documents away once it is closed', async () => {
  const { render, close } = withStandIn();
  const waiting = Promise.allSettled([render(titled('hang')), render(titled('b'))]);
  await close();
  await expect(render(titled('c'))).rejects.toThrow('closed');
  expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
