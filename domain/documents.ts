// What vouchers, receipts and evidence say, decided without knowing how a page is drawn.
import type { LocalMoment } from './display.ts';
import type { Money } from './money.ts';

export type DocumentKind = 'voucher' | 'receipt' | 'evidence';

export interface Brand {
  readonly name: string;
  /** Who the customer's contract is with, as it must stand on a receipt. */
  readonly merchant: string;
  readonly supportEmail: string;
  readonly supportPhone: string | null;
  readonly supportUrl: string | null;
}

export interface DocumentHead {
  readonly brand: Brand;
  readonly bookingNumber: string;
  /** ISO 8601 UTC; part of the document, so that drawing it again gives the same bytes. */
  readonly issuedAt: string;
}

export interface VoucherLine {
  readonly description: string;
  readonly count: number;
}

export interface VoucherCode {
  readonly code: string;
  readonly description: string;
}

export interface VoucherDocument extends DocumentHead {
  readonly kind: 'voucher';
  readonly status: 'ready' | 'void';
  /** 1 of 2, 2 of 2 … when a booking has several. */
  readonly number: number;
  readonly of: number;
  readonly supplierReference: string | null;
  /** The supplier's own voucher page, where it has one. */
  readonly supplierUrl: string | null;
  readonly activity: string;
  readonly package: string | null;
  readonly leadTraveller: string;
  /** Everybody, the lead traveller among them when known; may be empty. */
  readonly travellers: readonly string[];
  readonly lines: readonly VoucherLine[];
  readonly when: LocalMoment | null;
  readonly where: string | null;
  readonly codes: readonly VoucherCode[];
  readonly operatorContacts: readonly string[];
  /** What cancelling gives back, a sentence each. */
  readonly terms: readonly string[];
}

export interface ReceiptLine {
  readonly description: string;
  /** Null where it is no matter of number: shipping, a voucher. */
  readonly count: number | null;
  readonly amount: Money;
}

export interface ReceiptRefund {
  readonly id: string;
  readonly amount: Money;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly reason: string;
  readonly status: 'pending' | 'to_hand_out' | 'succeeded';
}

export interface PaidWith {
  readonly method: string;
  readonly brand: string | null;
  readonly last4: string | null;
}

export interface ReceiptDocument extends DocumentHead {
  readonly kind: 'receipt';
  readonly paymentReference: string | null;
  readonly activity: string;
  readonly when: LocalMoment | null;
  readonly customer: { readonly name: string; readonly email: string | null } | null;
  readonly lines: readonly ReceiptLine[];
  readonly total: Money;
  /** ISO 8601 UTC. */
  readonly paidAt: string;
  readonly paidWith: PaidWith | null;
  readonly refunds: readonly ReceiptRefund[];
  /** What cancelling gives back, a sentence each. */
  readonly terms: readonly string[];
  /** Says at which rate an amount was converted, when it was. */
  readonly exchangeNote: string | null;
}

export type TravelDocument = VoucherDocument | ReceiptDocument;

export interface DocumentFact {
  readonly label: string;
  readonly value: string;
}

export interface DocumentTable {
  readonly title: string;
  readonly columns: readonly { readonly label: string; readonly align: 'start' | 'end' }[];
  readonly rows: readonly (readonly string[])[];
  readonly totals: readonly {
    readonly label: string;
    readonly value: string;
    readonly strong: boolean;
  }[];
}

export interface DocumentContent {
  readonly kind: DocumentKind;
  readonly title: string;
  readonly brand: string;
  readonly reference: DocumentFact;
  readonly headline: string;
  readonly subheadline: string | null;
  /** A word across the top when the paper is no longer good, e.g. VOID. */
  readonly stamp: string | null;
  readonly facts: readonly DocumentFact[];
  /** Each is drawn as a QR code with its text beneath. */
  readonly codes: readonly { readonly text: string; readonly caption: string }[];
  readonly tables: readonly DocumentTable[];
  readonly sections: readonly { readonly title: string; readonly paragraphs: readonly string[] }[];
  readonly footers: readonly string[];
  /** ISO 8601 UTC. */
  readonly createdAt: string;
}
