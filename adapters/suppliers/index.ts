// The suppliers there are, by name: whoever adds a name must add its supplier here.
import type { Supplier, SupplierName } from '../../domain/supply.ts';
import { createKlook } from './klook.ts';
import type { KlookConfig } from './klook.ts';

export interface SuppliersConfig {
  readonly klook: KlookConfig;
}

export function createSuppliers({ klook }: SuppliersConfig) {
  return { klook: createKlook(klook) } satisfies Record<SupplierName, Supplier>;
}
