// A database that says hello and then nothing more, as one whose machine is gone: no goodbye is heard there.
import { EventEmitter, once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { holdConnection } from '../../db/held-connection.ts';
import { startMuteServer } from '../setup/mute-server.ts';
import type { MuteServer } from '../setup/mute-server.ts';

const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

let server: MuteServer;
afterEach(() => server.close());

it('keeps no process from ending, though nobody hears its goodbye', async () => {
  server = await startMuteServer(WELCOME);
  const open = new EventEmitter();
  const opened = once(open, 'open');
  const connection = holdConnection({
    databaseUrl: `postgres://me:word@127.0.0.1:${server.port}/none`,
    applicationName: 'test',
    onOpen: async () => void open.emit('open'),
  });
  await opened;
  await connection.end();
  // Its end of the line is gone as well, or a process that is left to its event loop would not end.
  const isGone = (): boolean => {
    const [there] = server.sockets;
    there?.write(WELCOME);
    return there?.destroyed === true;
  };
  await expect.poll(isGone).toBe(true);
}, 8_000);
