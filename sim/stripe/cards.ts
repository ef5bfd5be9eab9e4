// What each test card, token and test bank account does. Numbers and tokens are Stripe's published ones.

export type Decline = { code: string; decline_code?: string; message: string };

export type Behaviour = {
  brand: string;
  /** Asks for 3-D Secure: always, or only when the card was not set up before. */
  challenge: 'never' | 'always' | 'unless_set_up';
  decline?: Decline;
  blocked?: true;
  refund?: 'pending' | 'fails_later';
  /** The customer's bank complains some time after the payment; an inquiry takes no money yet. */
  dispute?: 'fraudulent' | 'product_not_received' | 'inquiry';
  /** The money is spendable at once instead of two days later. */
  available?: true;
  /** A bank debit: `processing` first, the outcome later. */
  delayed?: true;
};

const DECLINED = 'Your card was declined.';
const declines = {
  generic: { code: 'card_declined', decline_code: 'generic_decline', message: DECLINED },
  funds: {
    code: 'card_declined',
    decline_code: 'insufficient_funds',
    message: 'Your card has insufficient funds.',
  },
  lost: { code: 'card_declined', decline_code: 'lost_card', message: DECLINED },
  stolen: { code: 'card_declined', decline_code: 'stolen_card', message: DECLINED },
  velocity: {
    code: 'card_declined',
    decline_code: 'card_velocity_exceeded',
    message: 'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
  },
  fraudulent: { code: 'card_declined', decline_code: 'fraudulent', message: DECLINED },
  expired: { code: 'expired_card', message: 'Your card has expired.' },
  cvc: { code: 'incorrect_cvc', message: "Your card's security code is incorrect." },
  processing: {
    code: 'processing_error',
    message: 'An error occurred while processing your card. Try again in a little bit.',
  },
  debit: {
    code: 'payment_method_provider_decline',
    decline_code: 'insufficient_funds',
    message: 'The bank account has insufficient funds.',
  },
} satisfies Record<string, Decline>;

const plain: Behaviour = { brand: 'visa', challenge: 'never' };

const BY_NUMBER: Record<string, Behaviour> = {
  '4000000000000002': { ...plain, decline: declines.generic },
  '4000000000009995': { ...plain, decline: declines.funds },
  '4000000000009987': { ...plain, decline: declines.lost },
  '4000000000009979': { ...plain, decline: declines.stolen },
  '4000000000000069': { ...plain, decline: declines.expired },
  '4000000000000127': { ...plain, decline: declines.cvc },
  '4000000000000119': { ...plain, decline: declines.processing },
  '4000000000006975': { ...plain, decline: declines.velocity },
  '4000000000000341': { ...plain, decline: declines.generic },
  '4100000000000019': { ...plain, decline: declines.fraudulent, blocked: true },
  '4000000000000077': { ...plain, available: true },
  '4000002500003155': { ...plain, challenge: 'unless_set_up' },
  '4000002760003184': { ...plain, challenge: 'always' },
  '4000000000003220': { ...plain, challenge: 'always' },
  '4000008400001629': { ...plain, challenge: 'always', decline: declines.generic },
  '4000000000007726': { ...plain, refund: 'pending' },
  '4000000000005126': { ...plain, refund: 'fails_later' },
  '4000000000000259': { ...plain, dispute: 'fraudulent' },
  '4000000000002685': { ...plain, dispute: 'product_not_received' },
  '4000000000001976': { ...plain, dispute: 'inquiry' },
};

const TOKENS: Record<string, string> = {
  pm_card_visa: '4242424242424242',
  pm_card_mastercard: '5555555555554444',
  pm_card_amex: '378282246310005',
  pm_card_bypassPending: '4000000000000077',
  pm_card_visa_chargeDeclined: '4000000000000002',
  pm_card_chargeDeclined: '4000000000000002',
  pm_card_visa_chargeDeclinedInsufficientFunds: '4000000000009995',
  pm_card_chargeDeclinedInsufficientFunds: '4000000000009995',
  pm_card_visa_chargeDeclinedLostCard: '4000000000009987',
  pm_card_visa_chargeDeclinedStolenCard: '4000000000009979',
  pm_card_visa_chargeDeclinedVelocityLimitExceeded: '4000000000006975',
  pm_card_chargeDeclinedExpiredCard: '4000000000000069',
  pm_card_chargeDeclinedIncorrectCvc: '4000000000000127',
  pm_card_chargeDeclinedProcessingError: '4000000000000119',
  pm_card_chargeCustomerFail: '4000000000000341',
  pm_card_radarBlock: '4100000000000019',
  pm_card_authenticationRequired: '4000002760003184',
  pm_card_authenticationRequiredOnSetup: '4000002500003155',
  pm_card_threeDSecure2Required: '4000000000003220',
  pm_card_threeDSecureRequired: '4000000000003220',
  pm_card_threeDSecureRequiredChargeDeclined: '4000008400001629',
  pm_card_threeDSecureOptional: '4000000000003055',
  pm_card_pendingRefund: '4000000000007726',
  pm_card_refundFail: '4000000000005126',
  pm_card_createDispute: '4000000000000259',
  pm_card_createDisputeProductNotReceived: '4000000000002685',
  pm_card_createDisputeInquiry: '4000000000001976',
  pm_usBankAccount: '000123456789',
  pm_usBankAccount_success: '000123456789',
  pm_usBankAccount_insufficientFunds: '000222222227',
};

const BANK_ACCOUNTS: Record<string, Behaviour> = {
  '000123456789': { brand: 'bank', challenge: 'never', delayed: true },
  '000222222227': { brand: 'bank', challenge: 'never', delayed: true, decline: declines.debit },
};

export function numberOfToken(token: string): string | undefined {
  return TOKENS[token];
}

export function isBankAccount(number: string): boolean {
  return BANK_ACCOUNTS[number] !== undefined;
}

/** Any other well-formed number succeeds. */
export function behaviourOf(number: string): Behaviour {
  return BANK_ACCOUNTS[number] ?? BY_NUMBER[number] ?? { ...plain, brand: brandOf(number) };
}

/** Why a card can't even become a payment method. */
export function faultOfCard(card: {
  number: string;
  month: number;
  year: number;
  cvc: string;
}): (Decline & { param: string }) | undefined {
  if (!/^\d{12,19}$/.test(card.number) || !passesLuhn(card.number)) {
    return {
      code: 'incorrect_number',
      param: 'number',
      message: 'Your card number is incorrect.',
    };
  }
  if (!(card.month >= 1 && card.month <= 12)) {
    return {
      code: 'invalid_expiry_month',
      param: 'exp_month',
      message: "Your card's expiration month is invalid.",
    };
  }
  const now = new Date();
  const month = now.getUTCFullYear() * 12 + now.getUTCMonth() + 1;
  if (!(card.year * 12 + card.month >= month) || card.year > now.getUTCFullYear() + 50) {
    return {
      code: 'invalid_expiry_year',
      param: 'exp_year',
      message: "Your card's expiration year is invalid.",
    };
  }
  if (card.cvc !== '' && !/^\d{3,4}$/.test(card.cvc)) {
    return {
      code: 'invalid_cvc',
      param: 'cvc',
      message: "Your card's security code is invalid.",
    };
  }
  return undefined;
}

function passesLuhn(number: string): boolean {
  let sum = 0;
  for (const [index, character] of Array.from(number).toReversed().entries()) {
    const doubled = Number(character) * (index % 2 === 1 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function brandOf(number: string): string {
  if (/^3[47]/.test(number)) return 'amex';
  if (/^(5[1-5]|2[2-7])/.test(number)) return 'mastercard';
  if (number.startsWith('6')) return 'discover';
  if (number.startsWith('35')) return 'jcb';
  return 'visa';
}
