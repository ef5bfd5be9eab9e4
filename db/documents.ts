// Reads the papers of a booking: the newest of each kind and number, unsealed.
import { and, desc, eq, max, ne } from 'drizzle-orm';
import type { DocumentKind } from '../domain/documents.ts';
import type { Queryable } from './client.ts';
import type { Keyring } from './keyring.ts';
import { documents } from './schema.ts';

export interface DocumentName {
  readonly bookingId: string;
  readonly kind: DocumentKind;
  readonly number: number;
}

export interface ReadDocument {
  readonly id: string;
  readonly version: number;
  readonly sha256: string;
  readonly pdf: Buffer;
}

export async function readDocument(
  on: Queryable,
  keyring: Keyring,
  name: DocumentName,
): Promise<ReadDocument | undefined> {
  const { bookingId, kind, number } = name;
  const [row] = await on
    .select()
    .from(documents)
    .where(and(eq(documents.bookingId, bookingId), eq(documents.kind, kind), eq(documents.number, number)))
    .orderBy(desc(documents.version))
    .limit(1);
  if (!row) return undefined;
  const pdf = await keyring.unseal(bookingId, row.sealed, `document/${row.id}`);
  return { id: row.id, version: row.version, sha256: row.sha256, pdf };
}

/** Of the customer's papers; 0 before anything was drawn. Evidence counts its own. */
export async function lastDocumentVersion(on: Queryable, bookingId: string): Promise<number> {
  const [row] = await on
    .select({ version: max(documents.version) })
    .from(documents)
    .where(and(eq(documents.bookingId, bookingId), ne(documents.kind, 'evidence')));
  return row?.version ?? 0;
}
