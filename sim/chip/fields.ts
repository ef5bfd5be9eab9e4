// Reads a body field by field; whatever is wrong is collected, for CHIP names all of it at once.
import { isRecord } from '../reply.ts';
import type { Problem } from './errors.ts';

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);
const LONGEST_ADDRESS = 500;

type Path = readonly (string | number)[];

export class Fields {
  readonly #body: Record<string, unknown>;
  readonly #problems: Problem[];
  readonly #path: Path;

  constructor(body: Record<string, unknown>, problems: Problem[], path: Path = []) {
    this.#body = body;
    this.#problems = problems;
    this.#path = path;
  }

  complain(where: Path, code: string, message: string): void {
    this.#problems.push({ path: [...this.#path, ...where], code, message });
  }

  raw(name: string): unknown {
    return this.#body[name] ?? undefined;
  }

  all(): Record<string, unknown> {
    return { ...this.#body };
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  flag(name: string): boolean {
    return this.raw(name) === true;
  }

  text(name: string, { longest, required = false }: { longest: number; required?: boolean }): string {
    const value = this.raw(name);
    if (value === undefined || value === '') {
      if (required) this.#missing(name);
      return '';
    }
    if (typeof value !== 'string' && typeof value !== 'number') {
      this.complain([name], 'invalid', 'Not a valid string.');
      return '';
    }
    if (String(value).length > longest)
      this.complain([name], 'max_length', `Ensure this field has no more than ${longest} characters.`);
    return String(value);
  }

  list(name: string): unknown[] | undefined {
    const value = this.raw(name);
    if (value === undefined || Array.isArray(value)) return value;
    this.complain([name], 'not_a_list', 'Expected a list of items.');
    return undefined;
  }

  amount(name: string, { required = false } = {}): number | undefined {
    const value = this.raw(name);
    if (value === undefined) {
      if (required) this.#missing(name);
      return undefined;
    }
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    this.complain([name], 'invalid', 'A valid integer of at least 0 is required.');
    return undefined;
  }

  uuid(name: string): string {
    const id = this.text(name, { longest: 36, required: true });
    if (id !== '' && !UUID.test(id)) this.complain([name], 'invalid', 'Must be a valid UUID.');
    return id;
  }

  address(name: string, required = false): string {
    const url = this.text(name, { longest: LONGEST_ADDRESS, required });
    const protocol = URL.canParse(url) ? new URL(url).protocol : '';
    if (url !== '' && (/[<>'"]/.test(url) || !/^https?:$/.test(protocol)))
      this.complain([name], 'invalid', 'Enter a valid URL.');
    return url;
  }

  /** CHIP calls no port but the scheme's own; here, on the loopback address, any. */
  callback(name: string, required = false): string {
    const url = this.address(name, required);
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed && parsed.port !== '' && !LOOPBACK.has(parsed.hostname))
      this.complain([name], 'invalid', 'A port is not allowed here.');
    return url;
  }

  within(name: string, required: boolean): Fields {
    const value = this.raw(name);
    if (value === undefined && required) this.#missing(name);
    if (value !== undefined && !isRecord(value)) this.complain([name], 'invalid', 'Expected an object.');
    return new Fields(isRecord(value) ? value : {}, this.#problems, [...this.#path, name]);
  }

  /** The object at a place in a list. */
  at(name: string, position: number): Fields {
    const list = this.raw(name);
    const value: unknown = Array.isArray(list) ? list[position] : undefined;
    if (!isRecord(value)) this.complain([name, position], 'invalid', 'Expected an object.');
    return new Fields(isRecord(value) ? value : {}, this.#problems, [...this.#path, name, position]);
  }

  #missing(name: string): void {
    this.complain([name], 'required', 'This field is required.');
  }
}
