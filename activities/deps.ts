import type { Database } from '../db/client.ts';
import type { Keyring } from '../db/keyring.ts';

import type { Brand, DocumentContent } from '../domain/documents.ts';
import type { Gateway, GatewayName } from '../domain/payment.ts';
import type { Supplier, SupplierName } from '../domain/supply.ts';
import type { Recorder } from './record.ts';

export interface Deps {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly record: Recorder;
  readonly gateways: Readonly<Record<GatewayName, Gateway>>;
  readonly suppliers: Readonly<Record<SupplierName, Supplier>>;
  readonly renderPdf: (content: DocumentContent) => Promise<Uint8Array>;
  readonly brand: Brand;
  /** Where a gateway's own page sends its customer back to. */
  readonly returnUrls: { readonly success: string; readonly cancel: string };
  /** Where our own pages of a checkout are, which know how a cart was left. */
  readonly checkoutUrl: string;
  readonly clock: () => Date;
}
