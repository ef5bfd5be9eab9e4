// @ts-check
// What everybody in a drill shares: where things are, who is signed in, and a note of whatever was odd.
import { ask, GaveUp } from './asking.mjs';

/** @typedef {Awaited<ReturnType<typeof openWorld>>} World */
/** @typedef {ReturnType<typeof speakerOf>} Person */
/** @typedef {{ id: string, status: string, phase: string, captured: number, refundable: number, payment: { ref: string | null } | null }} Viewed */

/**
 * @param {Pick<import('./stack.mjs').Stack, 'urls' | 'env'>} stack
 * @param {{ seed: number, windowS: number }} drill
 */
export async function openWorld({ urls, env }, { seed, windowS }) {
  /** Answers that no fault explains. @type {string[]} */
  const oddities = [];
  /** @param {string} sub @param {string} role */
  const signIn = async (sub, role) => {
    /** @type {import('../demo/http.mjs').Answer<{ token: string }>} */
    const { body } = await ask(`${urls.api}/dev/tokens`, { method: 'POST', json: { sub, role } });
    return speakerOf(urls.api, { token: body.token, oddities });
  };
  const [staff, service] = await Promise.all([signIn(`staff-${seed}`, 'staff'), signIn('voyage', 'service')]);
  return {
    urls,
    seed,
    windowMs: windowS * 1_000,
    stripeKey: env['STRIPE_SECRET_KEY'] ?? '',
    stripePublicKey: env['STRIPE_PUBLISHABLE_KEY'] ?? '',
    oddities,
    signIn,
    staff,
    service,
    visitor: speakerOf(urls.api, { oddities }),
  };
}

/**
 * @param {string} api
 * @param {{ token?: string, oddities: string[] }} as
 */
function speakerOf(api, { token, oddities }) {
  const signed = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    /**
     * The body of an answer with one of the statuses that may come; undefined for one of those that are a plain no.
     * @template T
     * @param {{ method?: string, path: string, json?: unknown, headers?: Record<string, string>, refusals?: readonly number[], onRefusal?: (code: string | undefined) => void, patienceMs?: number }} request
     * @returns {Promise<T | undefined>}
     */
    async say({ method = 'GET', path, json, headers = {}, refusals = [], onRefusal, ...rest }) {
      /** @type {import('../demo/http.mjs').Answer<T>} */
      const answer = await ask(`${api}${path}`, {
        method,
        headers: { ...signed, ...headers },
        ...(json !== undefined && { json }),
        ...rest,
      });
      if (answer.status < 300) return answer.body;
      if (refusals.includes(answer.status)) {
        onRefusal?.(codeIn(answer.bytes));
        return undefined;
      }
      const odd = `${method} ${path}: ${answer.status} ${answer.bytes.toString('utf8').slice(0, 200)}`;
      oddities.push(odd);
      throw new GaveUp(odd);
    },
  };
}

/** The native API's word for what is wrong. @param {Buffer} bytes @returns {string | undefined} */
const codeIn = (bytes) => /"code":"(\w+)"/.exec(bytes.toString('utf8'))?.[1];

/** Whoever waited for long may find that the time to pay is over. */
const TOO_LATE = [409];

/**
 * The same as `say`, where no answer would be no use.
 * @template T
 * @param {Person} person
 * @param {Omit<Parameters<Person['say']>[0], 'refusals'>} request
 * @returns {Promise<T>}
 */
export async function must(person, request) {
  /** @type {T | undefined} */
  const body = await person.say({ ...request, refusals: TOO_LATE });
  if (body === undefined) throw new GaveUp(`${request.path}: it is too late for that`);
  return body;
}

/**
 * Twice in the same moment, when the customer's finger slips: both must get the same answer.
 * @template T
 * @param {boolean} twice
 * @param {() => Promise<T>} click
 * @returns {Promise<{ first: T, second: T }>}
 */
export async function clicked(twice, click) {
  if (!twice) {
    const first = await click();
    return { first, second: first };
  }
  const [first, second] = await Promise.all([click(), click()]);
  return { first, second };
}
