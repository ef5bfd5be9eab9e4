// Tells who waits for a booking that it changed: one listening connection per process, held only while somebody waits.
import pg from 'pg';

export interface BookingWatch {
  /** Calls back after every change, and once after each gap in which changes may have gone unheard. */
  subscribe(bookingId: string, onChange: () => void): () => void;
}

const RECONNECT_MS = 500;
const LINGER_MS = 5_000;

export function createBookingWatch(databaseUrl: string): BookingWatch {
  const waiting = new Map<string, Set<() => void>>();
  let client: pg.Client | undefined;
  let idle: NodeJS.Timeout | undefined;

  const wake = (bookingId: string | undefined): void => {
    for (const onChange of waiting.get(bookingId ?? '') ?? []) onChange();
  };
  const wakeAll = (): void => {
    for (const bookingId of waiting.keys()) wake(bookingId);
  };

  const lost = (from: pg.Client): void => {
    if (client !== from) return;
    client = undefined;
    // The connection may hang half open.
    from.end().catch(() => undefined);
    setTimeout(connectIfNeeded, RECONNECT_MS).unref();
  };

  const connectIfNeeded = (): void => {
    if (client || waiting.size === 0) return;
    const fresh = new pg.Client({ connectionString: databaseUrl, application_name: 'holdfast-watch', keepAlive: true });
    client = fresh;
    fresh.on('error', () => lost(fresh));
    fresh.on('end', () => lost(fresh));
    fresh.on('notification', ({ payload }) => wake(payload));
    fresh
      .connect()
      .then(() => fresh.query('listen holdfast_booking'))
      .then(wakeAll)
      .catch(() => lost(fresh));
  };

  const closeIfIdle = (): void => {
    if (waiting.size > 0) return;
    const last = client;
    client = undefined;
    last?.end().catch(() => undefined);
  };

  return {
    subscribe: (bookingId, onChange) => {
      const callbacks = waiting.get(bookingId) ?? new Set();
      waiting.set(bookingId, callbacks.add(onChange));
      clearTimeout(idle);
      connectIfNeeded();
      return () => {
        callbacks.delete(onChange);
        if (callbacks.size === 0 && waiting.get(bookingId) === callbacks) waiting.delete(bookingId);
        if (waiting.size > 0) return;
        clearTimeout(idle);
        idle = setTimeout(closeIfIdle, LINGER_MS);
        idle.unref();
      };
    },
  };
}
