import type { Random } from '@caretab/doubles';
import { idNumberCheck } from '@caretab/kernel';
import { chance } from './visit-script';

/** One citizen of a seed, as registered. */
export interface CitizenPlan {
  readonly name: string;
  readonly idNumber: string;
  readonly mobile: string;
  readonly email: string;
  readonly score: number;
  readonly isEnrolled: boolean;
  /** Index of the guardian, for a child. */
  readonly guardian: number | undefined;
  readonly memberships: readonly object[];
  /** The bound account's token with its behaviour; none where nothing is bound. */
  readonly token: string | undefined;
}

export const TOKENS = [
  'ok',
  'ok',
  'ok',
  'declined-once',
  'declined',
  'no-answer-captured',
  'no-answer-lost',
  'processing',
  'error-once',
  'part',
  'refund-refused',
  'refund-refused',
  'refund-refused-twice',
] as const;
const FROM = '2025-01-01';
export const MEMBERSHIPS: readonly (readonly object[])[] = [
  [],
  [{ planId: 'resident-basic', psnType: '15', from: FROM }],
  [
    { planId: 'resident-basic', psnType: '15', from: FROM },
    { planId: 'evergreen-supplement', psnType: '15', from: FROM },
  ],
  [{ planId: 'employee-basic', psnType: '11', from: FROM, personalAccountYuan: '60.00' }],
];

export const citizenOf = (
  random: Random,
  index: number,
  guardian: number | undefined,
): CitizenPlan => {
  const birthYear = guardian === undefined ? 1985 : 2016;
  const birthDate = `${birthYear}0${random.integer(1, 9)}${10 + index}`;
  return {
    name: `王小${'一二三四五六七八'[index]!}`,
    idNumber: idNumberOf(birthDate, index),
    mobile: `1380000000${index}`,
    email: `citizen-${index}@example.org`,
    guardian,
    score: random.pick([400, 400, 560, 620, 800]),
    isEnrolled: chance(random, 0.9),
    memberships:
      guardian === undefined
        ? random.pick(MEMBERSHIPS)
        : [{ planId: 'resident-basic', psnType: '1403', from: FROM }],
    token: chance(random, 0.9) ? `account-${index}:${random.pick(TOKENS)}` : undefined,
  };
};

const idNumberOf = (birthDate: string, index: number): string => {
  const body = `330106${birthDate}${100 + index}`;
  return body + idNumberCheck(body);
};

/** The citizen, born on another day (YYYYMMDD). */
export const bornOn = (citizen: CitizenPlan, birthDate: string): CitizenPlan => ({
  ...citizen,
  idNumber: idNumberOf(birthDate, Number(citizen.mobile.at(-1))),
});

/** The same human being, who registered once more by another document. */
export const doubleOf = (random: Random, citizen: CitizenPlan, index: number): CitizenPlan => {
  const birthDate = citizen.idNumber.slice(6, 14);
  // Of the same sex, which the number says.
  const sequence = Number(citizen.idNumber.slice(14, 17)) + SAME_SEX;
  const body = `330106${birthDate}${sequence}`;
  return {
    ...citizen,
    idNumber: body + idNumberCheck(body),
    mobile: `1380000000${index}`,
    email: `citizen-${index}@example.org`,
    score: random.pick([400, 560, 620, 800]),
    isEnrolled: true,
    memberships: random.pick(MEMBERSHIPS),
    token: chance(random, 0.9) ? `account-${index}:${random.pick(TOKENS)}` : undefined,
  };
};

const SAME_SEX = 20;
