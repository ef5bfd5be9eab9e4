// A page as it is kept: sealed with the booking's key, under a name that says which one it is.
import { createHash } from 'node:crypto';
import type { documents } from '../db/schema.ts';
import type { DocumentContent } from '../domain/documents.ts';
import type { Deps } from './deps.ts';

export type DocumentRow = typeof documents.$inferInsert;

export async function drawDocument(
  { renderPdf, keyring }: Deps,
  content: DocumentContent,
  name: Pick<DocumentRow, 'bookingId' | 'kind' | 'number' | 'version'>,
): Promise<DocumentRow> {
  const { bookingId, kind, number, version } = name;
  const pdf = await renderPdf(content);
  const id = `doc_${bookingId.slice('bk_'.length)}_${kind}_${number}_${version}`;
  const sealed = await keyring.seal(bookingId, pdf, `document/${id}`);
  return { id, ...name, sealed, sha256: createHash('sha256').update(pdf).digest('hex') };
}
