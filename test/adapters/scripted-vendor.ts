// A vendor that says exactly what a test scripted, call by call, and keeps what it was asked.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Line =
  | { status?: number; headers?: Record<string, string>; json: unknown }
  | { status?: number; headers?: Record<string, string>; text: string }
  /** The connection ends without an answer, or in the middle of one. */
  | { cut: 'before' | 'within' }
  | { silence: true };

export interface ScriptedVendor {
  readonly url: string;
  readonly heard: Heard[];
  /** The answers to the next calls, in order. A call beyond them gets a 500 naming itself. */
  say(...lines: readonly Line[]): void;
  stop(): Promise<void>;
}

export async function startScriptedVendor(): Promise<ScriptedVendor> {
  const heard: Heard[] = [];
  let script: Line[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      heard.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
      perform(script.shift() ?? { status: 500, text: `not in the script: ${request.url}` }, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  return {
    url: `http://127.0.0.1:${address.port}`,
    heard,
    say: (...lines) => {
      heard.length = 0;
      script = [...lines];
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return body;
}

function perform(line: Line, response: ServerResponse): void {
  if ('silence' in line) return;
  if ('cut' in line) {
    if (line.cut === 'before') return void response.destroy();
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{"id":"');
    return void setTimeout(() => response.destroy(), 10);
  }
  const body = 'json' in line ? JSON.stringify(line.json) : line.text;
  response.writeHead(line.status ?? 200, { 'content-type': 'application/json', ...line.headers });
  response.end(body);
}
