/** @jsxImportSource hono/jsx */
import { raw } from 'hono/html';
import type { DocAnswer, DocOperation, DocParameter, ReadDocument } from './docs-document.ts';

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --mark: #0b6e4f; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 60rem; }
h1 { margin-bottom: 0 } nav ul { columns: 18rem; padding-left: 1.2rem } a { color: inherit }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; padding: .5rem .75rem }
summary { cursor: pointer; overflow-wrap: anywhere } summary span { opacity: .75 }
code, pre { font: 14px/1.45 ui-monospace, monospace } pre { background: var(--soft); border-radius: .4rem; overflow-x: auto; padding: .75rem }
b.method { color: var(--mark); display: inline-block; min-width: 4.5rem }
@media (prefers-color-scheme: dark) { :root { --mark: #5fd3a6 } }
table { border-collapse: collapse } td, th { border-bottom: 1px solid var(--line); padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top }
`;

export const Page = ({ document }: { document: ReadDocument }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{document.title} API</title>
      <style>{raw(STYLE)}</style>
    </head>
    <body>
      <h1>{document.title} API</h1>
      {document.description.split('\n').map((line) => (
        <p>{line}</p>
      ))}
      <p>
        For programs: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).
      </p>
      <p>
        Where an example says <code>$TOKEN</code>, set one first; on a developer's machine <code>POST /dev/tokens</code>{' '}
        gives them for any role. Other names after <code>$</code>, in a path or in a body, are yours to set too.
      </p>
      <nav aria-label="Groups">
        <ul>
          {document.groups.map(({ tag }) => (
            <li>
              <a href={`#${tag}`}>{tag}</a>
            </li>
          ))}
        </ul>
      </nav>
      <main>
        {document.groups.map(({ tag, operations }) => (
          <section id={tag}>
            <h2>{tag}</h2>
            {operations.map((operation) => (
              <Operation operation={operation} />
            ))}
          </section>
        ))}
      </main>
    </body>
  </html>
);

const Operation = ({ operation }: { operation: DocOperation }) => (
  <details id={operation.id}>
    <summary>
      <b class="method">{operation.method}</b> <code>{operation.path}</code> <span>{operation.summary}</span>
    </summary>
    {operation.description && <p>{operation.description}</p>}
    <p class="who">{whoMay(operation)}</p>
    {operation.parameters.length > 0 && <Parameters parameters={operation.parameters} />}
    {operation.bodyShape && <Block title="Body" text={operation.bodyShape} />}
    <Block title="Try it" text={operation.command} />
    <h4>Answers</h4>
    {operation.answers.map((answer) => (
      <Answer answer={answer} />
    ))}
  </details>
);

function whoMay({ secured, roles }: DocOperation): string {
  if (!secured) return 'Needs no token.';
  return roles.length > 0
    ? `Needs a bearer token with role ${roles.join(' or ')}.`
    : 'Needs a bearer token, of any role.';
}

const Parameters = ({ parameters }: { parameters: readonly DocParameter[] }) => (
  <table>
    <tr>
      <th scope="col">Parameter</th>
      <th scope="col">In</th>
      <th scope="col">Type</th>
      <th scope="col">Meaning</th>
    </tr>
    {parameters.map(({ name, place, required, type, description }) => (
      <tr>
        <td>
          <code>{name}</code>
          {required && ' (required)'}
        </td>
        <td>{place}</td>
        <td>
          <code>{type}</code>
        </td>
        <td>{description}</td>
      </tr>
    ))}
  </table>
);

const Block = ({ title, text }: { title: string; text: string }) => (
  <>
    <h4>{title}</h4>
    <pre>{text}</pre>
  </>
);

const Answer = ({ answer: { status, description, shape } }: { answer: DocAnswer }) => (
  <details>
    <summary>
      <b>{status}</b> <span>{description}</span>
    </summary>
    <pre>{shape}</pre>
  </details>
);
