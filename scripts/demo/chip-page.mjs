// @ts-check
// The customer's browser on CHIP's page and on the page of the shop that it comes back to.
import { PlainFailure } from '../parts/failure.mjs';
import { call, mustCall } from './http.mjs';

/** @typedef {{ outcome: 'paid' | 'failed', method: string }} Choice how it goes, and with which of CHIP's ways to pay */
/** @typedef {{ sentAt: number, ms: number, httpStatus: number, location: string | null, text: string }} Page */

/**
 * Opens the page, chooses a way to pay and presses its button.
 * @param {string} url
 * @param {Choice} choice
 */
export async function payOnChip(url, choice) {
  await mustCall(url);
  return press(url, choice);
}

/**
 * The button alone: a browser that has had the page open for a while.
 * @param {string} url
 * @param {Choice} choice
 * @returns {Promise<Page>}
 */
export async function press(url, { outcome, method }) {
  const form = { outcome, payment_method: method, fpx_bank_code: 'MB2U0227' };
  return pageOf(await call(url, { method: 'POST', form }));
}

/**
 * What a browser shows of a page of the shop.
 * @param {string} url
 * @returns {Promise<Page & { heading: string }>}
 */
export async function visit(url) {
  const page = pageOf(await mustCall(url, { headers: { accept: 'text/html' } }));
  const [, heading] = /<h1[^>]*>([^<]+)<\/h1>/.exec(page.text) ?? [];
  if (heading === undefined) throw new PlainFailure(`${url} shows no page with a heading.`);
  return { ...page, heading };
}

/** @param {import('./http.mjs').Answer<unknown>} answer @returns {Page} */
const pageOf = ({ sentAt, ms, status, headers, bytes }) => ({
  sentAt,
  ms,
  httpStatus: status,
  location: headers.get('location'),
  text: bytes.toString('utf8'),
});
