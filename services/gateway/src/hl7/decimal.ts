/** `20.00`, `.5`, `1.`, `+3`, `00001`: HL7's NM (v2.5.1, 2.A.47). */
const NM = /^([+-]?)(\d*)\.?(\d*)$/;

/**
 * An NM as a decimal text, or undefined when it is none. Zeros before and after it mean nothing:
 * they stay as they came while they fit `wholeMax` and `decimalsMax` digits, and go otherwise. A
 * value that is too long even so keeps its form, for the caller to refuse.
 */
export const decimalOf = (
  text: string,
  { wholeMax, decimalsMax }: { readonly wholeMax: number; readonly decimalsMax: number },
): string | undefined => {
  const [, sign = '', digits = '', decimals = ''] = NM.exec(text) ?? [];
  if (digits + decimals === '') return undefined;
  const whole = digits.length > wholeMax ? digits.replace(/^0+(?=\d)/, '') : digits || '0';
  const fraction = decimals.length > decimalsMax ? decimals.replace(/0+$/, '') : decimals;
  return `${sign === '-' ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
};
