const VALUES_MAX = 100;
/** 18 characters (GB 11643) or an old one of 15, with or without blanks in between. */
const ID_NUMBER = /(?<!\d)(?:\d{17}[\dXx]|\d{15})(?!\d)/g;
/** Segments that name people: patient, next of kin, guarantor, insured. */
const NAMES_PEOPLE = /^(?:PID|NK1|GT1|IN1)\|/;
const IN_A_FIELD = /[^|^~&\\\s]{4,200}/g;
/** Values of a JSON text; a credential is one of them. */
const IN_JSON = /"((?:[^"\\]|\\.){4,200})"/g;

const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([whole, group]) => group ?? whole);

/**
 * What in a message may be an identifier of a person, at most 100 different texts: ID numbers
 * wherever they stand, what is in segments that name people, and the credential of a request.
 */
export const identifiersIn = (text: string): string[] => {
  const lines = text.split(/[\r\n]+/).filter((line) => NAMES_PEOPLE.test(line));
  const credentials = [...text.matchAll(/"credential":\{[^{}]{1,600}\}/g)].map(([whole]) => whole);
  const found = [
    ...matches(text, ID_NUMBER),
    ...credentials.flatMap((whole) => matches(whole, IN_JSON)),
    ...lines.flatMap((line) => matches(line, IN_A_FIELD).filter((value) => /\d/.test(value))),
  ];
  return [...new Set(found)].slice(0, VALUES_MAX);
};
