import { createRequire } from 'node:module';
import { Client, Connection } from '@temporalio/client';
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
  const connection = Connection.lazy({
    address,
    tls: tls ?? apiKey !== undefined,
    ...(apiKey === undefined ? {} : { apiKey }),
  });
  const client = new Client({ connection, namespace, dataConverter: dataConverterWith(options.codec) });
  return { client, connection, close: () => connection.close() };
}
