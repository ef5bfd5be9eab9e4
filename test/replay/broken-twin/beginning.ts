// The real workflow's own steps up to the moment when the money is there.
import { collect } from '../../../workflows/collect.ts';
import { listen } from '../../../workflows/handlers.ts';
import type { BookingInput } from '../../../workflows/messages.ts';
import { open } from '../../../workflows/open.ts';
import { newRun } from '../../../workflows/run.ts';

export async function fulfilmentBegan(input: BookingInput): Promise<{ bookingId: string; generation: number }> {
  const run = newRun(input);
  listen(run);
  await open(run);
  await collect(run);
  return { bookingId: input.bookingId, generation: 0 };
}
