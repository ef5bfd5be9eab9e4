// One message opened: its parts, as a page or a program wants them.
import PostalMime from 'postal-mime';
import type { Attachment } from 'postal-mime';
import type { Mail, World } from './state.ts';

export type File = {
  index: number;
  filename: string;
  contentType: string;
  contentId: string;
  size: number;
  bytes: Uint8Array<ArrayBuffer>;
};

export type Opened = {
  mail: Mail;
  html: string;
  text: string;
  headers: { key: string; value: string }[];
  files: File[];
};

export async function opened(world: World, id: string): Promise<Opened | undefined> {
  const mail = world.mails.get(id);
  const raw = world.raws.get(id);
  if (!mail || !raw) return undefined;
  const email = await PostalMime.parse(raw);
  return {
    mail,
    html: email.html ?? '',
    text: email.text ?? '',
    headers: email.headers.map(({ key, value }) => ({ key, value })),
    files: email.attachments.map(fileFrom),
  };
}

function fileFrom(attachment: Attachment, index: number): File {
  const { content } = attachment;
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content);
  return {
    index,
    filename: attachment.filename ?? `attachment-${index}`,
    contentType: attachment.mimeType,
    contentId: (attachment.contentId ?? '').replaceAll(/[<>]/g, ''),
    size: bytes.length,
    bytes,
  };
}

export function asJson({ mail, html, text, headers, files }: Opened): Record<string, unknown> {
  return {
    ...mail,
    html,
    text,
    headers,
    attachments: files.map(({ bytes: _, ...file }) => ({
      ...file,
      url: `/api/messages/${mail.id}/attachments/${file.index}`,
    })),
  };
}

/** Pictures sent along are shown from their own addresses. */
export function htmlWithPictures({ mail, html, files }: Opened): string {
  let shown = html;
  for (const file of files) {
    if (file.contentId === '') continue;
    shown = shown.replaceAll(`cid:${file.contentId}`, `/api/messages/${mail.id}/attachments/${file.index}`);
  }
  return shown;
}
