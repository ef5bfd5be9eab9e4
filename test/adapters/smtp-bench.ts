// A mail server in this process that keeps what it is given, and refuses what it is told to.
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface SmtpBench {
  readonly url: string;
  readonly received: { readonly recipients: readonly string[]; readonly raw: Buffer }[];
  /** Connections ever taken: pooled mails share one. */
  connections: number;
  /** Answers to RCPT TO by address. */
  readonly refusals: Map<string, { code: number; text: string }>;
  close(): Promise<void>;
}

export async function startSmtp(options: { maxBytes?: number } = {}): Promise<SmtpBench> {
  const bench = { url: '', received: [], connections: 0, refusals: new Map() } as Omit<SmtpBench, 'close'> & {
    url: string;
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    ...(options.maxBytes === undefined ? {} : { size: options.maxBytes }),
    onConnect: (_, done) => {
      bench.connections += 1;
      done();
    },
    onRcptTo: ({ address }, _, done) => {
      const refusal = bench.refusals.get(address);
      done(refusal ? Object.assign(new Error(refusal.text), { responseCode: refusal.code }) : null);
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (stream.sizeExceeded) return done(Object.assign(new Error('too large'), { responseCode: 552 }));
        bench.received.push({
          recipients: session.envelope.rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks),
        });
        return done();
      });
    },
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  bench.url = `smtp://127.0.0.1:${portOf(server.server.address())}`;
  return Object.assign(bench, { close: () => new Promise<void>((closed) => server.close(closed)) });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the mail server listens on no port');
  return address.port;
}
