// What can go wrong in asking any company outside, whichever it is: no answer, or a no to us as such.

/** It cannot be asked right now, or its answer was lost: the truth is unknown. */
export class Unreachable extends Error {
  readonly retryAfterMs: number | undefined;
  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** It refuses the request itself, our key or permission: repeating cannot help, a person must look. */
export class Rejected extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
