import { seededRandom } from '@caretab/doubles';
import { AHEAD_TIME, chance, inChina, ITEMS, type VisitScript } from './visit-script';

const HOUR_MS = 3_600_000;

/** Drawn apart, so that what else happens in a seed stays as it was. */
const randomOf = ({ index, charged }: VisitScript, place: number) =>
  seededRandom(charged.reduce((sum, { amountFen }) => sum + amountFen, 11 * index + place));

const earlier = (moment: string, hours: number): string =>
  inChina(Date.parse(moment) - hours * HOUR_MS);

/** A return of another item, or of the day before its charge; a report of long before the visit. */
export const sayMistakes = (script: VisitScript): void => {
  const random = randomOf(script, 5);
  const charge = script.charged[0];
  const { visitNumber, startedAt } = script;
  const pauseMs = random.integer(10, 900);
  const wrong = (name: string) => ({
    ...{ kind: 'return' as const, returnId: `${visitNumber}.${name}`, charge: charge! },
    ...{ part: undefined, returnedToPharmacy: charge!.dispensed },
  });
  if (charge && chance(random, 0.15)) {
    const [itemCode] = ITEMS.find(([code]) => code !== charge.itemCode)!;
    script.say({ ...wrong('W'), itemCode }, pauseMs);
  }
  if (charge && chance(random, 0.12))
    script.say(wrong('D'), pauseMs, earlier(charge.occurredAt, 26));
  if (chance(random, 0.12))
    script.say({ kind: 'update', department: 'OLD' }, pauseMs, earlier(startedAt, 24 * 40));
};

/** An end that is hours before a charge of its visit; the right one follows. */
export const sayEndBeforeCharges = (script: VisitScript): void => {
  const random = randomOf(script, 6);
  if (!chance(random, 0.12)) return;
  const last = script.charged.at(-1)?.occurredAt ?? script.startedAt;
  script.pass(150);
  script.say({ kind: 'charges', charges: [script.charge()] });
  script.say({ kind: 'end' }, random.integer(10, 900), last);
};

/** The time of the end, where the hospital reports it ahead. */
export const aheadOf = (script: VisitScript): string | undefined =>
  chance(randomOf(script, 7), 0.12)
    ? `${script.startedAt.slice(0, 10)}T${AHEAD_TIME}+08:00`
    : undefined;

/** The end once more, with another time. */
export const sayCorrectedEnd = (script: VisitScript): void => {
  const random = randomOf(script, 8);
  if (chance(random, 0.1)) script.say({ kind: 'end' }, random.integer(10, 900));
};
