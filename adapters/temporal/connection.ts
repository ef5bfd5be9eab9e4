import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { DataConverter, PayloadCodec } from '@temporalio/common';

export interface TemporalAddress {
  readonly address: string;
  readonly namespace: string;
  readonly tls: { readonly clientCertPair: { readonly crt: Buffer; readonly key: Buffer } } | undefined;
  readonly apiKey: string | undefined;
}

export interface TemporalConnection {
  readonly client: Client;
  readonly connection: Connection;
  close(): Promise<void>;
}

/** One way to read and write payloads for every client and worker, or histories could not be read back. */
export function dataConverterWith(codec: PayloadCodec): DataConverter {
  return {
    payloadCodecs: [codec],
    failureConverterPath: createRequire(import.meta.url).resolve('./failure-converter.cjs'),
  };
}

/** Lazy: a process starts, and says it is not ready, while Temporal is away. */
export function connectTemporal(options: { config: TemporalAddress; codec: PayloadCodec }): TemporalConnection {
  const { address, namespace, tls, apiKey } = options.config;
  const repeats = createRepeats();
  const connection = Connection.lazy({
    address,
    tls: tls ?? apiKey !== undefined,
    ...(apiKey === undefined ? {} : { apiKey }),
    interceptors: [makeGrpcRetryInterceptor(repeats.options)],
  });
  const client = new Client({ connection, namespace, dataConverter: dataConverterWith(options.codec) });
  const close = async (): Promise<void> => {
    await repeats.end();
    await connection.close();
  };
  return { client, connection, close };
}

/** Longer than it takes until the repeated call has begun. */
const BEGUN_MS = 20;

/** The SDK repeats a call by a timer of its own; one that finds its channel closed throws where nobody can catch it. */
function createRepeats() {
  const usual = defaultGrpcRetryOptions();
  let isEnding = false;
  let lastDueMs = 0;
  const options: typeof usual = {
    retryableDecider: (attempt, status) => !isEnding && usual.retryableDecider(attempt, status),
    delayFunction: (attempt, status) => {
      const delayMs = usual.delayFunction(attempt, status);
      lastDueMs = Math.max(lastDueMs, performance.now() + delayMs);
      return delayMs;
    },
  };
  const end = async (): Promise<void> => {
    isEnding = true;
    const leftMs = lastDueMs - performance.now();
    if (leftMs > 0) await sleep(leftMs + BEGUN_MS);
  };
  return { options, end };
}
