// What staff are told to do about a step that is stuck: what happened, what to look at, and what settles it.

export interface Stuck {
  readonly step: string;
  /** As it was recorded. */
  readonly reason: string;
}

interface Advice {
  readonly step: RegExp;
  /** Where one step gets stuck for several reasons. */
  readonly reason?: RegExp;
  readonly advice: string;
  /** Nothing is tried meanwhile: there is nothing to try, or only a person may say so. */
  readonly waitsForStaff?: true;
}

/** The first that fits counts. The words retry, resolve and compensate are what staff can say to a booking. */
const ADVICE: readonly Advice[] = [
  {
    step: /^pay the supplier$/,
    reason: /insufficient_balance/,
    advice:
      'Our prepaid balance at the supplier does not cover the order. Top it up: the booking notices within five minutes, or at once after retry. If it stays too low until the order must be paid, the customer is refunded by itself.',
  },
  {
    step: /^pay the supplier$/,
    advice:
      'The supplier did not say whether our balance has paid the order. Look at the order there; it is never paid twice. Then retry, or resolve as impossible to take the booking back and refund the customer.',
  },
  {
    step: /^place the supplier order$/,
    advice:
      'The supplier takes no order, or does not say whether it has. Look there for an order under our reference, and whether our key is still good. Then retry, or resolve as impossible to refund the customer.',
  },
  {
    step: /^wait for the supplier$/,
    advice:
      'The order is paid and the supplier does not answer about it. Ask there; retry looks again. Resolve as impossible when they will not deliver: the order is cancelled and the customer refunded.',
  },
  {
    step: /^wait for the vouchers$/,
    advice:
      'The trip is confirmed, but its vouchers cannot be read. Ask the supplier for them and send them to the customer if the day is near; retry looks again. Resolve as impossible when there will be none.',
  },
  {
    step: /^cancel the supplier order$/,
    advice:
      'The supplier does not take its order back; the customer is refunded all the same. Settle it there, then resolve as done: what it cost is booked as lost. Retry asks them again.',
  },
  {
    step: /^(read|close|open) the payment$|^read the disputes$|^return the second payment$/,
    advice:
      'The gateway does not answer, or refuses our key. Look at its status page and at STRIPE_SECRET_KEY. Nothing is lost: it goes on by itself when the gateway is back; retry asks at once.',
  },
  {
    step: /^take the held money$/,
    reason: /could not be taken/,
    advice:
      'The bank refused the money that was held after the supplier had been paid, and the order was taken back. Look at the order there: what it cost us is ours. Resolve as done when you have seen it.',
    waitsForStaff: true,
  },
  {
    step: /^take the held money$/,
    reason: /less was taken/,
    advice:
      'The gateway took less than was asked for. The booking was taken back and the customer refunded; look at the payment in the dashboard of the gateway. Resolve as done when you have seen it.',
    waitsForStaff: true,
  },
  {
    step: /^take the held money$/,
    advice:
      'The gateway does not say whether it has taken the money that is held. Look at the payment in its dashboard; retry asks again. The hold ends by itself after some days, so do not wait long.',
  },
  {
    step: /^refund /,
    reason: /disputed/,
    advice:
      'A bank has this money until it decides, so it cannot go back now. It goes out by itself when the dispute is won. If you gave it back by other means, resolve as done.',
  },
  {
    step: /^refund /,
    reason: /at the desk/,
    advice:
      'The customer paid at the desk, so nobody but you can give the money back. Hand it out there, have it signed, and resolve as done; it then stands in the books. A refund that somebody asked for by mistake is dropped by resolve as impossible; one that is owed is not.',
    waitsForStaff: true,
  },
  {
    step: /^refund /,
    reason: /came back/,
    advice:
      'A refund that had arrived was sent back by the customer’s bank, and the money is with us again. Ask the customer where it should go. Retry sends it the same way once more; if you gave it back by other means, resolve as done, and it stands in the books. Resolve as impossible only if it is not owed, his bank gave it to him, or it was asked for anew: nothing is sent then.',
    waitsForStaff: true,
  },
  {
    step: /^refund /,
    reason: /ask for another/,
    advice:
      'The gateway refused a refund that staff asked for, and that refund is over. Look there for the reason (a closed card, our balance too low). Then ask for another one, or give the money back by other means and resolve as done; it then stands in the books. What you give back in the dashboard of the gateway is noticed by itself. Any other word only says that you have seen it.',
    waitsForStaff: true,
  },
  {
    step: /^(await )?refund /,
    advice:
      'The money did not reach the customer: the gateway refused, or does not say how it ended. Look there for the reason (a closed card, our balance too low). Mend it and retry, or give the money back by other means and resolve as done; it then stands in the books. What you give back in the dashboard of the gateway is noticed by itself: say nothing then, or it counts twice.',
  },
  {
    step: /^what went back$/,
    advice:
      'The customer got this money from us and from a bank. Show the bank the refund, which the evidence document lists; it ends by itself when the dispute is won. Resolve as done to take the loss.',
    waitsForStaff: true,
  },
  {
    step: /^the money of /,
    advice:
      'The gateway took another sum, or another currency, than it was asked for. It pays for nothing and goes back in full by itself. Find out in the dashboard of the gateway how it came about, and resolve as done when you have seen it.',
  },
  {
    step: /^dispute /,
    reason: /lost/,
    advice:
      'The bank decided for the customer and the trip is still ahead. Compensate stops it: the order goes back, and no money moves. Resolve as done lets it go on.',
    waitsForStaff: true,
  },
  {
    step: /^dispute /,
    advice:
      'A bank asks about the payment, or has taken it. Check the evidence document and answer in the dashboard of the gateway before the date in the letter. Resolve as done when you have seen it.',
    waitsForStaff: true,
  },
  {
    step: /^draw the (documents|evidence document)$|^send again$/,
    advice:
      'The papers could not be drawn or kept; nothing else waits for them. Look at the log of the worker. Retry draws them at once.',
  },
];

const OURS =
  'Our own database or worker did not get through, so nothing is known to be wrong outside. Look at /health and at the log of the worker. It goes on by itself when they are back; retry tries at once.';

const fitting = ({ step, reason }: Stuck): Advice | undefined =>
  ADVICE.find((each) => each.step.test(step) && (each.reason?.test(reason) ?? true));

export const adviceOn = (stuck: Stuck): string => fitting(stuck)?.advice ?? OURS;

export const waitsForStaff = (stuck: Stuck): boolean => fitting(stuck)?.waitsForStaff ?? false;
