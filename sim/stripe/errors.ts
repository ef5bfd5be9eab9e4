// Stripe's error bodies (reference: error object with type, code, decline_code, param, message).
import { json } from '../reply.ts';
import type { Fault } from '../faults.ts';
import type { Reply } from '../reply.ts';
import type { Intent } from './objects.ts';

export type ErrorBody = {
  type: 'card_error' | 'invalid_request_error' | 'idempotency_error' | 'api_error';
  message: string;
  code?: string;
  decline_code?: string;
  param?: string;
  charge?: string;
  payment_intent?: Intent | Record<string, unknown>;
  payment_method?: unknown;
  doc_url?: string;
};

/** Thrown anywhere below an endpoint, turned into the answer at its top. */
export class StripeError extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  /** False when the endpoint had not begun to execute: then no idempotent result is kept. */
  readonly stored: boolean;

  constructor(status: number, body: ErrorBody, stored: boolean) {
    super(body.message);
    this.status = status;
    this.body = body.code ? { ...body, doc_url: docUrl(body.code) } : body;
    this.stored = stored;
  }
}

export function invalidParameter(param: string, code: string, message: string): StripeError {
  return new StripeError(400, { type: 'invalid_request_error', code, param, message }, false);
}

export function invalidRequest(message: string, extra: Partial<ErrorBody> = {}): StripeError {
  return new StripeError(400, { type: 'invalid_request_error', message, ...extra }, true);
}

/** `named` 404: the object in the path. 400: an object named by a parameter. */
export function missing(kind: string, id: string, where: { param: string; status: 400 | 404 }) {
  return new StripeError(
    where.status,
    {
      type: 'invalid_request_error',
      code: 'resource_missing',
      param: where.param,
      message: `No such ${kind}: '${id}'`,
    },
    false,
  );
}

export function unexpectedState(intent: Intent, verb: string): StripeError {
  return invalidRequest(`You cannot ${verb} this PaymentIntent because it has a status of ${intent.status}.`, {
    code: 'payment_intent_unexpected_state',
    payment_intent: intent,
  });
}

export function unauthorized(message: string, code?: string): StripeError {
  return new StripeError(401, { type: 'invalid_request_error', message, ...(code ? { code } : {}) }, false);
}

export function errorReply(error: unknown): Reply {
  if (error instanceof StripeError) return json(error.status, { error: error.body });
  console.error('stripe stand-in: unexpected', error);
  return json(500, { error: { type: 'api_error', message: 'An unknown error occurred' } });
}

export function unknownRoute(method: string, path: string): Reply {
  const message = `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`;
  return json(404, { error: { type: 'invalid_request_error', message } });
}

export function faultReply(fault: Fault): Reply {
  return json(fault.status, { error: faultBody(fault) }, fault.headers);
}

function faultBody(fault: Fault): ErrorBody {
  if (fault.status === 429) {
    return {
      type: 'invalid_request_error',
      code: fault.code || 'rate_limit',
      message: 'Request rate limit exceeded. Learn more about rate limits.',
    };
  }
  return {
    type: fault.status < 500 ? 'invalid_request_error' : 'api_error',
    message: 'An unknown error occurred (asked for by a fault of this stand-in).',
    ...(fault.code ? { code: fault.code } : {}),
  };
}

function docUrl(code: string): string {
  return `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`;
}
