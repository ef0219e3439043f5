/** `20.00`, `.5`, `1.`, `+3`, `00001`: HL7's NM (v2.5.1, 2.A.47). */
const NM = /^([+-]?)(\d*)\.?(\d*)$/;

/**
 * An NM as a decimal text, or undefined when it is none. Zeros before it go; zeros after it stay as
 * they came while they fit `decimalsMax` digits. A value that is too long even so keeps its form, for
 * the caller to refuse.
 */
export const decimalOf = (text: string, decimalsMax: number): string | undefined => {
  const [, sign = '', digits = '', decimals = ''] = NM.exec(text) ?? [];
  if (digits + decimals === '') return undefined;
  const whole = digits.replace(/^0+(?=\d)/, '') || '0';
  const fraction = decimals.length > decimalsMax ? decimals.replace(/0+$/, '') : decimals;
  return `${sign === '-' ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
};
