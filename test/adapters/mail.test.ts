import PostalMime from 'postal-mime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMailer } from '../../adapters/mail.ts';
import type { Mailer, MailMessage } from '../../adapters/mail.ts';
import type { Letter } from '../../domain/notices.ts';
import { startSmtp } from './smtp-bench.ts';
import type { SmtpBench } from './smtp-bench.ts';

const LETTER: Letter = {
  subject: 'Your booking HF-1 is confirmed — 確認済み',
  preheader: 'Booked and paid.',
  brand: 'Trektoo',
  greeting: 'Hello Зоя,',
  paragraphs: ['Good news.', 'เจอกันนะ'],
  facts: [{ label: 'Booking', value: 'HF-1' }],
  action: { label: 'View your booking', url: 'https://shop.example/b/1?t=a&x=1' },
  footer: ['Questions? help@trektoo.example'],
};
const MESSAGE: MailMessage = {
  to: 'zoe@example.com',
  letter: LETTER,
  messageId: 'bk_1.booking_confirmed.1@holdfast.example',
  attachments: [
    { filename: 'voucher-HF-1.pdf', contentType: 'application/pdf', content: new TextEncoder().encode('%PDF-1.7 …') },
  ],
};

let smtp: SmtpBench;
let mailer: Mailer;

beforeEach(async () => {
  smtp = await startSmtp();
  mailer = createMailer({ smtpUrl: smtp.url, from: 'Trektoo <bookings@trektoo.example>', timeoutMs: 2000 });
});

afterEach(async () => {
  mailer.close();
  await smtp.close();
});

describe('a mail', () => {
  it('arrives with both readings, its attachment and its name', async () => {
    expect(await mailer.send(MESSAGE)).toEqual({ kind: 'sent' });
    const [received] = smtp.received;
    const mail = await PostalMime.parse(received?.raw ?? '');
    expect(received?.recipients).toEqual(['zoe@example.com']);
    expect(mail).toMatchObject({
      subject: LETTER.subject,
      from: { name: 'Trektoo', address: 'bookings@trektoo.example' },
      to: [{ address: 'zoe@example.com' }],
      messageId: '<bk_1.booking_confirmed.1@holdfast.example>',
    });
    for (const reading of [mail.text, mail.html])
      for (const said of ['Зоя', 'เจอกันนะ', 'HF-1']) expect(reading).toContain(said);
    expect(mail.attachments).toHaveLength(1);
    expect(mail.attachments[0]).toMatchObject({ filename: 'voucher-HF-1.pdf', mimeType: 'application/pdf' });
    expect(new TextDecoder().decode(mail.attachments[0]?.content as ArrayBuffer)).toBe('%PDF-1.7 …');
  });

  it('goes to each of several recipients, once', async () => {
    expect(await mailer.send({ ...MESSAGE, to: ['ann@example.com', 'bob@example.com'] })).toEqual({ kind: 'sent' });
    expect(smtp.received.map(({ recipients }) => recipients)).toEqual([['ann@example.com', 'bob@example.com']]);
  });

  it('bears the same id at every try', async () => {
    await mailer.send(MESSAGE);
    await mailer.send(MESSAGE);
    const ids = smtp.received.map(({ raw }) => /^Message-ID: (.*)$/im.exec(raw.toString())?.[1]);
    expect(ids).toHaveLength(2);
    expect(new Set(ids)).toEqual(new Set(['<bk_1.booking_confirmed.1@holdfast.example>']));
  });

  it('says that a program wrote it, so that no out-of-office note comes back', async () => {
    await mailer.send(MESSAGE);
    expect(smtp.received[0]?.raw.toString()).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  });

  it('shares its connection with the next', async () => {
    for (let count = 0; count < 4; count += 1) await mailer.send(MESSAGE);
    expect(smtp.connections).toBe(1);
  });
});

/** The mail's own headers and those of its parts. */
const headersOf = (raw: string): string =>
  raw
    .split(/^--.*$/m)
    .map((part) => part.trimStart().split('\r\n\r\n')[0])
    .join('\n');

describe('headers', () => {
  it.each([
    ['subject', { letter: { ...LETTER, subject: 'Hi\r\nBcc: spy@evil.example\r\n\r\nbody' } }],
    ['message id', { messageId: 'x>\r\nBcc: spy@evil.example' }],
    [
      'file name',
      {
        attachments: [
          { filename: 'v.pdf"\r\nBcc: spy@evil.example', contentType: 'application/pdf', content: new Uint8Array([1]) },
        ],
      },
    ],
    [
      'content type',
      {
        attachments: [
          { filename: 'v.pdf', contentType: 'application/pdf\r\nBcc: spy@evil.example', content: new Uint8Array([1]) },
        ],
      },
    ],
  ])('cannot be added through the %s', async (_, change) => {
    await mailer.send({ ...MESSAGE, ...change });
    expect(smtp.received.map(({ recipients }) => recipients)).toEqual([['zoe@example.com']]);
    expect(headersOf(smtp.received[0]?.raw.toString() ?? '')).not.toMatch(/^Bcc:/im);
  });

  it.each([
    'zoe@example.com, spy@evil.example',
    'zoe@example.com\r\nBcc: spy@evil.example',
    'Zoe <zoe@example.com>',
    'zoe@example.com> SIZE=1',
    'nobody',
    '',
    ['zoe@example.com', 'ann@example.com, spy@evil.example'],
    [],
  ])('a recipient that is not one address is refused before it is sent: %j', async (to) => {
    expect(await mailer.send({ ...MESSAGE, to })).toMatchObject({ kind: 'refused' });
    expect(smtp.received).toEqual([]);
  });
});

describe('a server', () => {
  it('that will never take a mail is believed', async () => {
    smtp.refusals.set('zoe@example.com', { code: 550, text: '<zoe@example.com>: no such mailbox' });
    expect(await mailer.send(MESSAGE)).toEqual({
      kind: 'refused',
      reason: expect.stringContaining('<[address]>: no such mailbox'),
    });
  });

  it('that says later is asked again later', async () => {
    smtp.refusals.set('zoe@example.com', { code: 451, text: 'greylisted' });
    await expect(mailer.send(MESSAGE)).rejects.toThrow('greylisted');
    smtp.refusals.clear();
    expect(await mailer.send(MESSAGE)).toEqual({ kind: 'sent' });
  });

  it('that takes no mail of that size is believed', async () => {
    const small = await startSmtp({ maxBytes: 1000 });
    const other = createMailer({ smtpUrl: small.url, from: 'a@b.example', timeoutMs: 2000 });
    expect(await other.send(MESSAGE)).toMatchObject({ kind: 'refused' });
    other.close();
    await small.close();
  });

  it('that cannot be reached is no answer', async () => {
    expect(await mailer.verify()).toBe(true);
    await smtp.close();
    expect(await mailer.verify()).toBe(false);
    await expect(mailer.send(MESSAGE)).rejects.toThrow('ECONNREFUSED');
    smtp = await startSmtp();
  });
});
