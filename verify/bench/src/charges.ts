import { type CatalogueItem, itemsOn } from '@caretab/benefits';
import {
  adjudicationClaims,
  type Charge,
  type ContractMessage,
  type Coverage,
  creditAuthorizations,
  hospitalVisitEvents,
  identityInstitutions,
  message,
  visitIdOf,
} from '@caretab/contracts';
import { extend } from '@caretab/kernel';
import type { Message } from '@caretab/bus';
import type { Shape } from './options';

/** The day on which everything of a run happens. */
const DAY = '2026-03-02';
const AT = `${DAY}T09:30:00+08:00`;
const TIME = new Date(AT);
const INSTITUTIONS = 40;
const PAYERS = ['city-employee', 'city-resident', 'evergreen-health'] as const;
/** Far above what fits, so that no part of the usual charges asks for more. */
const HELD_FEN = 20_000_000;
/** Of an item that no plan pays for: the patient would bear all of it. */
const TOO_DEAR = {
  itemCode: '110100002',
  quantity: '1',
  unitPriceYuan: '9000000.00',
  amountFen: 900_000_000,
};
/**
 * One charge in so many is of an item that no catalogue lists, and one does not fit the hold:
 * credit is asked, and declines.
 */
const UNKNOWN_EVERY = 97;
const TOO_DEAR_EVERY = 499;

/** A visit of the bench. Everything about it follows from its number. */
export interface BenchVisit {
  readonly visitId: string;
  readonly visitNumber: string;
  readonly institutionId: string;
  readonly personId: string;
  readonly payerId: string;
}

const items: readonly CatalogueItem[] = itemsOn(DAY).filter(
  ({ priceYuan }) => Number(priceYuan) > 0 && Number(priceYuan) < 500,
);

const institutionIdAt = (place: number): string => `HZ${String(place + 1).padStart(3, '0')}`;

export const institutionIds = (): string[] =>
  Array.from({ length: INSTITUTIONS }, (_, place) => institutionIdAt(place));

/** Every institution of the loads, as identity publishes it. */
export const registrations = (): ContractMessage[] =>
  institutionIds().map((institutionId) =>
    message(
      identityInstitutions,
      'InstitutionRegistered',
      { institutionId, name: institutionId, level: 'level-3', registeredAt: AT },
      { id: `registered-${institutionId}`, time: TIME, source: 'identity', causedBy: undefined },
    ),
  );

/** In a hot load every visit is at one institution, and one insurer pays for all. */
export const visitOf = (index: number, shape: Shape): BenchVisit => {
  const place = shape === 'hot' ? 0 : index % INSTITUTIONS;
  const institutionId = institutionIdAt(place);
  const visitNumber = `V${index}`;
  const personId = `p-${String(index).padStart(8, '0')}-1111-4111-8111-111111111111`;
  return {
    visitId: visitIdOf(institutionId, visitNumber),
    visitNumber,
    institutionId,
    personId,
    payerId: PAYERS[shape === 'hot' ? 0 : index % PAYERS.length]!,
  };
};

/** As a producer sends it: nothing is left to do for a message but to hand it over. */
export const onTheWire = ({ key, headers, value }: ContractMessage): Message => ({
  key,
  headers,
  value: JSON.stringify(value),
});

const hospital = ({ institutionId }: BenchVisit, id: string) => ({
  id,
  time: TIME,
  source: `hospital/${institutionId}`,
});

export const startOf = (visit: BenchVisit): ContractMessage => {
  const { visitId, visitNumber, institutionId, personId } = visit;
  return message(
    hospitalVisitEvents,
    'VisitStarted',
    {
      visitId,
      visitNumber,
      institutionId,
      personId,
      visitClass: 'inpatient',
      department: 'Cardiology',
      startedAt: AT,
    },
    hospital(visit, `start-${visitId}`),
  );
};

/**
 * Three bands and a deductible, as the plans of a city have, and a second plan that pays of what
 * the first leaves.
 */
export const coverageOf = ({ visitId, payerId }: BenchVisit): Coverage => ({
  coverageId: `coverage-${visitId}`,
  catalogueDate: DAY,
  hospitalLevel: 'level-3',
  plans: [
    {
      planId: `${payerId}-basic`,
      payerId,
      kind: 'basic',
      deductibleFen: 80_000,
      deductibleUsedFen: 20_000,
      bands: [
        { upToFen: 2_000_000, rateBps: 8200 },
        { upToFen: 4_000_000, rateBps: 8700 },
        { upToFen: null, rateBps: 9200 },
      ],
      inScopeUsedFen: 20_000,
      fundCapFen: 40_000_000,
      fundUsedFen: 0,
      personalAccountFen: 50_000,
    },
    {
      planId: `${payerId}-more`,
      payerId,
      kind: 'supplementary',
      deductibleFen: 1_000_000,
      deductibleUsedFen: 0,
      bands: [{ upToFen: null, rateBps: 6000 }],
      inScopeUsedFen: 0,
      fundCapFen: null,
      fundUsedFen: 0,
      personalAccountFen: 0,
      covers: ['inScope', 'firstSelfPay'],
    },
  ],
});

/** What credit answers to an opened visit. */
export const authorizationOf = (visit: BenchVisit): ContractMessage => {
  const { visitId, personId } = visit;
  return message(
    creditAuthorizations,
    'CreditAuthorized',
    {
      visitId,
      personId,
      accountPersonId: personId,
      authorizationId: `hold-${visitId}`,
      heldFen: HELD_FEN,
      expiresAt: '2026-04-02T09:30:00+08:00',
    },
    { id: `authorized-${visitId}`, time: TIME, source: 'credit' },
  );
};

/** What adjudication answers to an opened visit. */
export const coverageDetermined = (visit: BenchVisit): ContractMessage =>
  message(
    adjudicationClaims,
    'CoverageDetermined',
    { visitId: visit.visitId, personId: visit.personId, coverage: coverageOf(visit) },
    { id: `covered-${visit.visitId}`, time: TIME, source: 'adjudication' },
  );

/** What credit answers when a charge does not fit: the line has no more. */
export const increaseDeclined = (
  { visitId, personId }: BenchVisit,
  requestId: string,
): ContractMessage =>
  message(
    creditAuthorizations,
    'HoldIncreaseDeclined',
    {
      visitId,
      personId,
      accountPersonId: personId,
      requestId,
      heldFen: HELD_FEN,
      reason: 'OVER_LINE',
    },
    { id: `declined-${requestId}`, time: TIME, source: 'credit' },
  );

/** What the charge of this number is for. */
export const chargeOf = (number: number): Charge => {
  const { code, priceYuan } = items[number % items.length]!;
  const place = { chargeId: `C${number}`, occurredAt: AT, department: 'Cardiology' };
  if (number % UNKNOWN_EVERY === 1)
    return {
      ...place,
      itemCode: 'NOT-LISTED',
      quantity: '1',
      unitPriceYuan: priceYuan,
      amountFen: extend('1', priceYuan),
    };
  if (number % TOO_DEAR_EVERY === 2) return { ...place, ...TOO_DEAR };
  const quantity = String(1 + (number % 3));
  return {
    ...place,
    itemCode: code,
    quantity,
    unitPriceYuan: priceYuan,
    amountFen: extend(quantity, priceYuan),
  };
};

/** The charge of this number; its id is unique over the whole run. */
export const chargePosted = (visit: BenchVisit, number: number): ContractMessage =>
  message(
    hospitalVisitEvents,
    'ChargePosted',
    {
      visitId: visit.visitId,
      institutionId: visit.institutionId,
      visitNumber: visit.visitNumber,
      charge: chargeOf(number),
    },
    hospital(visit, `${visit.institutionId}.${number}`),
  );

/**
 * The number of a charge in a decision, without parsing all of it: the bench shares the machine
 * with what it measures.
 */
export const chargeNumberIn = (text: string): number => {
  const from = text.indexOf('"chargeId":"C') + 13;
  return Number(text.slice(from, text.indexOf('"', from)));
};

/** How the charge of this number must be decided. */
export const isDeferred = (number: number): boolean =>
  number % UNKNOWN_EVERY !== 1 && number % TOO_DEAR_EVERY !== 2;
