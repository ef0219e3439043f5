import type { Chance } from './random';

/**
 * One citizen of the sample day, as samples/setup/citizens.json holds it. Every person is invented.
 */
export interface Citizen {
  readonly citizen: string;
  readonly name: string;
  readonly idNumber: string;
  readonly mobile: string;
  readonly email: string;
  readonly language: 'zh' | 'en';
  readonly score: number;
  readonly openService: boolean;
  readonly freeze?: string;
  readonly guardian?: string;
  readonly memberships: readonly {
    readonly planId: string;
    readonly psnType: string;
    readonly from: string;
  }[];
  readonly account: { readonly channel: string; readonly token: string } | null;
}

const FAMILY = [
  ...'王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕',
];
const GIVEN = [
  '伟',
  '芳',
  '娜',
  '敏',
  '静',
  '秀英',
  '丽',
  '强',
  '磊',
  '洋',
  '艳',
  '勇',
  '军',
  '杰',
  '娟',
  '涛',
  '超',
  '明',
  '霞',
  '平',
  '桂英',
  '建华',
  '玉兰',
  '志强',
  '晓燕',
  '子轩',
  '梓涵',
  '雨桐',
  '思远',
  '佳怡',
];
const AREAS = ['330102', '330105', '330106', '330108', '330109', '330110'];
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** The check character of GB 11643 (ISO 7064 MOD 11-2). */
const checkCharacter = (body: string): string =>
  '10X98765432'[
    [...body].reduce((sum, digit, index) => sum + Number(digit) * WEIGHTS[index]!, 0) % 11
  ]!;

const idNumberOf = (chance: Chance, birthYear: number, serial: number): string => {
  const two = (value: number): string => String(value).padStart(2, '0');
  const area = chance.pick(AREAS);
  const monthAndDay = two(chance.between(1, 12)) + two(chance.between(1, 28));
  const body = `${area}${birthYear}${monthAndDay}${String(serial % 1000).padStart(3, '0')}`;
  return body + checkCharacter(body);
};

type Kind = 'employee' | 'retired' | 'resident' | 'child' | 'uninsured';
const BIRTH_YEARS: Readonly<Record<Kind, readonly [number, number]>> = {
  employee: [1972, 2002],
  retired: [1940, 1962],
  resident: [1958, 2000],
  child: [2012, 2022],
  uninsured: [1975, 2000],
};
const FROM = '2025-01-01';

const membershipsOf = (kind: Kind, supplement: boolean): Citizen['memberships'] => {
  const psnType = { employee: '11', retired: '12', resident: '15', child: '1403', uninsured: '' }[
    kind
  ];
  const planId = kind === 'employee' || kind === 'retired' ? 'employee-basic' : 'resident-basic';
  if (kind === 'uninsured') return [];
  return [
    { planId, psnType, from: FROM },
    ...(supplement ? [{ planId: 'evergreen-supplement', psnType, from: FROM }] : []),
  ];
};

const mobileOf = (chance: Chance): string => {
  const prefix = `1${chance.pick(['38', '39', '58', '77', '86'])}`;
  return prefix + String(chance.between(0, 99999999)).padStart(8, '0');
};

/** Makes citizens one by one; every third insured adult has the commercial supplement. */
export class Citizens {
  readonly all: Citizen[] = [];
  constructor(private readonly chance: Chance) {}

  add(kind: Kind, overrides: Partial<Citizen> = {}): Citizen {
    const serial = this.all.length + 1;
    const [from, to] = BIRTH_YEARS[kind];
    const citizen = `C${String(serial).padStart(3, '0')}`;
    const made: Citizen = {
      citizen,
      name: this.chance.pick(FAMILY) + this.chance.pick(GIVEN),
      idNumber: idNumberOf(this.chance, this.chance.between(from, to), serial),
      mobile: mobileOf(this.chance),
      email: `${citizen.toLowerCase()}@mail.example`,
      language: serial % 6 === 0 ? 'en' : 'zh',
      score: this.chance.between(705, 880),
      openService: true,
      memberships: membershipsOf(kind, serial % 3 === 0),
      account: {
        channel: this.chance.pick(['unionpay', 'citizen-card']),
        token: `tok-${citizen.toLowerCase()}:ok`,
      },
      ...overrides,
    };
    this.all.push(made);
    return made;
  }
}
