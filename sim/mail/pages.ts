// The inbox as pages.
import { html } from 'hono/html';
import { faultsSection, layout, section } from '../layout.ts';
import type { Markup } from '../layout.ts';
import type { Opened } from './message.ts';
import { mailsTo } from './state.ts';
import type { World } from './state.ts';

const SHOWN = 200;

export function inboxPage(world: World, to: string | undefined): Markup {
  const found = mailsTo(world, to);
  return layout(
    'Inbox',
    html`<h1>Inbox of the mail stand-in</h1>
      <p class="note">
        Nothing here was really sent. Newest ${SHOWN}; as JSON: <a href="/api/messages">/api/messages</a>
      </p>
      <form method="get" action="/">
        <label>Only mail to <input name="to" type="email" value="${to ?? ''}" /></label>
      </form>
      ${section(
        `Messages (${found.length})`,
        ['received (UTC)', 'to', 'subject', 'bytes'],
        found
          .slice(0, SHOWN)
          .map((mail) => [
            mail.receivedAt.slice(0, 19).replace('T', ' '),
            mail.to.join(', '),
            html`<a href="/messages/${mail.id}">${mail.subject || '(no subject)'}</a>`,
            mail.size,
          ]),
      )}
      ${faultsSection(world.faults.list())}`,
  );
}

export function messagePage({ mail, html: body, text, files }: Opened): Markup {
  const shown = body
    ? html`<iframe sandbox title="Message" src="/messages/${mail.id}/html"></iframe>`
    : html`<pre>${text}</pre>`;
  return layout(
    mail.subject,
    html`<nav>
        <a href="/">Inbox</a><a href="/api/messages/${mail.id}">JSON</a><a href="/api/messages/${mail.id}/raw">Raw</a>
      </nav>
      <h1>${mail.subject || '(no subject)'}</h1>
      <p class="note">From ${mail.from} to ${mail.to.join(', ')}, ${mail.receivedAt}</p>
      ${shown}
      ${section(
        'Attachments',
        ['file', 'type', 'bytes'],
        files.map((file) => [
          html`<a href="/api/messages/${mail.id}/attachments/${file.index}">${file.filename}</a>`,
          file.contentType,
          file.size,
        ]),
      )}
      ${
        body && text
          ? html`<h2>Plain text</h2>
              <pre>${text}</pre>`
          : ''
      }`,
  );
}

export function missingPage(): Markup {
  return layout(
    'Not found',
    html`<h1>No such message</h1>
      <p><a href="/">Inbox</a></p>`,
  );
}
