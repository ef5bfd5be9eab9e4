// Sends callbacks and webhooks: of one object and to one address strictly one after another, so that one nobody takes
// holds up those behind it, until it is given up.
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { WEBHOOK_FAULTS } from '../faults.ts';
import { COMPANY, otherKey, signature } from './keys.ts';
import { SIGNATURE_FAULTS } from './state.ts';
import type { Channel, ChipEvent, Delivery, World } from './state.ts';

const ANSWER_WITHIN_MS = 10_000;
const SOCKETS = 32;
const REORDER_MS = 1_000;

type Address = Pick<Delivery, 'channel' | 'signer' | 'url'>;
type Answer = { status: number | null; error: string | null };

export class Sender {
  readonly #world: World;
  readonly #agents = {
    'http:': new HttpAgent({ keepAlive: true, maxSockets: SOCKETS }),
    'https:': new HttpsAgent({ keepAlive: true, maxSockets: SOCKETS }),
  };
  readonly #queues = new Map<string, string[]>();
  /** Those whose own wait is over while another is before them. */
  readonly #waited = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #count = 0;
  #stopped = false;

  constructor(world: World) {
    this.#world = world;
    this.#count = world.deliveries.size;
    for (const delivery of world.deliveries.values()) if (delivery.status === 'pending') this.#enqueue(delivery, 0);
  }

  deliver(event: ChipEvent, channels: readonly Channel[]): void {
    const { callbackMs, webhookMs, callbacks, webhooks } = this.#world.settings;
    for (const address of this.addressesFor(event, channels)) {
      const isCallback = address.channel === 'success_callback';
      if ((isCallback ? callbacks : webhooks) === 'none') continue;
      this.#dispatch(this.#delivery(event, address), isCallback ? callbackMs : webhookMs);
    }
  }

  /** All at the same moment, past every queue: as many copies as asked for, over each channel. */
  burst(event: ChipEvent, channels: readonly Channel[], times: number): Delivery[] {
    const addresses = this.addressesFor(event, channels);
    const copies = Array.from({ length: times }, () => addresses.map((address) => this.#delivery(event, address)));
    for (const delivery of copies.flat()) void this.#try(delivery, undefined);
    return copies.flat();
  }

  addressesFor(event: ChipEvent, channels: readonly Channel[]): Address[] {
    const { webhooks, purchases } = this.#world;
    const callback = purchases.get(event.source)?.success_callback ?? '';
    const subscribed = webhooks.values().filter((each) => each.all_events || each.events.includes(event.type));
    return [
      ...(channels.includes('success_callback') && callback
        ? [{ channel: 'success_callback' as const, signer: COMPANY, url: callback }]
        : []),
      ...(channels.includes('webhook')
        ? subscribed.map(({ id, callback: url }) => ({ channel: 'webhook' as const, signer: id, url }))
        : []),
    ];
  }

  stop(): void {
    this.#stopped = true;
    this.forget();
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  /** Drops what waits to be sent. */
  forget(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#queues.clear();
    this.#waited.clear();
  }

  #dispatch(delivery: Delivery, waitMs: number): void {
    const fault = this.#world.faults.take(`${delivery.channel} ${delivery.type}`, WEBHOOK_FAULTS);
    if (fault?.kind === 'webhook_drop') {
      this.#world.deliveries.put({ ...delivery, status: 'dropped', nextAt: null });
    } else if (fault?.kind === 'webhook_reorder') {
      this.#after(fault.ms || REORDER_MS, () => void this.#try(delivery, undefined));
    } else {
      if (fault?.kind === 'webhook_duplicate') {
        const { id: _, ...rest } = delivery;
        this.#after(waitMs, () => void this.#try(this.#put(rest), undefined));
      }
      this.#enqueue(delivery, waitMs + (fault?.kind === 'webhook_delay' ? fault.ms : 0));
    }
  }

  #delivery(event: ChipEvent, address: Address): Delivery {
    const fresh = { status: 'pending', tries: 0, lastStatus: null, lastError: null, nextAt: Date.now() } as const;
    return this.#put({ event: event.id, type: event.type, source: event.source, ...address, ...fresh });
  }

  #put(delivery: Omit<Delivery, 'id'>): Delivery {
    this.#count += 1;
    return this.#world.deliveries.put({ id: `dlv_${this.#count}`, ...delivery });
  }

  #enqueue(delivery: Delivery, waitMs: number): void {
    const name = `${delivery.signer}/${delivery.source}`;
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    queue.push(delivery.id);
    this.#after(waitMs, () => {
      if (queue[0] === delivery.id) void this.#run(name);
      else this.#waited.add(delivery.id);
    });
  }

  async #run(name: string): Promise<void> {
    const queue = this.#queues.get(name);
    const delivery = this.#world.deliveries.get(queue?.[0] ?? '');
    if (!queue || !delivery || this.#stopped) return;
    const waitMs = await this.#try(delivery, name);
    if (this.#stopped || this.#queues.get(name) !== queue) return;
    if (waitMs !== undefined) return this.#after(waitMs, () => void this.#run(name));
    queue.shift();
    const next = queue[0];
    if (next === undefined) this.#queues.delete(name);
    else if (this.#waited.delete(next)) void this.#run(name);
  }

  /** One try; what comes back is how long to wait for the next one, or nothing when there is none. */
  async #try(delivery: Delivery, queue: string | undefined): Promise<number | undefined> {
    const { deliveries, settings } = this.#world;
    const { status, error } = await this.#post(delivery);
    if (this.#stopped || !deliveries.get(delivery.id)) return undefined;
    const after = { ...delivery, tries: delivery.tries + 1, lastStatus: status, lastError: error };
    if (status !== null && status >= 200 && status < 300) {
      deliveries.put({ ...after, status: 'delivered', nextAt: null });
      return undefined;
    }
    if (after.tries >= settings.webhookTries) {
      deliveries.put({ ...after, status: 'given_up', nextAt: null });
      return undefined;
    }
    const waitMs = Math.min(settings.webhookRetryMs * 2 ** delivery.tries, settings.webhookRetryCapMs);
    const again = deliveries.put({ ...after, nextAt: Date.now() + waitMs });
    if (queue === undefined) this.#after(waitMs, () => void this.#try(again, queue));
    return waitMs;
  }

  #after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer.unref());
  }

  #post(delivery: Delivery): Promise<Answer> {
    const body = this.#bodyOf(delivery);
    const signed = this.#signed(delivery, body);
    return new Promise((resolve) => {
      const failed = (error: unknown) =>
        resolve({ status: null, error: error instanceof Error ? error.message : String(error) });
      try {
        const url = new URL(delivery.url);
        const secure = url.protocol === 'https:';
        const agent = this.#agents[secure ? 'https:' : 'http:'];
        const options = { method: 'POST', agent, timeout: ANSWER_WITHIN_MS };
        const request = (secure ? httpsRequest : httpRequest)(url, options);
        request.once('error', failed);
        request.once('timeout', () => request.destroy(new Error('no answer in time')));
        request.once('response', (response) => {
          response.resume();
          response.once('close', () => resolve({ status: response.statusCode ?? null, error: null }));
        });
        request.setHeader('content-type', 'application/json');
        request.setHeader('user-agent', 'CHIP (stand-in)');
        if (signed !== undefined) request.setHeader('x-signature', signed);
        request.end(body);
      } catch (error) {
        failed(error);
      }
    });
  }

  /** Assumed: the object as it was when the event happened, also at the eighth try. */
  #bodyOf({ event: id, channel }: Delivery): string {
    const event = this.#world.events.get(id);
    if (!event) return '{}';
    const { type: event_type, object } = event;
    const wrapped = channel === 'webhook' && this.#world.settings.body === 'wrapped';
    return JSON.stringify(wrapped ? { event_type, object } : { ...object, event_type });
  }

  #signed({ channel, type, signer }: Delivery, body: string): string | undefined {
    const { faults, keys } = this.#world;
    const fault = faults.take(`${channel} ${type}`, SIGNATURE_FAULTS);
    const key = fault?.kind === 'webhook_wrong_key' ? otherKey(keys, signer) : keys.get(signer);
    if (!key) return undefined;
    return signature(fault?.kind === 'webhook_bad_signature' ? `${body} ` : body, key);
  }
}
