import { formatYuan, parseYuan } from '@caretab/kernel';
import { type TProperties, Type } from '@sinclair/typebox';

/** A text of so many characters; "" stands for none, as the interface has it. */
export const Text = (maxLength: number) => Type.String({ maxLength });
/** A text that must be there. */
export const Id = (maxLength = 30) => Type.String({ minLength: 1, maxLength });
/** A code of the interface's own lists; the lists are the region's. */
export const Code = (maxLength = 30) => Type.String({ pattern: `^[A-Za-z0-9]{0,${maxLength}}$` });
/** (digits, scale) of the sheet, as exact digits; zeros may follow. */
export const Decimal = (digits: number, scale: number) =>
  Type.String({
    pattern: `^-?\\d{1,${digits - scale}}(\\.${scale === 0 ? '0+' : `\\d{1,${scale}}0*`})?$`,
  });
/** Yuan, 16,2. */
export const Money = () => Decimal(16, 2);
export const Count = () => Decimal(10, 0);
/** yyyy-MM-dd, also with a time behind it. */
export const Day = () =>
  Type.String({ pattern: '^(\\d{4}-\\d{2}-\\d{2}( \\d{2}:\\d{2}:\\d{2})?)?$' });
export const Moment = Day;
export const Flag = () => Type.String({ pattern: '^[01]?$' });

export const may = Type.Optional;
/** What is not of the sheet is let through, and kept. */
export const node = <const Fields extends TProperties>(fields: Fields) =>
  Type.Object(fields, { additionalProperties: true });
export const rows = <const Fields extends TProperties>(fields: Fields) =>
  Type.Array(node(fields), { maxItems: 5_000 });

/** Whole fen of yuan as the interface writes them; "" and what is absent is nothing. */
export const fenOf = (yuan: string | undefined): number =>
  yuan === undefined || yuan === '' ? 0 : parseYuan(yuan);
export const yuanOf = formatYuan;
