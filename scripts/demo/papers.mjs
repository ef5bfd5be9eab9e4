// @ts-check
// The papers of a booking as its customer downloads them, kept as files.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** @typedef {{ kind: 'voucher' | 'receipt', file: string, bytes: number, isPdf: boolean }} Paper */

/**
 * Papers that are not there are left out: whether one must be is for the ending to say.
 * @param {import('./shop.mjs').Visitor} customer
 * @param {{ dir: string, receiptUrl: string, vouchers: readonly { number: number, url: string }[] }} wanted
 * @returns {Promise<Paper[]>}
 */
export async function savePapers(customer, { dir, receiptUrl, vouchers }) {
  const receipt = /** @type {const} */ ({ kind: 'receipt', url: receiptUrl, name: 'receipt.pdf' });
  const ordered = vouchers.map(
    ({ number, url }) => /** @type {const} */ ({ kind: 'voucher', url, name: `voucher-${number}.pdf` }),
  );
  const saved = await Promise.all(
    [...ordered, receipt].map(async ({ kind, url, name }) => {
      const content = await customer.paper(url);
      if (!content) return [];
      const file = path.join(dir, name);
      await mkdir(dir, { recursive: true });
      await writeFile(file, content);
      return [{ kind, file, bytes: content.length, isPdf: content.subarray(0, 5).toString('latin1') === '%PDF-' }];
    }),
  );
  return saved.flat();
}
