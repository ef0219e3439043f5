import { type Demographics, nameForms } from '@caretab/identity';
import { idNumberCheck } from '@caretab/kernel';
import { numbersOf } from '../growth/picks';

/** One person of the index, and what other sources say: of the same person, or of a stranger. */
export interface LabelledSet {
  readonly persons: readonly Demographics[];
  /** `of`: which person it is; undefined where none of them. */
  readonly records: readonly { readonly of: number | undefined; readonly said: Demographics }[];
}

type Pick = () => number;

const SURNAMES = [
  ...'王王王王李李李李张张张刘刘陈陈杨杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段漕钱汤尹黎易常武乔贺赖龚文',
];
const GIVEN = [
  ...'伟伟芳芳娜敏静秀丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉梅红志国建文春海燕永林清和雨晨浩宇欣怡梓涵子轩思远佳琪俊凯雅婷嘉慧博雪琳晓东鹏飞云龙丹萍辉斌波宁健帆鑫玲珍莉莹诗若依安然一诺泽天睿乐瑶彤可心沐阳景行知行书墨语嫣',
];
/** Characters of one sound; the first is meant. */
const HOMOPHONES =
  '清青 和河 晓小 宇雨 静婧 伟玮 芳方 丽莉 明铭 佳嘉 林琳 文雯 杰洁 敏闵 国果 志智 建健 红虹 英瑛 平萍'.split(
    ' ',
  );
const TRADITIONAL =
  '刘劉 陈陳 张張 杨楊 赵趙 黄黃 吴吳 孙孫 马馬 华華 国國 伟偉 强強 静靜 丽麗 红紅 云雲 龙龍 飞飛 东東'.split(
    ' ',
  );
const AREAS = ['330102', '330105', '330106', '330108', '330109', '330110', '330111', '330182'];
const STREETS = ['金城路', '文三路', '建设四路', '市心中路', '体育场路', '江南大道', '天目山路'];
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.parse('1935-01-01');
const DAYS = 33_000;
const [A_DUPLICATE, A_STRANGER, A_TWIN, A_CHILD] = [0.6, 0.2, 0.01, 0.25];

const of = <Item>(items: readonly Item[], pick: Pick): Item =>
  items[Math.floor(pick() * items.length)]!;
const digit = (text: string, at: number, pick: Pick): string =>
  text.slice(0, at) +
  String((Number(text[at]) + 1 + Math.floor(pick() * 9)) % 10) +
  text.slice(at + 1);
const turned = (text: string, at: number): string =>
  text.slice(0, at) + text[at + 1]! + text[at]! + text.slice(at + 2);
/** One wrong digit, or two that changed places. */
const slip = (text: string, upTo: number, pick: Pick): string => {
  const at = Math.floor(pick() * upTo);
  return pick() < 0.5 || text[at] === text[at + 1] ? digit(text, at, pick) : turned(text, at);
};

const fresh = (number: number, pick: Pick): Demographics => {
  const birthDate = new Date(FIRST_DAY + Math.floor(pick() * DAYS) * DAY_MS)
    .toISOString()
    .slice(0, 10);
  const sex = pick() < 0.5 ? 'male' : 'female';
  const sequence = (number % 499) * 2 + (sex === 'male' ? 1 : 0);
  const body = of(AREAS, pick) + birthDate.replaceAll('-', '') + String(sequence).padStart(3, '0');
  const given = of(GIVEN, pick) + (pick() < 0.8 ? of(GIVEN, pick) : '');
  return {
    ...{ name: of(SURNAMES, pick) + given, birthDate, sex, idNumber: body + idNumberCheck(body) },
    mobile: `1${of([3, 5, 6, 7, 8, 9], pick)}${String(Math.floor(pick() * 1e9)).padStart(9, '0')}`,
    address: `杭州市萧山区${of(STREETS, pick)}${1 + Math.floor(pick() * 900)}号${1 + Math.floor(pick() * 30)}幢`,
  };
};

/** A twin, or a child with its parent's surname, mobile number and address. */
const relative = (
  person: Demographics,
  number: number,
  isTwin: boolean,
  pick: Pick,
): Demographics => {
  const other = fresh(number, pick);
  const { mobile, address, birthDate } = person;
  const name = person.name!.slice(0, 1) + other.name!.slice(1);
  if (!isTwin) return { ...other, name, mobile: mobile!, address: address! };
  const body = person.idNumber!.slice(0, 14) + other.idNumber!.slice(14, 17);
  const idNumber = body + idNumberCheck(body);
  return { ...other, name, mobile: mobile!, address: address!, birthDate: birthDate!, idNumber };
};

const replaced = (name: string, pairs: readonly string[]): string => {
  const pair = pairs.find((each) => name.includes(each[0]!));
  return pair ? name.replace(pair[0]!, pair[1]!) : name;
};

const written = (name: string, pick: Pick): string => {
  const chance = pick();
  if (chance < 0.84) return name;
  if (chance < 0.9) return replaced(name, HOMOPHONES);
  if (chance < 0.93) return replaced(name, TRADITIONAL);
  if (chance < 0.97) return nameForms(name).sounds;
  return name.slice(0, -1) + of(GIVEN, pick);
};

const moved = (address: string, pick: Pick): string =>
  pick() < 0.6
    ? address.replace('杭州市', '')
    : `杭州市西湖区${of(STREETS, pick)}${1 + Math.floor(pick() * 900)}号`;

/** What another source has of a person: less, older, and with slips. */
const heard = (person: Demographics, pick: Pick): Demographics => {
  const { name, birthDate, sex, idNumber, mobile, address } = person;
  const [numbered, dated, called, lives] = [pick(), pick(), pick(), pick()];
  const [year, month, day] = birthDate!.split('-');
  const number =
    numbered < 0.5 ? idNumber : numbered < 0.58 ? slip(idNumber!, 16, pick) : undefined;
  const date =
    dated < 0.9
      ? birthDate
      : dated < 0.92
        ? `${year}-${day}-${month}`
        : dated < 0.95
          ? `${year}-${month}-${String((Number(day) % 28) + 1).padStart(2, '0')}`
          : undefined;
  const phone =
    called < 0.62
      ? mobile
      : called < 0.65
        ? slip(mobile!, 10, pick)
        : called < 0.88
          ? fresh(0, pick).mobile
          : undefined;
  const place = lives < 0.4 ? address : lives < 0.8 ? moved(address!, pick) : undefined;
  return {
    name: written(name!, pick),
    ...(pick() < 0.97 && { sex: pick() < 0.99 ? sex! : sex === 'male' ? 'female' : 'male' }),
    ...(number !== undefined && { idNumber: number }),
    ...(date !== undefined && { birthDate: date }),
    ...(phone !== undefined && { mobile: phone }),
    ...(place !== undefined && { address: place }),
  };
};

/** Persons with families, twins and namesakes, and records of them and of strangers; by a seed. */
export const labelledSet = (count: number, seed: number): LabelledSet => {
  const pick = numbersOf(seed);
  const persons: Demographics[] = [];
  while (persons.length < count) {
    const before = persons.at(-1);
    const chance = before ? pick() : 1;
    persons.push(
      before && chance < A_TWIN + A_CHILD
        ? relative(before, persons.length, chance < A_TWIN, pick)
        : fresh(persons.length, pick),
    );
  }
  const records = persons.flatMap((person, index) => [
    ...(pick() < A_DUPLICATE ? [{ of: index, said: heard(person, pick) }] : []),
    ...(pick() < A_STRANGER
      ? [{ of: undefined, said: heard(fresh(count + index, pick), pick) }]
      : []),
  ]);
  return { persons, records };
};
