import type { InterfaceProfile } from '@caretab/contracts';

const SIGNS: Readonly<Record<string, string>> = { '#': '\\d', '@': '[A-Za-z]', '?': '[A-Za-z0-9]' };

/** `ZY#######-#`, `@@*`: as the interface profile writes forms. No repetition, so no backtracking. */
const patternOf = (form: string): RegExp => {
  const isOpen = form.endsWith('*');
  const body = [...(isOpen ? form.slice(0, -1) : form)]
    .map((sign) => SIGNS[sign] ?? sign.replace(/[./-]/, '\\$&'))
    .join('');
  return new RegExp(`^${body}${isOpen ? '.*' : ''}$`);
};

/** A GUID is the same with its braces and without. */
const GUID = /\{([\dA-Fa-f]{8}(?:-[\dA-Fa-f]{4}){3}-[\dA-Fa-f]{12}|[\dA-Fa-f]{32})\}$/;

/** A visit number, or an id that ends in one, as it is kept: the braces of a GUID are left out. */
export const withoutBraces = (visit: string): string => visit.replace(GUID, '$1');

/** Whether a visit number has one of the forms that the hospital's numbers have. */
export const hasForm = (
  visitNumber: string,
  { visitNumbers: forms }: Pick<InterfaceProfile, 'visitNumbers'>,
): boolean => forms === undefined || forms.some((form) => patternOf(form).test(visitNumber));
