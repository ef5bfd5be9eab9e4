// A connection that a process holds for as long as it lives, and takes up again whenever it breaks. `npm run recover` sees by it
// also a process that has nothing to do.
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const RECONNECT_MS = 1_000;
const GOODBYE_MS = 2_000;

export interface HeldConnection {
  readonly databaseUrl: string;
  readonly applicationName: string;
  /** Each time that it is there; what fails here has broken it. */
  readonly onOpen?: (client: pg.Client) => Promise<void>;
  readonly onLost?: (err?: Error) => void;
}

/** What the process does never waits for it. */
export function holdConnection({ databaseUrl, applicationName, onOpen, onLost }: HeldConnection) {
  let client: pg.Client | undefined;
  let socket: Socket | undefined;
  let retry: NodeJS.Timeout | undefined;
  let ended = false;

  const lost = (from: pg.Client, err?: Error): void => {
    if (client !== from || ended) return;
    client = undefined;
    onLost?.(err);
    // The connection may hang half open.
    from.end().catch(() => undefined);
    retry = setTimeout(connect, RECONNECT_MS);
  };

  const connect = (): void => {
    const stream = new Socket();
    const fresh = new pg.Client({
      stream: () => stream,
      connectionString: databaseUrl,
      application_name: applicationName,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    client = fresh;
    socket = stream;
    fresh.on('error', (err) => lost(fresh, err));
    fresh.on('end', () => lost(fresh));
    fresh
      .connect()
      .then(() => onOpen?.(fresh))
      .catch((err: unknown) => lost(fresh, err instanceof Error ? err : undefined));
  };

  connect();
  return {
    end: async (): Promise<void> => {
      ended = true;
      clearTimeout(retry);
      if (!client) return;
      // On a connection that hangs half open the goodbye would not be heard for a long time: nobody waits for it.
      await Promise.race([client.end().catch(() => undefined), sleep(GOODBYE_MS, undefined, { ref: false })]);
      socket?.destroy();
    },
  };
}
