import type { VisitClass } from '@caretab/contracts';
import { type Random, seededRandom } from '@caretab/doubles';
import { aheadOf, sayCorrectedEnd, sayEndBeforeCharges, sayMistakes } from './mistakes';
import { chance, type PlannedAction, VisitScript } from './visit-script';

/** One visit of a seed: what its hospital says of it, and what its citizen pays by themselves. */
export interface VisitPlan {
  readonly index: number;
  readonly visitNumber: string;
  readonly institution: number;
  readonly citizen: number;
  readonly visitClass: VisitClass;
  readonly startsAtMs: number;
  readonly startedAt: string;
  readonly actions: readonly PlannedAction[];
  /** It begins once the storm is over, or days later; `last`: when the two who were one are two again. */
  readonly isLater?: true | 'last';
}

const sayCourse = (script: VisitScript): void => {
  const { random, charged } = script;
  // Before the opening.
  if (chance(random, 0.15)) script.say({ kind: 'charges', charges: [script.charge()] });
  script.say({ kind: 'start' });
  const batches = random.integer(1, 4);
  for (let batch = 0; batch < batches; batch += 1) {
    const count = random.integer(1, 3);
    script.say({ kind: 'charges', charges: Array.from({ length: count }, () => script.charge()) });
    if (chance(random, 0.1))
      // Same id, other content.
      script.say({ kind: 'charges', charges: [{ ...random.pick(charged), department: 'OTHER' }] });
    if (chance(random, 0.15)) script.takeBack();
    if (chance(random, 0.1)) script.say({ kind: 'update', department: `D${batch}` });
  }
};

/** Drawn apart, so that what else happens in a seed stays as it was. */
const randomOf = ({ index, charged }: VisitScript): Random =>
  seededRandom(charged.reduce((sum, { amountFen }) => sum + amountFen, index + 1));

/** An outpatient is admitted, or an admission was none. */
const sayAnotherClass = (script: VisitScript): void => {
  const random = randomOf(script);
  if (chance(random, 0.2))
    script.say({
      kind: 'reclassify',
      visitClass: random.pick(['inpatient', 'inpatient', 'emergency', 'outpatient'] as const),
    });
};

/** An end in error: it is taken back, the visit goes on and ends later. */
const sayReopening = (script: VisitScript): void => {
  const random = randomOf(script);
  if (!chance(random, 0.15)) return;
  const ended = script.actions.findLast(({ kind }) => kind === 'end')!.at;
  script.say({ kind: 'reopen' }, random.integer(1, 40));
  if (chance(random, 0.5)) script.say({ kind: 'charges', charges: [script.charge()] });
  // It ends then, or as it was reported before.
  if (chance(random, 0.5)) script.say({ kind: 'end' });
  else script.say({ kind: 'end' }, undefined, ended);
};

/** What overtakes the opening: the end, and a return that comes before its charge. */
const sayEarly = (script: VisitScript): void => {
  const random = seededRandom(
    script.charged.reduce((sum, { amountFen }) => sum + amountFen, 7 * script.index + 3),
  );
  const end = script.actions.find(({ kind }) => kind === 'end');
  const [charge] = script.charged;
  const pauseMs = random.integer(1, 200);
  const early = { pauseMs, again: chance(random, 0.3) };
  if (charge && chance(random, 0.12)) {
    const { at } = script.actions.at(-1)!;
    const [returnId, key] = [`${script.visitNumber}.E`, `${script.visitNumber}-message-early-1`];
    script.actions.unshift({
      kind: 'return',
      returnId,
      charge,
      part: undefined,
      at,
      key,
      ...early,
    });
  }
  if (end && chance(random, 0.1))
    script.actions.unshift({ ...end, ...early, key: `${script.visitNumber}-message-early-2` });
};

/** A visit is cancelled, ended, or left open. */
const sayEnding = (script: VisitScript): void => {
  const { random } = script;
  const ending = random.next();
  if (ending < 0.08) return script.say({ kind: 'cancel' });
  if (ending >= 0.93) return;
  // Given before the end, and posted after it.
  const late = chance(random, 0.12) ? [script.charge()] : [];
  sayAnotherClass(script);
  sayMistakes(script);
  sayEndBeforeCharges(script);
  const ahead = aheadOf(script);
  if (ahead) script.say({ kind: 'end' }, undefined, ahead);
  else script.say({ kind: 'end' });
  sayReopening(script);
  sayCorrectedEnd(script);
  if (late.length > 0) script.say({ kind: 'charges', charges: late }, random.integer(10, 15_000));
  // Given after the end.
  if (chance(random, 0.1)) script.say({ kind: 'charges', charges: [script.charge()] });
  if (chance(random, 0.5)) script.takeBack(random.integer(10, 15_000));
  if (chance(random, 0.25)) script.takeBack(random.integer(10, 15_000));
  if (chance(random, 0.4))
    script.say({ kind: 'pay', token: `other-${script.index}:ok` }, random.integer(10, 90_000));
};

export const visitOf = (
  random: Random,
  index: number,
  {
    citizens,
    institutions,
    isRush,
    day,
  }: {
    readonly citizens: number;
    readonly institutions: number;
    readonly isRush: boolean;
    readonly day: string;
  },
): VisitPlan => {
  const script = new VisitScript(random, index, isRush, day);
  sayCourse(script);
  sayEnding(script);
  sayEarly(script);
  return {
    index,
    visitNumber: script.visitNumber,
    institution: random.integer(0, institutions - 1),
    citizen: random.integer(0, citizens - 1),
    startsAtMs: random.integer(0, isRush ? 30 : 6_000),
    startedAt: script.startedAt,
    actions: script.actions,
    visitClass: random.pick(['outpatient', 'outpatient', 'emergency', 'inpatient'] as const),
  };
};
