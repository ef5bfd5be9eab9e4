// The receiving side: takes any mail from anybody, unless a fault says otherwise.
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressOf } from '../listen.ts';
import { randomText } from '../random.ts';
import { keep } from './state.ts';
import type { World } from './state.ts';

export type SmtpListening = { url: string; port: number; close(): Promise<void> };

export async function listenSmtp(world: World, port: number): Promise<SmtpListening> {
  const sockets = new Map<number, Socket>();
  const smtp = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    hideSTARTTLS: true,
    closeTimeout: 100,
    size: world.settings.maxBytes,
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? 'anybody' }),
    onData: (stream, session, done) => {
      void answer(world, { stream, session, hangUp: () => sockets.get(session.remotePort)?.destroy() }, done);
    },
  });
  smtp.on('error', () => {});
  smtp.server.on('connection', (socket: Socket) => {
    const remote = socket.remotePort ?? 0;
    sockets.set(remote, socket);
    socket.once('close', () => sockets.delete(remote));
  });
  await new Promise<void>((resolve, reject) => {
    smtp.server.once('error', reject);
    smtp.listen(port, '127.0.0.1', () => resolve());
  });
  const bound = addressOf(smtp.server).port;
  return {
    url: `smtp://127.0.0.1:${bound}`,
    port: bound,
    close: () => new Promise((resolve) => smtp.close(() => resolve())),
  };
}

type Arrival = { stream: SMTPServerDataStream; session: SMTPServerSession; hangUp: () => void };

async function answer(world: World, arrival: Arrival, done: (refusal?: Error | null) => void): Promise<void> {
  try {
    done(await received(world, arrival));
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Takes the message; an error is the SMTP refusal to answer with. */
async function received(world: World, { stream, session, hangUp }: Arrival): Promise<Error | null> {
  const raw = await bytesOf(stream);
  const to = session.envelope.rcptTo.map(({ address }) => address);
  const fault = world.faults.take(to.join(' '));
  if (fault?.kind === 'delay') await sleep(fault.ms);
  if (fault?.kind === 'reject') {
    const responseCode = fault.status === 500 ? 550 : fault.status;
    return Object.assign(new Error('refused by a fault of this stand-in'), { responseCode });
  }
  if (fault?.kind === 'drop') hangUp();
  else await store(world, { raw, to, session });
  if (fault?.kind === 'drop_after') hangUp();
  return null;
}

async function store(
  world: World,
  { raw, to, session }: { raw: Buffer; to: string[]; session: SMTPServerSession },
): Promise<void> {
  const { mailFrom } = session.envelope;
  const headers = await PostalMime.parse(headOf(raw));
  const mail = {
    id: `msg_${randomText(20)}`,
    receivedAt: new Date().toISOString(),
    from: mailFrom === false ? '' : mailFrom.address,
    to,
    subject: headers.subject ?? '',
    messageId: headers.messageId ?? '',
    size: raw.length,
  };
  keep(world, mail, raw);
}

/** Only the header lines: bodies are parsed when somebody opens the message. */
function headOf(raw: Buffer): Buffer {
  const end = raw.indexOf('\r\n\r\n');
  return end < 0 ? raw : raw.subarray(0, end + 4);
}

async function bytesOf(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
