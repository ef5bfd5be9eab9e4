// What people did, for ever. Details hold ids and choices, never personal data.
import type { Queryable } from './client.ts';
import { audit } from './schema.ts';

export interface AuditEntry {
  readonly actor: string;
  readonly role: string;
  readonly action: string;
  readonly bookingId?: string | null;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export async function recordAudit(on: Queryable, { detail = {}, ...entry }: AuditEntry): Promise<void> {
  await on.insert(audit).values({ ...entry, detail });
}
