import { assert } from '@caretab/kernel';
import type { NoticeRow } from './notice.table';
import { fill, leadsOn, type Reading, variantOf, type Words } from './templates';

/** Messages to a phone, as the SMS provider has them registered. */
export interface ShortTexts {
  readonly signature: Words;
  /** Where to look, where no link is given. */
  readonly where: Words;
  readonly texts: Readonly<Record<string, Words>>;
}

/** A registered text with its parameters filled in. */
export interface ShortText {
  /** Template and language: what the provider registers it by. */
  readonly templateId: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** The whole, with its signature and the link. */
  readonly text: string;
}

/** Characters of one SMS: beyond, a provider sends and bills two (GSM 03.38: 160, UCS-2: 70). */
export const SMS_CHARACTERS = { zh: 70, en: 160 } as const;

/** The wording for a payer and for the patient is one: neither names items. */
const shortVariantOf = (template: string, facts: NoticeRow['facts']): string =>
  variantOf(template, facts).replace('.payer', '').replace('.summary', '');

const shortened = (name: string, characters: number): string => {
  const points = [...name];
  if (points.length <= characters) return name;
  return `${points.slice(0, Math.max(1, characters - 1)).join('')}…`;
};

/**
 * Words a notice for a phone: amount, place and where to look, never items. A long name of a
 * hospital is shortened until all fits one SMS. Breaks on an unknown template or a missing fact.
 */
export const renderShort = (
  { signature, where, texts }: ShortTexts,
  { template, facts }: Pick<NoticeRow, 'template' | 'facts'>,
  { language, hospital, link }: Reading & { readonly link: string | undefined },
): ShortText => {
  const variant = shortVariantOf(template, facts);
  const wording = texts[variant]?.[language];
  assert(wording, `there is a short text ${variant} in ${language}`);
  const lead = link === undefined ? where[language] : ` ${link}`;
  const end = leadsOn(template) ? lead : '';
  const worded = (name: string): string =>
    signature[language] + fill(wording, { ...facts, hospital: name }) + end;
  const room = SMS_CHARACTERS[language] - [...worded('')].length;
  const place = shortened(hospital ?? '', room);
  const names = [...wording.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  return {
    templateId: `${variant}.${language}`,
    parameters: Object.fromEntries([
      ...names.map((name) => [name, fill(`{${name}}`, { ...facts, hospital: place })]),
      ...(link === undefined || end === '' ? [] : [['link', link]]),
    ]),
    text: worded(place),
  };
};
