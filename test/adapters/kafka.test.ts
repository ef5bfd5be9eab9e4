import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKafkaHealth, createPublisher } from '../../adapters/kafka.ts';
import type { KafkaAddress } from '../../adapters/kafka.ts';

const at = (port: number): KafkaAddress => ({ brokers: [`127.0.0.1:${port}`], clientId: 'holdfast-test' });
const MESSAGE = { topic: 'payment.completed', key: 'ds-1', value: '{}' };
/** Nobody may listen there. */
const NOBODY = at(1);

describe('Kafka that is not there', () => {
  it('leaves a message unanswered, with the reason', async () => {
    const publisher = createPublisher(NOBODY);
    expect(await publisher.publish(MESSAGE)).toEqual({
      kind: 'unanswered',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
    await publisher.close();
  });

  it('is disconnected, which is not disabled', async () => {
    const [away, none] = [createKafkaHealth(NOBODY), createKafkaHealth({ brokers: [], clientId: 'holdfast' })];
    expect(await away.look()).toEqual({ healthy: false, status: 'disconnected' });
    expect(await none.look()).toEqual({ healthy: true, status: 'disabled' });
    await Promise.all([away.close(), none.close()]);
  });
});

describe('a broker that takes connections and says nothing', () => {
  let server: Server;
  let port: number;
  let sockets: Socket[];

  beforeEach(async () => {
    sockets = [];
    server = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = listeningPort(server);
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it('is disconnected before a health report loses patience', async () => {
    const health = createKafkaHealth(at(port));
    const before = performance.now();
    expect(await health.look()).toEqual({ healthy: false, status: 'disconnected' });
    expect(performance.now() - before).toBeLessThan(2_000);
    await health.close();
  });

  it('does not hold up who wants to stop', async () => {
    const publisher = createPublisher(at(port));
    const outcome = publisher.publish(MESSAGE);
    const before = performance.now();
    setTimeout(() => void publisher.close(), 500);
    expect(await outcome).toMatchObject({ kind: 'unanswered' });
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  it('is asked one thing at a time', async () => {
    const publisher = createPublisher(at(port));
    const first = publisher.publish(MESSAGE);
    await expect(publisher.publish(MESSAGE)).rejects.toThrow('one message at a time');
    await publisher.close();
    await first;
    expect(await publisher.publish(MESSAGE)).toEqual({ kind: 'unanswered', reason: 'closed' });
  });
});

function listeningPort(server: Server): number {
  // Listening on an address, it has a port.
  return (server.address() as AddressInfo).port;
}
