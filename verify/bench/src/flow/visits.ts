import { itemsOn } from '@caretab/benefits';
import { visitIdOf } from '@caretab/contracts';
import type { SampleCitizen, SampleInstitution } from '@caretab/deploy';
import type { ReportedCharge, ReportedVisit, VisitReport } from '@caretab/hospital';
import { extend, idNumberCheck } from '@caretab/kernel';

export const CHARGES_PER_VISIT = 10;
/** As most orders of the sample day have. */
const CHARGES_TOGETHER = 2;
const CITIZENS = 240;
const STEMS = '甲乙丙丁戊己庚辛壬癸';
const MINUTE_MS = 60_000;
const SHANGHAI_MS = 8 * 60 * MINUTE_MS;
const PRICE_YUAN_MAX = 40;

export const INSTITUTIONS: readonly SampleInstitution[] = [1, 2, 3, 4].map((number) => ({
  institutionId: `BN00${number}`,
  name: `Bench Hospital ${number}`,
  level: number === 4 ? 'community' : 'level-3',
  door: 'http',
  interface: { presence: 'card' },
}));

const digits = (value: number, length: number): string => String(value).padStart(length, '0');

/** Invented citizens, each with a line of CNY 20,000, a basic plan and an account that pays. */
export const CITIZENS_OF_RUN: readonly SampleCitizen[] = Array.from(
  { length: CITIZENS },
  (_, index) => {
    const birthDate = `${1950 + (index % 50)}${digits(1 + (index % 12), 2)}${digits(1 + (index % 28), 2)}`;
    const body = `330106${birthDate}${digits(index, 3)}`;
    return {
      citizen: `bench-${index}`,
      name: `测${[...digits(index, 3)].map((digit) => STEMS[Number(digit)]).join('')}`,
      idNumber: body + idNumberCheck(body),
      mobile: `1390000${digits(index, 4)}`,
      email: `bench-${index}@mail.example`,
      language: 'zh',
      score: 800,
      openService: true,
      memberships: [{ planId: 'resident-basic', psnType: '15', from: '2025-01-01' }],
      account: { channel: 'unionpay', token: `bench-account-${index}:ok` },
    };
  },
);

const stamp = (atMs: number): string =>
  `${new Date(atMs + SHANGHAI_MS).toISOString().slice(0, 19)}+08:00`;

/** A visit of the run: everything that its hospital will report, in order. */
export interface FlowVisit {
  readonly visitId: string;
  readonly visit: ReportedVisit;
  readonly reports: readonly VisitReport[];
  readonly grossFen: number;
}

/** Everything about a visit follows from its number and the time. Throws without a catalogue. */
export const flowVisit = (number: number, nowMs: number): FlowVisit => {
  const { institutionId } = INSTITUTIONS[number % INSTITUTIONS.length]!;
  const citizen = CITIZENS_OF_RUN[number % CITIZENS]!;
  const at = (minutes: number): string => stamp(nowMs - (60 - minutes) * MINUTE_MS);
  const visitNumber = `F${number}`;
  const charges = Array.from({ length: CHARGES_PER_VISIT }, (_, index) =>
    chargeOf(number * CHARGES_PER_VISIT + index, at(2 + index)),
  );
  const together = Array.from(
    { length: CHARGES_PER_VISIT / CHARGES_TOGETHER },
    (_, index): VisitReport => ({
      kind: 'charges',
      at: at(3 + index),
      charges: charges.slice(index * CHARGES_TOGETHER, (index + 1) * CHARGES_TOGETHER),
    }),
  );
  return {
    visitId: visitIdOf(institutionId, visitNumber),
    visit: {
      institutionId,
      visitNumber,
      visitClass: 'outpatient',
      department: 'CARD',
      startedAt: at(1),
      patient: { idNumber: citizen.idNumber, name: citizen.name, recordNumber: citizen.citizen },
    },
    reports: [{ kind: 'start', at: at(1) }, ...together, { kind: 'end', at: at(30) }],
    grossFen: charges.reduce((sum, { amountFen }) => sum + amountFen, 0),
  };
};

const items = itemsOn(stamp(Date.now()).slice(0, 10)).filter(
  ({ priceYuan }) => Number(priceYuan) > 0 && Number(priceYuan) < PRICE_YUAN_MAX,
);

const chargeOf = (number: number, occurredAt: string): ReportedCharge => {
  const { code, priceYuan } = items[number % items.length]!;
  return {
    chargeId: `C${number}`,
    itemCode: code,
    quantity: '1',
    unitPriceYuan: priceYuan,
    amountFen: extend('1', priceYuan),
    occurredAt,
  };
};
