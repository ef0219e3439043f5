/** Names that hospitals write for a patient whom they do not know, without blanks. */
const PLACEHOLDER =
  /^(无名|未知|不详|身份不明|佚名)|^(UNKNOWN|UNIDENTIFIED|(JOHN|JANE)DOE|DOE(JOHN|JANE))\W*\d*$/iu;

/** Whether a name is the placeholder of an unidentified patient: it says nothing of a person. */
export const isUnidentified = (name: string): boolean =>
  PLACEHOLDER.test(name.normalize('NFKC').replace(/\s/g, ''));
