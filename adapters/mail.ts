// Sends letters over SMTP. A server's final no is an answer; anything that may pass later is thrown.
import { createTransport } from 'nodemailer';
import type { Letter } from '../domain/notices.ts';
import { letterHtml } from './mail/letter-html.ts';
import { letterText } from './mail/letter-text.ts';

export interface MailMessage {
  /** Several only as a list: a comma inside one is an attempt to add another. */
  readonly to: string | readonly string[];
  readonly letter: Letter;
  /** The same for every try, so that a mail sent twice is recognised as one: letters, digits, ._- and one @. */
  readonly messageId: string;
  readonly attachments: readonly {
    readonly filename: string;
    readonly contentType: string;
    readonly content: Uint8Array;
  }[];
}

export type MailOutcome = { kind: 'sent' } | { kind: 'refused'; reason: string };

export interface Mailer {
  readonly send: (message: MailMessage) => Promise<MailOutcome>;
  /** Whether the server answers and takes our login. */
  readonly verify: () => Promise<boolean>;
  readonly close: () => void;
}

export interface MailerOptions {
  readonly smtpUrl: string;
  readonly from: string;
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 15_000;

export function createMailer({ smtpUrl, from, timeoutMs = DEFAULT_TIMEOUT_MS }: MailerOptions): Mailer {
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: 3,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async (message) => {
      const recipients = [message.to].flat();
      if (recipients.length === 0 || !recipients.every(isOneAddress)) {
        return { kind: 'refused', reason: 'not a mail address' };
      }
      try {
        await transport.sendMail(envelopeOf(message, from));
        return { kind: 'sent' };
      } catch (error) {
        const reason = finalNo(error);
        if (reason === undefined) throw error;
        return { kind: 'refused', reason };
      }
    },
    verify: () => transport.verify().catch(() => false),
    close: () => transport.close(),
  };
}

function envelopeOf({ to, letter, messageId, attachments }: MailMessage, from: string) {
  return {
    from,
    to: [to].flat().map((address) => ({ name: '', address })),
    subject: oneLine(letter.subject),
    messageId: `<${messageId.replaceAll(/[^A-Za-z0-9._@-]/g, '-')}>`,
    text: letterText(letter),
    html: letterHtml(letter),
    headers: { 'Auto-Submitted': 'auto-generated' },
    attachments: attachments.map(({ filename, contentType, content }) => ({
      filename: oneLine(filename),
      contentType,
      content: Buffer.from(content),
    })),
  };
}

/** One plain address: no display name, no list, nothing that could start another header. */
const isOneAddress = (text: string): boolean =>
  text.length <= 254 && /^[^\s@<>(),;:"\\]+@[^\s@<>(),;:"\\]+$/.test(text);

const oneLine = (text: string): string => text.replaceAll(/[\r\n\u2028\u2029\0]+/g, ' ');

/** A refusal names whom it refuses, and the reason is kept beside the letter. */
const ADDRESS = /[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g;

/** Why this mail can never go, when that is what the error says. */
function finalNo(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('command' in error)) return undefined;
  // A no to our greeting, login or sender says nothing about this mail: it goes once the account is put right.
  const toThisMail = error.command === 'RCPT TO' || error.command === 'DATA';
  const permanent = 'permanent' in error && error.permanent === true;
  return toThisMail && permanent ? error.message.replaceAll(ADDRESS, '[address]') : undefined;
}
