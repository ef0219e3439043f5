import { assert, formatYuan } from '@caretab/kernel';
import type { Facts } from './notice.table';

export type Language = 'zh' | 'en';
export type Templates = Readonly<
  Record<string, Readonly<Record<Language, { readonly subject: string; readonly text: string }>>>
>;

const fill = (text: string, facts: Facts): string =>
  text.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const fact = facts[name];
    assert(fact !== undefined && fact !== null, `the template's field ${name} is among the facts`);
    return name.endsWith('Fen') ? formatYuan(Number(fact)) : String(fact);
  });

/**
 * A template filled with facts; fields that end in `Fen` are written in yuan. Breaks on an unknown
 * template or a missing fact.
 */
export const render = (
  templates: Templates,
  template: string,
  language: Language,
  facts: Facts,
): { subject: string; text: string } => {
  const wording = templates[template]?.[language];
  assert(wording, `there is a template ${template} in ${language}`);
  return { subject: fill(wording.subject, facts), text: fill(wording.text, facts) };
};
