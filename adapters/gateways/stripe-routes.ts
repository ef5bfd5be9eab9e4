// Simple servers that answer for Stripe lack some of its routes: that one is not there must be told from no answer at all.
import Stripe from 'stripe';

/** No word of Stripe's, and no refusal: the call may have met somebody else's page. */
export const NO_ROUTE = 'no_such_route';

export const isNotFound = (error: unknown): error is Stripe.errors.StripeError =>
  error instanceof Stripe.errors.StripeError && error.statusCode === 404;

/** What Stripe calls missing is a thing, not a route. */
export const isNoRoute = (error: unknown): boolean => isNotFound(error) && error.code !== 'resource_missing';

/** Stripe's client takes a web server's 404 for broken JSON, and one in JSON without an error for what was asked. */
export function clientTellingRoutes(): Stripe.HttpClient {
  const client = Stripe.createNodeHttpClient();
  return {
    getClientName: () => client.getClientName(),
    makeRequest: async (...call) => {
      const response = await client.makeRequest(...call);
      if (response.getStatusCode() !== 404) return response;
      const read: () => Promise<unknown> = response.toJSON.bind(response);
      return Object.assign(response, { toJSON: () => errorIn(read) });
    },
  };
}

async function errorIn(read: () => Promise<unknown>): Promise<unknown> {
  const body = await read().catch((error: unknown) => {
    if (!(error instanceof SyntaxError)) throw error;
  });
  if (typeof body === 'object' && body && 'error' in body && body.error) return body;
  return { error: { type: 'api_error', code: NO_ROUTE, message: 'HTTP 404 without a word of Stripe' } };
}
