import { DAY_MS, isMoment } from '@caretab/contracts';
import type { Segment } from './segment';

const TS =
  /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,4}))?)?)?)?([+-]\d{4})?$/;

const DATE = /^\d{8}([+-]\d{4})?$/;

/**
 * An HL7 TS (YYYYMMDD[HH[MM[SS[.S]]]][±ZZZZ]) as an RFC 3339 instant, or undefined when it is no
 * such moment. A date alone is its first instant. `zone`: where the text has none (HL7 v2.5.1,
 * 2.A.21: that of MSH-7).
 */
export const instantOf = (text: string, zone: string): string | undefined => {
  const match = TS.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction, own = zone] =
    match;
  const milliseconds = fraction ? `.${fraction.slice(0, 3)}` : '';
  const offset = `${own.slice(0, 3)}:${own.slice(3)}`;
  const instant = `${year}-${month}-${day}T${hour}:${minute}:${second}${milliseconds}${offset}`;
  return isMoment(instant) ? instant : undefined;
};

/** Whether a text is a TS of any precision: a year, or a month, at the least. */
export const isTime = (text: string, zone: string): boolean => {
  const [, year, month = '01', own = ''] = /^(\d{4})(\d{2})?([+-]\d{4})?$/.exec(text) ?? [];
  return instantOf(year === undefined ? text : `${year}${month}01${own}`, zone) !== undefined;
};

const hasHour = (text: string): boolean => /^\d{10}/.test(text);

/** A field that may say when something happened; whether a date alone will do (its first instant). */
type Place = readonly [Segment | undefined, number, { readonly orDate: true }?];
/** The first of them first. */
export type Places = readonly Place[];

const isOfDay = (moment: string, day: string): boolean => {
  const sinceMs = Date.parse(moment) - Date.parse(day);
  return sinceMs >= 0 && sinceMs < DAY_MS;
};

/**
 * Where the start of something stands: in a field of its own, else where it says when it happened. A
 * date alone gives way to a moment of that day.
 */
export const startPlaces = ([own, field]: readonly [Segment, number], happened: Places): Places => {
  const text = own.at(field);
  const day = DATE.test(text) ? instantOf(text, own.defaults.zone) : undefined;
  if (day === undefined) return [[own, field], ...happened];
  const ofDay = happened.filter(([segment, number]) => {
    const said = segment?.at(number) ?? '';
    const moment = hasHour(said) ? instantOf(said, own.defaults.zone) : undefined;
    return moment !== undefined && isOfDay(moment, day);
  });
  return [...ofDay, [own, field, { orDate: true }]];
};

const filledIn = (places: Places): Places[number] | undefined =>
  places.find(([segment, field]) => segment && segment.at(field) !== '');

/** The name of the field in which `momentIn` finds the moment. */
export const momentFieldIn = (places: Places): string | undefined => {
  const [segment, field] = filledIn(places) ?? [];
  return field === undefined ? undefined : segment?.name(field);
};

/**
 * The moment in the first of these fields that is filled; a fault when none is, or when it is no
 * moment.
 */
export const momentIn = (places: Places): string | undefined => {
  const filled = filledIn(places);
  const [segment, field, { orDate = false } = {}] =
    filled ?? places.find(([candidate]) => candidate) ?? [];
  if (!segment || field === undefined) return undefined;
  const names = places
    .map(([candidate, number]) => candidate?.name(number))
    .filter(Boolean)
    .join(', else ');
  if (!filled)
    return segment.faults.add(
      segment.name(field),
      'FIELD_MISSING',
      'the moment is missing',
      `send a time stamp in ${names}`,
    );
  const text = segment.at(field);
  const instant = orDate || hasHour(text) ? instantOf(text, segment.defaults.zone) : undefined;
  return (
    instant ??
    segment.faults.add(
      segment.name(field),
      'TIME_INVALID',
      'this is not a moment',
      'send YYYYMMDDHH[MM[SS]][+ZZZZ]',
    )
  );
};
