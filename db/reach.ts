// Asks a database once whether it can be used, before a program relies on it.
import pg from 'pg';

const PATIENCE_MS = 5_000;

/** Undefined when it answers; else why not, in a sentence for whoever set DATABASE_URL. */
export async function whyUnusable(url: string): Promise<string | undefined> {
  const place = placeIn(url);
  if (place === undefined)
    return 'DATABASE_URL cannot be read: it should look like postgres://user:password@host:5432/name.';
  const client = new pg.Client({
    connectionString: url,
    application_name: 'holdfast-reach',
    connectionTimeoutMillis: PATIENCE_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return undefined;
  } catch (error) {
    return sentenceFor(place, error);
  }
}

/** Without the password, which must not be printed. */
function placeIn(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, port, pathname } = new URL(url);
  return `${hostname || 'localhost'}:${port || '5432'}${pathname}`;
}

function sentenceFor(place: string, error: unknown): string {
  if (error instanceof pg.DatabaseError) return `The database at ${place} does not let us in: ${error.message}.`;
  return `No database answers at ${place} (${reasonOf(error)}); DATABASE_URL says that it is there.`;
}

/** Where a name stands for several addresses, the error of all of them has a code and no words. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason given';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
