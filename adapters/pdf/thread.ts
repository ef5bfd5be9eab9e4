// The renderer's thread: one document in, one PDF or the reason why not out.
import { parentPort } from 'node:worker_threads';
import type { DocumentContent } from '../../domain/documents.ts';
import { drawDocument } from './document-pdf.ts';

export type Drawn = { kind: 'drawn'; pdf: Uint8Array } | { kind: 'failed'; message: string };

const port = parentPort;
if (!port) throw new Error('this file runs as a worker thread');

port.on('message', (content: DocumentContent) => {
  drawDocument(content).then(
    (pdf) => port.postMessage({ kind: 'drawn', pdf } satisfies Drawn),
    (error: unknown) => port.postMessage({ kind: 'failed', message: String(error) } satisfies Drawn),
  );
});
