// Which endpoint answers which method and path, and who may call it.
import type { Call } from './call.ts';
import {
  cancelIntent,
  captureIntent,
  confirmEndpoint,
  createIntent,
  listIntents,
  retrieveIntent,
  updateIntent,
} from './intents.ts';
import { closeDispute, listDisputes, retrieveDispute, updateDispute } from './disputes.ts';
import { createMethod, retrieveMethod } from './methods.ts';
import {
  listBalanceTransactions,
  listCharges,
  listEvents,
  retrieveBalance,
  retrieveBalanceTransaction,
  retrieveCharge,
  retrieveEvent,
} from './reads.ts';
import { cancelRefund, createRefund, listRefunds, retrieveRefund, updateRefund } from './refunds.ts';
import {
  createSession,
  expireSession,
  listLineItems,
  listSessions,
  retrieveSession,
  updateSession,
} from './sessions.ts';
import type { World } from './state.ts';

export type Route = {
  method: 'GET' | 'POST';
  path: string;
  /** May a browser call it with a publishable key? */
  browser: boolean;
  endpoint: (world: World, call: Call) => unknown;
};

export const routes: Route[] = [
  server('POST', '/v1/payment_intents', createIntent),
  server('GET', '/v1/payment_intents', listIntents),
  browser('GET', '/v1/payment_intents/:id', retrieveIntent),
  server('POST', '/v1/payment_intents/:id', updateIntent),
  browser('POST', '/v1/payment_intents/:id/confirm', confirmEndpoint),
  server('POST', '/v1/payment_intents/:id/capture', captureIntent),
  server('POST', '/v1/payment_intents/:id/cancel', cancelIntent),
  server('POST', '/v1/checkout/sessions', createSession),
  server('GET', '/v1/checkout/sessions', listSessions),
  server('GET', '/v1/checkout/sessions/:id', retrieveSession),
  server('POST', '/v1/checkout/sessions/:id', updateSession),
  server('POST', '/v1/checkout/sessions/:id/expire', expireSession),
  server('GET', '/v1/checkout/sessions/:id/line_items', listLineItems),
  server('GET', '/v1/disputes', listDisputes),
  server('GET', '/v1/disputes/:id', retrieveDispute),
  server('POST', '/v1/disputes/:id', updateDispute),
  server('POST', '/v1/disputes/:id/close', closeDispute),
  server('POST', '/v1/refunds', createRefund),
  server('GET', '/v1/refunds', listRefunds),
  server('GET', '/v1/refunds/:id', retrieveRefund),
  server('POST', '/v1/refunds/:id', updateRefund),
  server('POST', '/v1/refunds/:id/cancel', cancelRefund),
  server('GET', '/v1/charges', listCharges),
  server('GET', '/v1/charges/:id', retrieveCharge),
  server('GET', '/v1/balance_transactions', listBalanceTransactions),
  server('GET', '/v1/balance_transactions/:id', retrieveBalanceTransaction),
  server('GET', '/v1/balance', retrieveBalance),
  server('GET', '/v1/events', listEvents),
  server('GET', '/v1/events/:id', retrieveEvent),
  browser('POST', '/v1/payment_methods', createMethod),
  server('GET', '/v1/payment_methods/:id', retrieveMethod),
];

function server(method: Route['method'], path: string, endpoint: Route['endpoint']): Route {
  return { method, path, browser: false, endpoint };
}

function browser(method: Route['method'], path: string, endpoint: Route['endpoint']): Route {
  return { method, path, browser: true, endpoint };
}
