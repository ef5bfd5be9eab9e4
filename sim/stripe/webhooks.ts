// Sends events to the endpoints: first tries in order of creation, each try freshly signed, failures retried with
// growing waits and without holding up other events.
import { createHmac } from 'node:crypto';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { WEBHOOK_FAULTS } from '../faults.ts';
import type { StripeEvent } from './objects.ts';
import type { Delivery, Endpoint, World } from './state.ts';

const ANSWER_WITHIN_MS = 10_000;
const SOCKETS = 32;
const REORDER_MS = 1_000;

type Held = { delivery: Delivery; timer: NodeJS.Timeout };

export class WebhookSender {
  readonly #world: World;
  readonly #agents = {
    'http:': new HttpAgent({ keepAlive: true, maxSockets: SOCKETS }),
    'https:': new HttpsAgent({ keepAlive: true, maxSockets: SOCKETS }),
  };
  readonly #timers = new Set<NodeJS.Timeout>();
  #held: Held[] = [];
  #count = 0;
  #stopped = false;

  constructor(world: World) {
    this.#world = world;
    this.#count = world.deliveries.size;
    for (const delivery of world.deliveries.values()) {
      if (delivery.status === 'pending') this.#later(delivery, 0);
    }
  }

  deliver(event: StripeEvent): void {
    for (const endpoint of this.#world.endpoints.values()) {
      const fault = this.#world.faults.take(event.type, WEBHOOK_FAULTS);
      const delivery = this.#delivery(event, endpoint);
      if (fault?.kind === 'webhook_drop') {
        this.#world.deliveries.put({ ...delivery, status: 'dropped' });
      } else if (fault?.kind === 'webhook_delay') {
        this.#later(delivery, fault.ms);
      } else if (fault?.kind === 'webhook_reorder') {
        this.#hold(delivery, fault.ms || REORDER_MS);
      } else {
        if (fault?.kind === 'webhook_duplicate') void this.#try(this.#delivery(event, endpoint));
        void this.#try(delivery);
      }
    }
  }

  /** Sends an old event once more to every endpoint, as a person would from Stripe's dashboard. */
  resend(event: StripeEvent): void {
    for (const endpoint of this.#world.endpoints.values()) void this.#try(this.#delivery(event, endpoint));
  }

  stop(): void {
    this.#stopped = true;
    this.forget();
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  /** Drops what waits to be sent. */
  forget(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const { timer } of this.#held) clearTimeout(timer);
    this.#timers.clear();
    this.#held = [];
  }

  #delivery(event: StripeEvent, endpoint: Endpoint): Delivery {
    this.#count += 1;
    return this.#world.deliveries.put({
      id: `whd_${this.#count}`,
      event: event.id,
      type: event.type,
      endpoint: endpoint.id,
      status: 'pending',
      tries: 0,
      lastStatus: null,
      lastError: null,
      nextAt: Date.now(),
    });
  }

  #later(delivery: Delivery, ms: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#try(delivery);
    }, ms);
    this.#timers.add(timer.unref());
  }

  /** Keeps an event back until a later one has been sent, or until the time is over. */
  #hold(delivery: Delivery, ms: number): void {
    const timer = setTimeout(() => this.#release(), ms).unref();
    this.#held.push({ delivery, timer });
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    for (const { delivery, timer } of held) {
      clearTimeout(timer);
      void this.#try(delivery);
    }
  }

  async #try(delivery: Delivery): Promise<void> {
    const { endpoints, events, deliveries, settings } = this.#world;
    const endpoint = endpoints.get(delivery.endpoint);
    const event = events.get(delivery.event);
    if (this.#stopped || !event) return;
    if (!endpoint) {
      deliveries.put({ ...delivery, status: 'given_up', lastError: 'endpoint removed' });
      return;
    }
    const { status, error } = await this.#post(endpoint, JSON.stringify(event, null, 2));
    if (this.#stopped || !events.get(event.id)) return;
    const after = { ...delivery, tries: delivery.tries + 1, lastStatus: status, lastError: error };
    if (status !== null && status >= 200 && status < 300) {
      deliveries.put({ ...after, status: 'delivered', nextAt: null });
    } else if (after.tries >= settings.webhookTries) {
      deliveries.put({ ...after, status: 'given_up', nextAt: null });
    } else {
      const wait = Math.min(settings.webhookRetryMs * 2 ** Math.min(delivery.tries, 20), settings.webhookRetryCapMs);
      this.#later(deliveries.put({ ...after, nextAt: Date.now() + wait }), wait);
    }
    if (this.#held.length > 0) this.#release();
  }

  #post(endpoint: Endpoint, body: string): Promise<{ status: number | null; error: string | null }> {
    return new Promise((resolve) => {
      const failed = (error: Error) => resolve({ status: null, error: error.message });
      try {
        const url = new URL(endpoint.url);
        const secure = url.protocol === 'https:';
        const request = (secure ? httpsRequest : httpRequest)(url, {
          method: 'POST',
          agent: this.#agents[secure ? 'https:' : 'http:'],
          timeout: ANSWER_WITHIN_MS,
        });
        request.once('error', failed);
        request.once('timeout', () => request.destroy(new Error('no answer in time')));
        request.once('response', (response) => {
          response.resume();
          response.once('close', () => resolve({ status: response.statusCode ?? null, error: null }));
        });
        request.setHeader('content-type', 'application/json; charset=utf-8');
        request.setHeader('user-agent', 'Stripe/1.0 (stand-in)');
        request.setHeader('stripe-signature', signature(body, endpoint.secret));
        request.end(body);
      } catch (error) {
        failed(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }
}

/** One `v1` per secret: during a rotation Stripe signs with the old and the new one. */
function signature(body: string, secrets: string): string {
  const time = Math.floor(Date.now() / 1000);
  const signed = secrets.split(',').map((secret) => {
    const hex = createHmac('sha256', secret.trim()).update(`${time}.${body}`).digest('hex');
    return `v1=${hex}`;
  });
  return [`t=${time}`, ...signed].join(',');
}
