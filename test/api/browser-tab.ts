// A browser as far as the shop's pages need one: cookies, forms, and where their answers lead.
import type { Router } from '../../api/http/router.ts';

const FROM_HERE = { Origin: 'http://localhost' };

export type Fields = Readonly<Record<string, string>>;

/** A tab of a browser: what a page said was seen goes with the next form, and all its tabs share the cookies. */
export class Tab {
  readonly #app: Router;
  readonly #cookies: Map<string, string>;
  text = '';
  status = 0;
  #seen = '';

  constructor(app: Router, cookies = new Map<string, string>()) {
    this.#app = app;
    this.#cookies = cookies;
  }

  another = (): Tab => new Tab(this.#app, this.#cookies);
  setCookie = (name: string, value: string) => this.#cookies.set(name, value);
  cartId = () => this.#cookies.get('hf_cart');

  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await this.#app.request(path, { ...init, headers: { ...init.headers, Cookie: cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/Max-Age=0/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }

  post = (path: string, fields: Fields, headers: Record<string, string> = FROM_HERE): Promise<Response> =>
    this.ask(path, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ seen: this.#seen, ...fields }).toString(),
    });

  async open(path = '/cart'): Promise<this> {
    return this.#shown(await this.ask(path));
  }

  /** Sends a form and goes where the answer leads. */
  async act(fields: Fields, path = '/cart'): Promise<this> {
    const response = await this.post(path, fields);
    return this.#shown(response.status === 303 ? await this.ask(response.headers.get('Location') ?? '') : response);
  }

  async #shown(response: Response): Promise<this> {
    this.status = response.status;
    this.text = (await response.text()).replaceAll(/&#39;/g, "'");
    const seen = /name="seen" value="([^"]*)"/.exec(this.text)?.[1];
    if (seen !== undefined) this.#seen = seen.replaceAll('&quot;', '"');
    return this;
  }

  note = (): string =>
    this.text.match(/<section class="note[\s\S]*?<\/section>/)?.[0].replaceAll(/<[^>]+>/g, ' ') ?? '';
  quantity = (product: string): string | undefined =>
    new RegExp(`id="quantity-${product}"[^>]*? value="(\\d+)"`).exec(this.text)?.[1];
  total = (): string | undefined => /Total<\/dt><dd>RM\u{a0}([\d,.]+)/u.exec(this.text)?.[1];
}
