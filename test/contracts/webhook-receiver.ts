// Receives webhooks as our API would, and keeps their bytes and headers.
import { createServer } from 'node:http';
import type { Delivery } from './gateway-bench.ts';

export interface WebhookReceiver {
  readonly url: string;
  /** The first delivery that fits, now or within two seconds. */
  receive(fits: (body: string) => boolean): Promise<Delivery>;
  stop(): Promise<void>;
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: Delivery[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      received.push({ raw: Buffer.concat(chunks), headers });
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    receive: (fits) => found(() => received.find(({ raw }) => fits(Buffer.from(raw).toString()))),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function found(look: () => Delivery | undefined): Promise<Delivery> {
  for (const deadline = Date.now() + 2_000; Date.now() < deadline;) {
    const delivery = look();
    if (delivery) return delivery;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('no such webhook arrived');
}
