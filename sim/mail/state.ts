// The inbox: who got what, and the raw messages, the oldest of which are let go when memory runs over.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaultBook } from '../faults.ts';
import { Store } from '../store.ts';
import type { Index, Table } from '../table.ts';

/** How many bytes of raw messages stay in memory. */
const KEPT_BYTES = 128 * 1024 * 1024;

const MAIL_FAULTS = ['reject', 'delay', 'drop', 'drop_after'] as const;

export type Mail = {
  id: string;
  receivedAt: string;
  /** Of the envelope. */
  from: string;
  to: string[];
  subject: string;
  messageId: string;
  size: number;
};

type Recipient = { id: string; mail: string; address: string };

export type World = {
  store: Store;
  faults: FaultBook;
  settings: { maxBytes: number };
  mails: Table<Mail>;
  recipients: Table<Recipient>;
  byRecipient: Index<Recipient>;
  raws: RawMails;
};

export function createWorld(dataDir?: string): World {
  const store = new Store(dataDir && join(dataDir, 'mail.jsonl'));
  const recipients = store.table<Recipient>('recipients');
  return {
    store,
    faults: new FaultBook(MAIL_FAULTS),
    settings: { maxBytes: 25 * 1024 * 1024 },
    mails: store.table('mails'),
    recipients,
    byRecipient: recipients.index((recipient) => recipient.address),
    raws: new RawMails(dataDir && join(dataDir, 'mail')),
  };
}

export function keep(world: World, mail: Mail, raw: Buffer): void {
  world.raws.put(mail.id, raw);
  world.mails.put(mail);
  for (const address of new Set(mail.to.map((each) => each.toLowerCase()))) {
    world.recipients.put({ id: `${mail.id}/${address}`, mail: mail.id, address });
  }
}

/** Newest first; only those to `address` when one is given. */
export function mailsTo(world: World, address: string | undefined): Mail[] {
  if (address === undefined) return Array.from(world.mails.newest());
  return world.byRecipient
    .all(address.toLowerCase())
    .flatMap(({ mail }) => world.mails.get(mail) ?? [])
    .toReversed();
}

class RawMails {
  readonly #folder: string | undefined;
  readonly #kept = new Map<string, Buffer>();
  #bytes = 0;

  constructor(folder?: string) {
    this.#folder = folder;
    if (folder) mkdirSync(folder, { recursive: true });
  }

  put(id: string, raw: Buffer): void {
    this.#kept.set(id, raw);
    this.#bytes += raw.length;
    for (const [oldest, bytes] of this.#kept) {
      if (this.#bytes <= KEPT_BYTES) break;
      this.#kept.delete(oldest);
      this.#bytes -= bytes.length;
    }
    if (this.#folder) {
      writeFile(this.#file(this.#folder, id), raw).catch((error: unknown) =>
        console.error(`sim: could not keep mail ${id}: ${String(error)}`),
      );
    }
  }

  get(id: string): Buffer | undefined {
    return this.#kept.get(id) ?? this.#fromDisk(id);
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
    if (!this.#folder) return;
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { recursive: true });
  }

  #fromDisk(id: string): Buffer | undefined {
    if (!this.#folder || !/^msg_\w+$/.test(id)) return undefined;
    try {
      return readFileSync(this.#file(this.#folder, id));
    } catch {
      return undefined;
    }
  }

  #file(folder: string, id: string): string {
    return join(folder, `${id}.eml`);
  }
}
