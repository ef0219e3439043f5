import { type Charge, visitIdOf } from '@caretab/contracts';
import { extend } from '@caretab/kernel';
import type { Random } from '@caretab/doubles';
import type { SampleCitizen } from '@caretab/deploy';
import type { ReportedVisit, ReturnedPart } from '@caretab/hospital';
import {
  ITEMS,
  QUANTITIES,
  type PlannedMessage,
  type PlannedReport,
  type ScriptedAction,
  type VisitPlan,
} from '@caretab/simulation';
import type { INSTITUTIONS } from './hospitals-people';

export type Institution = (typeof INSTITUTIONS)[number];

/**
 * What is wrong with an action. `isBad`: a door must refuse it, or the platform reject it, or let it
 * wait for a charge that never comes. `other`: it names this citizen and not the visit's patient; its
 * door must refuse it.
 */
interface Wrong {
  readonly isBad?: boolean;
  readonly other?: SampleCitizen;
}
export type ChaosAction = ScriptedAction & Wrong;
/** What the hospital itself says. */
export type ChaosReport = PlannedReport & Wrong;

/** Everything that will be said of one visit. */
export interface ChaosVisit extends Pick<VisitPlan, 'visitNumber' | 'visitClass' | 'startedAt'> {
  readonly visitId: string;
  readonly institution: Institution;
  readonly citizen: SampleCitizen;
  readonly actions: readonly ChaosAction[];
}

/** The visit as its hospital reports it in a message: as that of its patient, or of another. */
export const reportedOf = (
  { institution: { institutionId }, citizen, visitNumber, visitClass, startedAt }: ChaosVisit,
  { other }: Wrong = {},
): ReportedVisit => {
  const { idNumber, name, citizen: recordNumber } = other ?? citizen;
  return {
    institutionId,
    visitNumber,
    visitClass,
    department: DEPARTMENT,
    startedAt,
    patient: { idNumber, name, recordNumber },
  };
};

export interface VisitOccasion {
  readonly visitNumber: string;
  readonly institution: Institution;
  readonly citizen: SampleCitizen;
  /** Whom a message may name by mistake. */
  readonly others: readonly SampleCitizen[];
  /** When it is sent; what it reports happened before. */
  readonly now: Date;
}

const DEPARTMENT = 'CARD';
const MINUTE_MS = 60_000;
const SHANGHAI_MS = 8 * 60 * MINUTE_MS;
const EARLIER_MINUTES = 60;
/** Items of several thousand yuan would fill every line with one charge. */
const DEAR_SHARE = 0.03;
const DEAR_FEN = 100_000;
const usual = ITEMS.filter(([, priceYuan]) => extend('1', priceYuan) < DEAR_FEN);

const chance = (random: Random, share: number): boolean => random.next() < share;

/** A hospital's own clock, to the second and in its zone. */
const stamp = (atMs: number): string =>
  `${new Date(Math.floor(atMs / 1000) * 1000 + SHANGHAI_MS).toISOString().slice(0, 19)}+08:00`;

class Script {
  readonly actions: ChaosAction[] = [];
  readonly charges: Charge[] = [];
  /**
   * Charges that nothing else may be said of: what came first of two contents decides what could be
   * taken back.
   */
  private readonly taken = new Set<string>();
  private minutes = 0;

  constructor(
    private readonly random: Random,
    private readonly visitNumber: string,
    private readonly fromMs: number,
    /** Whether its door answers: what is refused of a topic stays parked. */
    private readonly isAnswered: boolean,
  ) {}

  at(): string {
    return stamp(this.fromMs + (this.minutes += 1) * MINUTE_MS);
  }

  plan(
    message: PlannedMessage,
    { pauseMs = this.random.integer(0, 400), ...wrong }: Wrong & { readonly pauseMs?: number } = {},
  ): void {
    this.actions.push({
      ...message,
      pauseMs,
      again: chance(this.random, 0.08),
      at: this.at(),
      key: `chaos-${this.visitNumber}-${this.actions.length + 1}`,
      ...wrong,
    });
  }

  charge(): Charge {
    const { random } = this;
    const [itemCode, unitPriceYuan] = random.pick(chance(random, DEAR_SHARE) ? ITEMS : usual);
    const quantity = random.pick(QUANTITIES);
    const made = {
      chargeId: `${this.visitNumber}.${this.charges.length + 1}`,
      itemCode,
      quantity,
      unitPriceYuan,
      amountFen: extend(quantity, unitPriceYuan),
      occurredAt: this.at(),
    };
    this.charges.push(made);
    return made;
  }

  /** A charge of which nothing was said since it was made, or undefined. */
  untouched(): Charge | undefined {
    const free = this.charges.filter(({ chargeId }) => !this.taken.has(chargeId));
    const charge = free.length > 0 ? this.random.pick(free) : undefined;
    if (charge) this.taken.add(charge.chargeId);
    return charge;
  }

  /** The same id with another content: another department, or another amount. */
  contradict(): void {
    const charge = this.untouched();
    if (!charge) return;
    const dearer = { ...charge, quantity: '7', amountFen: extend('7', charge.unitPriceYuan) };
    this.plan({
      kind: 'charges',
      charges: [chance(this.random, 0.5) ? { ...charge, department: 'OTHER' } : dearer],
    });
  }

  takeBack(pauseMs?: number): void {
    const charge = this.untouched();
    if (!charge) return;
    const returnId = `${charge.chargeId}.CD`;
    const pause = pauseMs === undefined ? {} : { pauseMs };
    if (chance(this.random, 0.4)) {
      for (const [index, part] of this.partsOf(charge).entries())
        this.plan({ kind: 'return', returnId: `${returnId}${index + 1}`, charge, part }, pause);
      return;
    }
    this.plan({ kind: 'return', returnId, charge }, pause);
    if (chance(this.random, 0.04) && this.isAnswered)
      this.plan({ kind: 'return', returnId: `${returnId}2`, charge }, { isBad: true });
  }

  /** One or two parts, which together are less than the charge: in any order both are right. */
  private partsOf({ quantity, amountFen, unitPriceYuan }: Charge): ReturnedPart[] {
    const half = extend('0.5', unitPriceYuan);
    if (Number(quantity) >= 2 && chance(this.random, 0.5))
      return [{ quantity: '0.5' }, { amountFen: Math.min(half, amountFen - 2 * half) }].filter(
        (part) => part.amountFen !== 0,
      );
    const partFen = Math.floor(amountFen / 3);
    return partFen === 0 ? [] : [{ amountFen: partFen }, { amountFen: partFen }];
  }

  /** A charge that names another citizen. */
  chargeAnother(other: SampleCitizen): void {
    this.plan({ kind: 'charges', charges: [this.charge()] }, { other });
    this.charges.pop();
  }

  /** A dispensed drug that is taken back before the pharmacy has it, and then as it should be. */
  takeDrugBack(): void {
    const drug = { ...this.charge(), dispensed: true as const };
    this.charges.pop();
    this.charges.push(drug);
    this.taken.add(drug.chargeId);
    this.plan({ kind: 'charges', charges: [drug] });
    const returnId = `${drug.chargeId}.CD`;
    if (this.isAnswered)
      this.plan({ kind: 'return', returnId: `${returnId}0`, charge: drug }, { isBad: true });
    this.plan({ kind: 'return', returnId, charge: drug, returnedToPharmacy: true });
  }

  /** Takes back what was never charged. */
  takeNothingBack(): void {
    const charge = { ...this.charge(), chargeId: `${this.visitNumber}.never` };
    this.charges.pop();
    this.plan({ kind: 'return', returnId: `${this.visitNumber}.neverCD`, charge }, { isBad: true });
  }
}

const chargeAll = (script: Script, random: Random): void => {
  const batches = random.integer(1, 4);
  for (let batch = 0; batch < batches; batch += 1) {
    script.plan({
      kind: 'charges',
      charges: Array.from({ length: random.integer(1, 3) }, () => script.charge()),
    });
    if (chance(random, 0.05)) script.contradict();
    if (chance(random, 0.12)) script.takeBack();
    if (chance(random, 0.05)) script.plan({ kind: 'update', department: `D${batch}` });
  }
};

/**
 * What may still come when the visit is over: a charge too late, returns that make refunds, a
 * citizen who pays from elsewhere.
 */
const afterwards = (script: Script, random: Random, visitNumber: string): void => {
  if (chance(random, 0.05)) script.plan({ kind: 'charges', charges: [script.charge()] });
  if (chance(random, 0.15)) script.takeBack(random.integer(1_000, 6_000));
  if (chance(random, 0.05)) script.takeBack(random.integer(1_000, 4_000));
  if (chance(random, 0.01)) script.takeNothingBack();
  if (chance(random, 0.12))
    script.plan(
      { kind: 'pay', token: `from-elsewhere-${visitNumber}:ok` },
      { pauseMs: random.integer(500, 4_000) },
    );
};

/** Plans a visit from its opening to its end: every visit is ended or cancelled. Pure. */
export const planVisit = (
  random: Random,
  { visitNumber, institution, citizen, others, now }: VisitOccasion,
): ChaosVisit => {
  const { door } = institution;
  const fromMs = now.getTime() - EARLIER_MINUTES * MINUTE_MS;
  const script = new Script(random, visitNumber, fromMs, door !== 'events');
  const startedAt = script.at();
  // Before the opening.
  if (chance(random, 0.08)) script.plan({ kind: 'charges', charges: [script.charge()] });
  script.plan({ kind: 'start' });
  chargeAll(script, random);
  // Over HL7 each message names a patient; a dispensed drug is marked at the other doors.
  const other = random.pick(others);
  if (door === 'hl7' && other !== citizen && chance(random, 0.06)) script.chargeAnother(other);
  if (door !== 'hl7' && chance(random, 0.06)) script.takeDrugBack();
  if (chance(random, 0.06)) script.plan({ kind: 'cancel' });
  else {
    script.plan({ kind: 'end' });
    afterwards(script, random, visitNumber);
  }
  const visitClass = random.pick([
    'outpatient',
    'outpatient',
    'outpatient',
    'emergency',
    'inpatient',
  ] as const);
  return {
    visitId: visitIdOf(institution.institutionId, visitNumber),
    visitNumber,
    visitClass,
    startedAt,
    institution,
    citizen,
    actions: script.actions,
  };
};
