// A configuration as a program would read it, and tokens that fit it.
import { SignJWT } from 'jose';
import { readConfig } from '../../config.ts';
import type { Config } from '../../config.ts';

export const SECRET = 'a secret that only tests know';
export const WEBHOOK_SECRET = 'whsec_tests';

export function testConfig(environment: Record<string, string> = {}): Config {
  return readConfig({
    DATABASE_URL: 'postgres://127.0.0.1:1/none',
    JWT_SECRET: SECRET,
    ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    LOG_LEVEL: 'silent',
    ...environment,
  });
}

export interface TokenOptions {
  readonly secret?: string;
  readonly expiresIn?: string | null;
}

export function tokenFor(
  claims: Record<string, unknown>,
  { secret = SECRET, expiresIn = '5m' }: TokenOptions = {},
): Promise<string> {
  const token = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' });
  if (expiresIn !== null) token.setExpirationTime(expiresIn);
  return token.sign(new TextEncoder().encode(secret));
}

export const bearer = async (
  claims: Record<string, unknown>,
  options?: TokenOptions,
): Promise<{ Authorization: string }> => ({
  Authorization: `Bearer ${await tokenFor(claims, options)}`,
});
