// @ts-check
// Behind the scenes of the stand-ins: changing the world on purpose, and asking them what really happened.
import { mustCall } from './http.mjs';

/** @typedef {{ status: string, amount: number, amount_refunded: number, captured: boolean, currency: string }} Charge */
/** @typedef {{ type: string, amountMinor: number, order: string | null }} BalanceLine */
/** @typedef {{ id: string, receivedAt: string, to: string[], subject: string }} Letter */
/** @typedef {{ contentType: string, filename: string, size: number }} Attachment */
/** @typedef {{ id: string, hits: number }} Fault */
/** @typedef {ReturnType<typeof createStandIns>} StandIns */

/** @param {import('./stack.mjs').Stack} stack */
export function createStandIns({ urls, env }) {
  return {
    klook: klook(urls.klook),
    stripe: stripe(urls.stripe, env.STRIPE_SECRET_KEY),
    chip: chip(urls.chip),
    mail: mailbox(urls.mail),
  };
}

/** @param {string} url */
function klook(url) {
  const post = (/** @type {string} */ path, /** @type {object} */ json) =>
    mustCall(`${url}${path}`, { method: 'POST', json });
  return {
    /** @param {{ sku_id: string, [field: string]: unknown }} change */
    changeCatalogue: (change) => post('/_sim/catalog', change),
    /** @param {{ set: string } | { topup: string }} change */
    changeBalance: (change) => post('/_sim/balance', change),
    /**
     * What the balance paid and got back for one order.
     * @param {string | null} orderNo
     * @returns {Promise<BalanceLine[]>}
     */
    async movementsOf(orderNo) {
      if (orderNo === null) return [];
      /** @type {import('./http.mjs').Answer<{ ledger: BalanceLine[] }>} */
      const { body } = await mustCall(`${url}/_sim/state?only=ledger`);
      return body.ledger.filter((line) => line.order === orderNo);
    },
  };
}

/**
 * @param {string} url
 * @param {string} [secretKey]
 */
function stripe(url, secretKey = '') {
  const headers = { authorization: `Bearer ${secretKey}` };
  return {
    /**
     * @param {string} intentId
     * @returns {Promise<Charge[]>}
     */
    async chargesOf(intentId) {
      /** @type {import('./http.mjs').Answer<{ data: Charge[] }>} */
      const { body } = await mustCall(`${url}/v1/charges?payment_intent=${intentId}`, { headers });
      return body.data;
    },
    /**
     * The intent behind a page that was paid on.
     * @param {string} sessionId
     */
    async intentOfSession(sessionId) {
      /** @type {import('./http.mjs').Answer<{ payment_intent: string }>} */
      const { body } = await mustCall(`${url}/v1/checkout/sessions/${sessionId}`, { headers });
      return body.payment_intent;
    },
    /**
     * In full, and past us: only the webhook tells of it.
     * @param {string} intentId
     */
    refundInDashboard: (intentId) =>
      mustCall(`${url}/v1/refunds`, { method: 'POST', headers, form: { payment_intent: intentId } }),
    /** @param {readonly string[]} unsupported */
    refuseCurrencies: (unsupported) => mustCall(`${url}/_sim/currencies`, { method: 'POST', json: { unsupported } }),
    /**
     * Loses the next event of a type, for ever; `forget` takes the rule away again when it has hit nothing.
     * @param {string} type
     */
    async loseNext(type) {
      const json = { kind: 'webhook_drop', match: `^${type.replaceAll('.', '\\.')}$`, times: 1 };
      /** @type {import('./http.mjs').Answer<Fault>} */
      const { body: rule } = await mustCall(`${url}/_sim/faults`, { method: 'POST', json });
      const isLost = async () => {
        /** @type {import('./http.mjs').Answer<{ faults: Fault[] }>} */
        const { body } = await mustCall(`${url}/_sim/faults`);
        return body.faults.some(({ id, hits }) => id === rule.id && hits > 0);
      };
      return {
        isLost,
        async forget() {
          if (!(await isLost())) await mustCall(`${url}/_sim/faults`, { method: 'DELETE' });
        },
      };
    },
  };
}

/**
 * @typedef {object} Purchase
 * @property {string} id
 * @property {string} reference
 * @property {string} status
 * @property {{ total: number, currency: string }} purchase
 * @property {{ amount: number, currency: string } | null} payment what came
 * @property {number} refundable_amount
 */

/** @typedef {{ callbacks: 'send' | 'none', webhooks: 'send' | 'none' }} ChipNews */

/** @param {string} url */
function chip(url) {
  const purchases = async () => {
    /** @type {import('./http.mjs').Answer<{ purchases: Purchase[] }>} */
    const { body } = await mustCall(`${url}/_sim/state?only=purchases`);
    return body.purchases;
  };
  return {
    /**
     * Every one that was ever made for a cart.
     * @param {string} reference
     */
    purchasesFor: async (reference) => (await purchases()).filter((purchase) => purchase.reference === reference),
    /**
     * What came for a purchase, in the words of the other gateway.
     * @param {string} id
     * @returns {Promise<Charge[]>}
     */
    async chargesOf(id) {
      const taken = (await purchases()).filter((purchase) => purchase.id === id);
      return taken.flatMap(({ payment, refundable_amount: left }) =>
        payment ? [{ status: 'succeeded', captured: true, ...payment, amount_refunded: payment.amount - left }] : [],
      );
    },
    /** @returns {Promise<ChipNews>} */
    async news() {
      /** @type {import('./http.mjs').Answer<ChipNews>} */
      const { body } = await mustCall(`${url}/_sim/settings`);
      const { callbacks, webhooks } = body;
      return { callbacks, webhooks };
    },
    /** @param {ChipNews} news */
    tell: (news) => mustCall(`${url}/_sim/settings`, { method: 'POST', json: news }),
  };
}

/** @param {string} url */
function mailbox(url) {
  return {
    /**
     * Letters to one person, or the newest to anybody.
     * @param {{ to: string } | { limit: string }} which
     * @returns {Promise<Letter[]>}
     */
    async letters(which) {
      /** @type {import('./http.mjs').Answer<{ messages: Letter[] }>} */
      const { body } = await mustCall(`${url}/api/messages?${new URLSearchParams(which).toString()}`);
      return body.messages;
    },
    /**
     * @param {string} id
     * @returns {Promise<Attachment[]>}
     */
    async attachmentsOf(id) {
      /** @type {import('./http.mjs').Answer<{ attachments: Attachment[] }>} */
      const { body } = await mustCall(`${url}/api/messages/${id}`);
      return body.attachments;
    },
    /** @param {string} id */
    pageOf: (id) => `${url}/messages/${id}`,
  };
}
