import nodemailer from 'nodemailer';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { startMail } from '../../sim/mail/server.ts';
import { post, readJson } from './http.ts';

let sim: Awaited<ReturnType<typeof startMail>>;

beforeEach(async () => {
  sim = await startMail();
});
afterEach(() => sim.close());

const PDF = Buffer.from('%PDF-1.4 voucher');

function send(to = 'mei@example.com', more: object = {}) {
  const transport = nodemailer.createTransport(sim.smtp.url);
  return transport.sendMail({
    from: 'Holdfast <bookings@holdfast.example>',
    to,
    subject: 'Deine Buchung ✓ 予約',
    text: 'plain words',
    html: '<h1>Your booking</h1><img src="cid:logo"><script>alert(1)</script>',
    attachments: [
      { filename: 'voucher – 1.pdf', content: PDF },
      { filename: 'logo.png', content: Buffer.from('png'), cid: 'logo', contentType: 'image/png' },
    ],
    ...more,
  });
}

type Listed = { id: string; subject: string };
type Message = Listed & { text: string; html: string; attachments: { filename: string; url: string }[] };

const list = (query = '') => readJson<{ total: number; messages: Listed[] }>(`${sim.url}/api/messages${query}`);
const first = async () => (await list()).messages[0]?.id ?? '';

it('keeps what was sent, with its attachments byte for byte', async () => {
  await send();
  const { total, messages } = await list();
  expect(total).toBe(1);
  expect(messages[0]).toMatchObject({
    from: 'bookings@holdfast.example',
    to: ['mei@example.com'],
    subject: 'Deine Buchung ✓ 予約',
    messageId: expect.stringContaining('@'),
  });
  const message = await readJson<Message>(`${sim.url}/api/messages/${await first()}`);
  expect(message).toMatchObject({ text: expect.stringContaining('plain words'), subject: 'Deine Buchung ✓ 予約' });
  expect(message.html).toContain('Your booking');
  expect(message.attachments).toMatchObject([
    { filename: 'logo.png', contentId: 'logo' },
    { filename: 'voucher – 1.pdf', contentType: 'application/pdf', size: PDF.length },
  ]);
  const file = await fetch(`${sim.url}${message.attachments[1]?.url}`);
  expect(Buffer.from(await file.arrayBuffer())).toEqual(PDF);
  expect(file.headers.get('content-disposition')).toContain('attachment');
});

it('finds mail by recipient, newest first, whatever the case', async () => {
  await send('a@example.com', { subject: 'one' });
  await send('a@example.com, b@example.com', { subject: 'two' });
  const subjects = async (query: string) => (await list(query)).messages.map(({ subject }) => subject);
  expect(await subjects('?to=A@example.com')).toEqual(['two', 'one']);
  expect(await subjects('?to=b@example.com')).toEqual(['two']);
  expect(await subjects('?to=c@example.com')).toEqual([]);
  expect(await subjects('?limit=1')).toEqual(['two']);
});

it('shows the inbox and a message without running what is in it', async () => {
  await send();
  const id = await first();
  const inbox = await (await fetch(`${sim.url}/`)).text();
  expect(inbox).toContain(`/messages/${id}`);
  expect(inbox).toContain('予約');
  const page = await (await fetch(`${sim.url}/messages/${id}`)).text();
  expect(page).toContain('<iframe sandbox');
  const body = await fetch(`${sim.url}/messages/${id}/html`);
  expect(body.headers.get('content-security-policy')).toContain('sandbox');
  expect(await body.text()).toContain(`/api/messages/${id}/attachments/0`);
  expect((await fetch(`${sim.url}/messages/msg_none`)).status).toBe(404);
  expect((await fetch(`${sim.url}/api/messages/msg_none`)).status).toBe(404);
});

it('shows markup in subjects as text', async () => {
  await send('a@example.com', { subject: '<b>bold</b>' });
  expect(await (await fetch(`${sim.url}/`)).text()).toContain('&lt;b&gt;bold');
});

it('refuses, for good or for now, as often as a fault says', async () => {
  const fault = (rule: object) => post(`${sim.url}/_sim/faults`, rule);
  await fault({ kind: 'reject', times: 1 });
  await expect(send()).rejects.toMatchObject({ responseCode: 550 });
  await fault({ kind: 'reject', status: 451, times: 1, match: 'mei@' });
  await send('other@example.com');
  await expect(send()).rejects.toMatchObject({ responseCode: 451 });
  await send();
  expect((await list()).total).toBe(2);
});

it('cuts the line before or after it took the message', async () => {
  const fault = (rule: object) => post(`${sim.url}/_sim/faults`, rule);
  await fault({ kind: 'drop', times: 1 });
  await expect(send()).rejects.toThrow(/closed|ECONNRESET/);
  expect((await list()).total).toBe(0);
  await fault({ kind: 'drop_after', times: 1 });
  await expect(send()).rejects.toThrow(/closed|ECONNRESET/);
  expect((await list()).total).toBe(1);
  await fault({ kind: 'delay', ms: 80, times: 1 });
  const before = Date.now();
  await send();
  expect(Date.now() - before).toBeGreaterThanOrEqual(75);
});

it('is empty after a reset', async () => {
  await send();
  await post(`${sim.url}/_sim/reset`, {});
  expect(await list()).toEqual({ total: 0, messages: [] });
  expect(await list('?to=mei@example.com')).toEqual({ total: 0, messages: [] });
});
