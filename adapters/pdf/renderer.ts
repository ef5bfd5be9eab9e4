// Draws documents in a thread of their own, so that shaping and compressing never hold up the worker's
// event loop. The thread is replaced when it dies or hangs.
import { Worker } from 'node:worker_threads';
import type { DocumentContent } from '../../domain/documents.ts';
import type { Drawn } from './thread.ts';

export interface PdfRenderer {
  /** Rejects when the document cannot be drawn; asking again uses a fresh thread if the last one died. */
  readonly render: (content: DocumentContent) => Promise<Uint8Array>;
  /** Loads the thread ahead of the first document, which would wait for it otherwise. */
  readonly warm: () => void;
  readonly close: () => Promise<void>;
}

export interface PdfRendererOptions {
  /** How long one document may take before its thread is given up. */
  readonly timeoutMs?: number;
  readonly threadUrl?: URL;
}

interface Job {
  readonly content: DocumentContent;
  readonly resolve: (pdf: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const THREAD_URL = new URL('./thread.mjs', import.meta.url);

export function createPdfRenderer(options: PdfRendererOptions = {}): PdfRenderer {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, threadUrl = THREAD_URL } = options;
  const waiting: Job[] = [];
  let thread: Worker | undefined;
  let busy = false;
  let closed = false;

  function running(): Worker {
    if (thread) return thread;
    const started = startThread(threadUrl);
    // Between two documents nobody listens: a thread that dies then is simply not there for the next.
    started
      .on('error', () => undefined)
      .once('exit', () => {
        if (thread === started) thread = undefined;
      });
    return (thread = started);
  }

  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      const current = running();
      const outcome = await draw(current, job.content, timeoutMs);
      if (outcome.kind === 'drawn') job.resolve(outcome.pdf);
      else job.reject(new Error(outcome.message));
      if (outcome.kind === 'lost') {
        thread = undefined;
        await current.terminate();
      }
    }
    busy = false;
  }

  return {
    render: (content) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new Error('the PDF renderer is closed'));
        waiting.push({ content, resolve, reject });
        void work();
      }),
    warm: () => void running(),
    close: async () => {
      closed = true;
      for (const job of waiting.splice(0)) job.reject(new Error('the PDF renderer is closed'));
      await thread?.terminate();
    },
  };
}

function startThread(url: URL): Worker {
  // Flags of this process (a loader, an inspector) are not the thread's.
  const thread = new Worker(url, { execArgv: [] });
  // An idle thread must not keep the process alive.
  thread.unref();
  return thread;
}

type Outcome = Drawn | { kind: 'lost'; message: string };

function draw(thread: Worker, content: DocumentContent, timeoutMs: number): Promise<Outcome> {
  const { promise, resolve } = withResolver<Outcome>();
  const lost = (why: string) => resolve({ kind: 'lost', message: `the PDF thread ${why}` });
  const onError = (error: unknown) => lost(`died: ${String(error)}`);
  const onExit = () => lost('ended');
  const timer = setTimeout(() => lost(`gave no answer for ${timeoutMs} ms`), timeoutMs);
  thread.once('message', resolve).once('error', onError).once('exit', onExit);
  thread.ref();
  try {
    thread.postMessage(content, []);
  } catch (error) {
    resolve({ kind: 'failed', message: String(error) });
  }
  return promise.finally(() => {
    clearTimeout(timer);
    thread.off('message', resolve).off('error', onError).off('exit', onExit);
    thread.unref();
  });
}

function withResolver<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
