import { idNumberCheck } from '@caretab/kernel';
import type { Random } from '@caretab/doubles';
import type { SampleCitizen, SampleInstitution } from '@caretab/deploy';
import { MEMBERSHIPS, TOKENS } from '@caretab/simulation';

/** How each of the hospitals reaches the platform. */
export const INSTITUTIONS = [
  {
    ...{ institutionId: 'CH001', name: 'Chaos General Hospital', level: 'level-3', door: 'hl7' },
    interface: { hl7: true },
  },
  { institutionId: 'CH002', name: 'Chaos District Hospital', level: 'level-2', door: 'http' },
  { institutionId: 'CH003', name: 'Chaos Community Centre', level: 'community', door: 'events' },
] as const satisfies readonly SampleInstitution[];

const FAMILY_NAMES = '赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许';
const GIVEN_NAMES = [
  '混一',
  '沌二',
  '初三',
  '开四',
  '天五',
  '地六',
  '玄七',
  '黄八',
  '宇九',
  '宙十',
];
/** Lines from 500 to 20 000 yuan: some are used up by one visit, some by none. */
const SCORES = [400, 480, 520, 560, 620, 640, 700, 760, 800, 860];
/** Of so many citizens the last are children on the line of one who comes often. */
export const CITIZENS = 60;
const CHILDREN = 4;

const digits = (count: number, length: number): string => String(count).padStart(length, '0');

const citizenOf = (random: Random, index: number): SampleCitizen => {
  const isChild = index >= CITIZENS - CHILDREN;
  const birthYear = isChild ? 2016 : 1960 + (index % 40);
  const birthDate = `${birthYear}${digits(1 + (index % 12), 2)}${digits(1 + (index % 28), 2)}`;
  const familyName = FAMILY_NAMES[index % FAMILY_NAMES.length]!;
  const givenName = GIVEN_NAMES[Math.floor(index / FAMILY_NAMES.length) * 3 + (index % 3)]!;
  const body = `330106${birthDate}${digits(100 + index, 3)}`;
  const behaviour = random.pick(TOKENS);
  return {
    citizen: `chaos-${index}`,
    name: `${familyName}${givenName}`,
    idNumber: body + idNumberCheck(body),
    mobile: `1398${digits(random.integer(0, 9999), 4)}${digits(index, 3)}`,
    email: `under-fire-${index}@mail.example`,
    language: index % 8 === 0 ? 'en' : 'zh',
    score: random.pick(SCORES),
    openService: index % 20 !== 19,
    memberships: isChild
      ? [{ planId: 'resident-basic', psnType: '1403', from: '2025-01-01' }]
      : random.pick(MEMBERSHIPS),
    account:
      isChild || index % 25 === 24
        ? null
        : {
            channel: index % 2 === 0 ? 'unionpay' : 'citizen-card',
            token: `chaos-account-${index}:${behaviour}`,
          },
    ...(isChild && { guardian: `chaos-${index % CHILDREN}` }),
  };
};

/**
 * The citizens of one run, a pure function of its randomness: every line, membership and behaviour
 * of an account occurs.
 */
export const citizensOf = (random: Random): readonly SampleCitizen[] =>
  Array.from({ length: CITIZENS }, (_, index) => citizenOf(random, index));

/** What of a citizen must be found nowhere. The name also as HL7 parts it. */
export const secretsOf = ({ name, idNumber, mobile, email }: SampleCitizen): readonly string[] => [
  name,
  `${name[0]!}^${name.slice(1)}`,
  idNumber,
  mobile,
  email,
];
