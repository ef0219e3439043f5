import { findItem } from '@caretab/benefits';
import { businessDateOf } from '@caretab/contracts';
import { assert, formatYuan } from '@caretab/kernel';
import type { Facts, NoticeRow, NotOnTab, OnTab } from './notice.table';

export type Language = 'zh' | 'en';
export type Words = Readonly<Record<Language, string>>;
export type Templates = Readonly<
  Record<string, Readonly<Record<Language, { readonly subject: string; readonly text: string }>>>
>;

/** Plain words for codes, and sentences that templates share. */
export interface Phrases {
  readonly reasons: Readonly<Record<string, Words>>;
  readonly unknownReason: Words;
  readonly itemLine: Words;
  readonly itemUnnamed: Words;
  readonly itemUnnamedAt: Words;
  readonly hospitalUnnamed: Words;
  readonly more: Words;
  readonly tabLine: Words;
  readonly tabMore: Words;
  /** What a late charge is for. */
  readonly lateItem: Words;
  readonly link: Words;
  /** Where to look, where no link is given. */
  readonly where: Words;
}

/** What a notice is worded with, beside its facts. */
export interface Wording {
  readonly templates: Templates;
  readonly phrases: Phrases;
  /** Where people see the details after they signed in; none where there is no such place. */
  readonly link: string | undefined;
}

/** How a notice is to be worded for its reader. */
export interface Reading {
  readonly language: Language;
  /** The hospital's registered name; a plain word where it has none. */
  readonly hospital: string | undefined;
}

/** Charges that a notice lists; the others are counted. */
const LINES_MAX = 50;

/** Fills the fields of a text; amounts (`…Fen`) in yuan. Breaks on a missing fact. */
export const fill = (text: string, facts: Facts): string =>
  text.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const fact = facts[name];
    assert(
      typeof fact === 'string' || typeof fact === 'number',
      `the template's field ${name} is among the facts`,
    );
    return name.endsWith('Fen') ? formatYuan(Number(fact)) : String(fact);
  });

/** What the payer of another person's visit reads in words of its own. */
const TOLD_TO_PAYERS: ReadonlySet<string> = new Set(['late-not-deferred', 'late-in-question']);

/** What became of something is a wording of its own. */
const DECIDED: ReadonlySet<string> = new Set([
  'score-expiring',
  'score-appeal-decided',
  'objection-decided',
]);

/** The last notice comes when its reader can no longer sign in. */
const LEADS_NOWHERE: ReadonlySet<string> = new Set([
  ...['mobile-code', 'visit-code', 'erasure-begun'],
]);

/** Whether a notice says where to look. */
export const leadsOn = (template: string): boolean => !LEADS_NOWHERE.has(template);

/**
 * Which wording of a template fits: for the payer of another person's visit there is one without
 * items; of a settled visit, or one whose payment failed, it depends on what is on the tab and what
 * is not, and on whether a bank collects it, of a refund on its way.
 */
export const variantOf = (template: string, facts: Facts): string => {
  const payer = facts['audience'] === 'payer' ? '.payer' : '';
  if (template === 'payment-missed')
    return `${template}${payer}${Number(facts['notDeferredCount'] ?? 0) > 0 ? '.partly' : ''}`;
  if (TOLD_TO_PAYERS.has(template)) return template + payer;
  if (template === 'refund-completed') {
    const { way } = facts;
    return way === undefined || way === 'channel' ? template : `${template}.${String(way)}`;
  }
  if (DECIDED.has(template)) return `${template}.${String(facts['becomes'])}`;
  if (template !== 'visit-settled') return template;
  // An event of an earlier release does not say what is on the tab and what is not.
  if (facts['grossFen'] === undefined) return 'visit-settled.summary';
  const lent = facts['lentBy'] === 'bank' ? '.lent' : '';
  if (facts['notDeferredCount'] === 0) return template + payer + lent;
  return `${template}${payer}${lent}${facts['grossFen'] === 0 ? '.counter' : '.partly'}`;
};

/** Day and time of an instant in China; the day alone where it came without a time. */
const momentOf = (instant: string, language: Language): string => {
  const date = businessDateOf(instant);
  const day = new Date(`${date}T00:00:00+08:00`);
  const minutes = Math.floor((Date.parse(instant) - day.getTime()) / 60_000);
  const two = (number: number): string => String(number).padStart(2, '0');
  const [year, month, monthDay] = date.split('-').map(Number);
  const said = language === 'zh' ? `${year}年${month}月${monthDay}日` : date;
  // A date alone is read as midnight.
  return minutes === 0 ? said : `${said} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
};

/** The times that a text may name. */
const momentsIn = (facts: Facts, language: Language): Facts =>
  Object.fromEntries(
    (['startedAt', 'endedAt', 'answerUntil'] as const).flatMap((name) => {
      const at = facts[name];
      return typeof at === 'string' ? [[name, momentOf(at, language)]] : [];
    }),
  );

/** What an item is called; where no catalogue names it, words and its time, never a code. */
const itemOf = (
  { itemCode, occurredAt }: Pick<NotOnTab, 'itemCode' | 'occurredAt'>,
  { itemUnnamed, itemUnnamedAt }: Phrases,
  { language, at }: { readonly language: Language; readonly at: Date },
): string => {
  const name = findItem(itemCode, businessDateOf(occurredAt ?? at))?.name[language];
  if (name !== undefined) return name;
  return occurredAt === undefined
    ? itemUnnamed[language]
    : fill(itemUnnamedAt[language], { moment: momentOf(occurredAt, language) });
};

/** What is on the tab, each on a line of its own; nothing where its event does not say. */
const tabLines = (
  facts: Facts,
  phrases: Phrases,
  reading: { readonly language: Language; readonly at: Date },
): string => {
  const { onTab, onTabCount, grossFen } = facts;
  if (!Array.isArray(onTab)) return '';
  const named = onTab as readonly OnTab[];
  const { tabLine, tabMore } = phrases;
  const count = Number(onTabCount) - named.length;
  const restFen = Number(grossFen) - named.reduce((sum, { amountFen }) => sum + amountFen, 0);
  const lines = named.map((charge) => {
    const item = itemOf(charge, phrases, reading);
    return fill(tabLine[reading.language], { item, amountFen: charge.amountFen });
  });
  const more = fill(tabMore[reading.language], { count, amountFen: restFen });
  return [...lines, ...(count > 0 ? [more] : [])].map((line) => `\n${line}`).join('');
};

/** Which item a late charge is for; nothing where its reader is not to know, or its event not says. */
const lateItem = (
  { itemCode, occurredAt }: Facts,
  phrases: Phrases,
  reading: { readonly language: Language; readonly at: Date },
): string => {
  if (typeof itemCode !== 'string') return '';
  const charge = { itemCode, ...(typeof occurredAt === 'string' && { occurredAt }) };
  const item = itemOf(charge, phrases, reading);
  return `\n${fill(phrases.lateItem[reading.language], { item })}`;
};

/** Words a notice for a person. Breaks on an unknown template or a missing fact. */
export const render = (
  { templates, phrases, link }: Wording,
  { template, facts, occurredAt }: Pick<NoticeRow, 'template' | 'facts' | 'occurredAt'>,
  { language, hospital }: Reading,
): { subject: string; text: string } => {
  const wording = templates[variantOf(template, facts)]?.[language];
  assert(wording, `there is a template ${template} in ${language}`);
  const reasonOf = (code: unknown): string =>
    (phrases.reasons[String(code)] ?? phrases.unknownReason)[language];
  const reading = { language, at: occurredAt };
  const lineOf = (charge: NotOnTab): string =>
    fill(phrases.itemLine[language], {
      amountFen: charge.amountFen,
      item: itemOf(charge, phrases, reading),
      reason: reasonOf(charge.reason),
    });
  const charges = Array.isArray(facts['notDeferred']) ? (facts['notDeferred'] as NotOnTab[]) : [];
  const more = Number(facts['notDeferredCount'] ?? 0) - charges.length;
  const visitId = String(facts['visitId'] ?? '');
  const said: Facts = {
    ...facts,
    ...(hospital !== undefined && { hospital }),
    ...(facts['reason'] !== undefined && { reason: reasonOf(facts['reason']) }),
    visitNumber: visitId.slice(visitId.indexOf('-') + 1),
    ...momentsIn(facts, language),
    tabLines: tabLines(facts, phrases, reading),
    lateItem: lateItem(facts, phrases, reading),
    notDeferredLines: [
      ...charges.map(lineOf),
      ...(more > 0 ? [fill(phrases.more[language], { count: more })] : []),
    ].join('\n'),
  };
  const text = fill(wording.text, said);
  const lead =
    link === undefined ? phrases.where[language] : fill(phrases.link[language], { link });
  return {
    subject: fill(wording.subject, said),
    text: leadsOn(template) ? text + lead : text,
  };
};

/** What a notice keeps of the charges that are not on the tab: the first, and how many there are. */
export const notOnTabFacts = (charges: readonly NotOnTab[], listsItems: boolean): Facts => ({
  ...(listsItems && { notDeferred: charges.slice(0, LINES_MAX) }),
  notDeferredCount: charges.length,
  notDeferredFen: charges.reduce((sum, { amountFen }) => sum + amountFen, 0),
});
