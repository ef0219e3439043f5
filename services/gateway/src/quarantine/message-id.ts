import { businessDateOf } from '@caretab/contracts';
import { idNumberFault } from '@caretab/kernel';

const FORM = /^[\x21-\x7e]{1,199}$/;
const ID_NUMBER = /(?<!\d)(?:\d{17}[\dXx]|\d{15})(?!\d)/g;

/**
 * The sender's own id of a message as it is kept, shown and looked for; null for none of the agreed
 * form. Some systems make ids of a patient's ID number: one that can be a person's is hidden, a time
 * stamp of as many digits is not.
 */
export const maskedId = (messageId: string | undefined, now: Date): string | null => {
  const id = messageId?.trim() ?? '';
  if (!FORM.test(id)) return null;
  return id.replace(ID_NUMBER, (digits) =>
    idNumberFault(digits, businessDateOf(now)) ? digits : '*'.repeat(digits.length),
  );
};
