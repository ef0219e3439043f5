import type { Credential } from '../intake/submission';
import type { Segment } from './segment';

/**
 * PID-3.5 (table 0203; NNxxx is the national number of a country), in the order in which they are
 * preferred. The hospital's own number (MR) says nothing outside of it: it is enough on a visit that
 * the hospital has opened.
 */
export const CREDENTIALS: readonly {
  readonly code: string;
  readonly names: RegExp;
  readonly type: Credential['type'];
  readonly pattern: RegExp;
}[] = [
  { code: 'NI', names: /^(NI|NNCHN)$/, type: 'id-number', pattern: /^(\d{17}[\dXx]|\d{15})$/ },
  { code: 'HC', names: /^HC$/, type: 'health-card', pattern: /^[A-Za-z0-9]{4,40}$/ },
];

/** Different values of one type, empty ones left out. The same number from two authorities is one. */
export const valuesOf = (segment: Segment, field: number, names: RegExp): readonly string[] =>
  Array.from({ length: segment.repetitions(field) }, (_, index) => index)
    .filter((repetition) => names.test(segment.at(field, 5, repetition)))
    .map((repetition) => segment.at(field, 1, repetition))
    .filter(
      (text, at, all) =>
        text !== '' && all.findIndex((one) => one.toUpperCase() === text.toUpperCase()) === at,
    );

/** At most so many are asked for. */
const CREDENTIALS_MAX = 8;

/** All credentials of a field that have their form. */
export const credentialsIn = (segment: Segment, field: number): readonly Credential[] =>
  CREDENTIALS.flatMap(({ names, type, pattern }) =>
    valuesOf(segment, field, names)
      .filter((value) => pattern.test(value))
      .map((value) => ({ type, value })),
  ).slice(0, CREDENTIALS_MAX);
