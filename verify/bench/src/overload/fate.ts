import { timesOnLedger } from '../account';
import type { ChargeRecord } from '../charge-record';
import type { Outcome } from './plan';

const FAULTS_TOLD = 20;

type Counted = Pick<Outcome, 'acceptedNumbers' | 'refusedNumbers' | 'unknownNumbers'>;

/**
 * What is wrong with what became of the charges: each accepted one is on the ledger once, no
 * refused one is, and one without an answer is there once at most.
 */
export const faultsIn = (
  times: (number: number) => number,
  outcomes: readonly Counted[],
): string[] => {
  const faults: string[] = [];
  const check = (
    numbers: readonly number[],
    heard: string,
    isRight: (count: number) => boolean,
  ): void => {
    for (const number of numbers)
      if (!isRight(times(number)))
        faults.push(`charge ${number} was ${heard} and is on the ledger ${times(number)} times`);
  };
  for (const { acceptedNumbers, refusedNumbers, unknownNumbers } of outcomes) {
    check(acceptedNumbers, 'accepted', (count) => count === 1);
    check(refusedNumbers, 'refused', (count) => count === 0);
    check(unknownNumbers, 'not answered', (count) => count <= 1);
  }
  return faults.length > FAULTS_TOLD
    ? [...faults.slice(0, FAULTS_TOLD), `… and ${faults.length - FAULTS_TOLD} more`]
    : faults;
};

/** Reads the whole log of the ledger. */
export const fateOf = async (
  book: ChargeRecord,
  databaseUrl: string,
  {
    firstNumber,
    outcomes,
  }: { readonly firstNumber: number; readonly outcomes: readonly Counted[] },
): Promise<string[]> => {
  const { times } = await timesOnLedger(book, databaseUrl);
  const opening = Array.from({ length: firstNumber }, (_, number) => number);
  return faultsIn(
    (number) => times[number]!,
    [{ acceptedNumbers: opening, refusedNumbers: [], unknownNumbers: [] }, ...outcomes],
  );
};
