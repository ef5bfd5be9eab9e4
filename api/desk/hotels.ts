// Hotels as the storefronts may ask for them, and the whole numbers by which one of them knows its bookings and payments.
import { findHotel, listHotels, paymentNumberOf, takeBookingNumber } from '../../db/hotels.ts';
import type { Hotel } from '../../db/hotels.ts';
import type { Desk } from './desk.ts';

export const hotelsOf = ({ db }: Desk): Promise<readonly Hotel[]> => listHotels(db);
export const hotelOf = ({ db }: Desk, id: number): Promise<Hotel | undefined> => findHotel(db, id);
export const nextBookingNumber = ({ db }: Desk): Promise<number> => takeBookingNumber(db);
export const numberOfPayment = ({ db }: Desk, paymentId: string): Promise<number> => paymentNumberOf(db, paymentId);
