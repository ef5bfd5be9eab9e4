// The look of the stand-ins' pages: one plain document, readable without scripts.
import { html, raw } from 'hono/html';
import type { Fault } from './faults.ts';

export type Markup = ReturnType<typeof html>;

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--accent:#4256d0}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;padding:1.5rem;max-width:72rem}
h1{font-size:1.4rem;margin:0 0 .2rem}h2{font-size:1.05rem;margin:1.8rem 0 .4rem}
p.note{margin:.2rem 0 1rem;opacity:.75}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.88rem}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;background:var(--soft)}code,td{font-variant-numeric:tabular-nums}code{font-size:.86em}
form.card{max-width:24rem;display:grid;gap:.7rem;border:1px solid var(--line);padding:1.2rem;border-radius:.5rem}
label{display:grid;gap:.2rem}input,select,button{font:inherit;padding:.45rem .6rem;border:1px solid var(--line);border-radius:.3rem}
button{background:var(--accent);color:#fff;border:0;cursor:pointer}button.plain{background:#8886}
.error{color:#c0392b}nav a{margin-right:1rem}iframe{width:100%;height:60vh;border:1px solid var(--line);background:#fff}`;

export function layout(title: string, content: unknown): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        ${content}
      </body>
    </html>`;
}

/** A heading and a table, or a sentence when there are no rows. */
export function section(title: string, columns: string[], rows: unknown[][]): Markup {
  const head = html`<h2>${title}</h2>`;
  if (rows.length === 0)
    return html`${head}
      <p class="note">none</p>`;
  return html`${head}
    <div class="scroll">
      <table>
        <thead>
          <tr>
            ${columns.map((column) => html`<th scope="col">${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                ${row.map((cell) => html`<td>${cell ?? ''}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

export function faultsSection(faults: Fault[]): Markup {
  return section(
    'Faults',
    ['match', 'kind', 'status', 'ms', 'hits', 'times', 'probability', 'seed'],
    faults.map((fault) => [
      html`<code>${fault.match}</code>`,
      fault.kind,
      fault.kind === 'status' ? fault.status : '',
      fault.ms,
      fault.hits,
      fault.times ?? 'always',
      fault.probability,
      fault.seed,
    ]),
  );
}

export function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}

/** The newest few of a table, for a page that must stay short. */
export function firstOf<Row>(rows: Iterable<Row>, limit: number): Row[] {
  const found: Row[] = [];
  for (const row of rows) {
    if (found.length >= limit) break;
    found.push(row);
  }
  return found;
}
