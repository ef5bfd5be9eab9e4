import { describe, expect, it } from 'vitest';
import '../../api/http/router.ts';
import { Customer, CUSTOMER_EXAMPLE } from '../../api/storefronts/cart/customer.ts';
import { COUNTRIES } from '../../domain/countries.ts';

const said = (change: object): string[] => {
  const parsed = Customer.safeParse({ ...CUSTOMER_EXAMPLE, ...change });
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
};

describe('who buys', () => {
  it('is taken as the example has it, with spaces around and the country in small letters', () => {
    expect(Customer.parse(CUSTOMER_EXAMPLE)).toEqual(CUSTOMER_EXAMPLE);
    const loose = { ...CUSTOMER_EXAMPLE, name: '  Aisyah Rahman ', country: 'my' };
    expect(Customer.parse(loose)).toEqual(CUSTOMER_EXAMPLE);
  });

  it.each([
    [{ state: undefined }],
    [{ name: 'Þórunn Øvrebø' }],
    [{ name: '陳美玲' }],
    [{ name: "Siti Nurhaliza binti Tarudin @ D'Cruz" }],
    [{ phone: '012-345 6789' }],
    [{ phone: '+442071234567' }],
    [{ phone: '(03) 2161.1234' }],
    [{ country: 'SG', zip_code: '238823' }],
    [{ country: 'GB', zip_code: 'SW1A 1AA' }],
  ])('may be %j', (change) => {
    expect(said(change)).toEqual([]);
  });

  it.each<[object, string]>([
    [{ email: 'aisyah@' }, 'email must be a mail address'],
    [{ email: 'aisyah example.com' }, 'email must be a mail address'],
    [{ email: 'a@b.com, c@d.com' }, 'email must be a mail address'],
    [{ email: `${'a'.repeat(250)}@b.com` }, 'email must have at most 254 characters'],
    [{ email: undefined }, 'email is required'],
    [{ country: 'XX' }, 'country must be a country of ISO 3166, like MY'],
    [{ country: 'MYS' }, 'country must be a country of ISO 3166, like MY'],
    [{ country: 'Malaysia' }, 'country must be a country of ISO 3166, like MY'],
    [{ country: '+60' }, 'country must be a country of ISO 3166, like MY'],
    [{ country: 60 }, 'country must be a text'],
    [{ phone: '12345' }, 'phone must be a telephone number, like +60 12-345 6789'],
    [{ phone: '+60123456789012345' }, 'phone must be a telephone number, like +60 12-345 6789'],
    [{ phone: 'call me' }, 'phone must be a telephone number, like +60 12-345 6789'],
    [{ name: ' ' }, 'name must not be empty'],
    [{ name: 'A\nBcc: all' }, 'name must be one line of text'],
    [{ name: 'x'.repeat(129) }, 'name must have at most 128 characters'],
    [{ street1: 'a\u0000b' }, 'street1 must be one line of text'],
    [{ zip_code: '5045' }, 'zip_code must have five digits in Malaysia'],
    [{ zip_code: '<b>' }, 'zip_code must be a postcode'],
    [{ state: '' }, 'state must not be empty'],
  ])('may not be %j', (change, message) => {
    expect(said(change)).toContain(message);
  });

  it('may live in any country there is, and each of them has a name', () => {
    const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
    expect(COUNTRIES).toHaveLength(249);
    expect(new Set(COUNTRIES).size).toBe(249);
    expect(COUNTRIES.filter((code) => names.of(code) === undefined)).toEqual([]);
  });
});
