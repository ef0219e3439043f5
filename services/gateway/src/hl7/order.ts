import type { Hl7Message, Hl7Segment } from '@medplum/core';
import type { Segment } from './segment';

/** What a common order (ORC) says of its transaction: its control (table 0119), its status (0038). */
export interface Order {
  readonly control: string;
  readonly status: string;
}

const orderIn = (orc: Hl7Segment): Order => {
  const at = (field: number): string => orc.getField(field)?.components[0]?.[0]?.trim() ?? '';
  return { control: at(1), status: at(5) };
};

/**
 * The orders of each FT1, in the order of the FT1: an ORC belongs to the FT1 before it (HL7 v2.5.1,
 * 6.4.1). An ORC before the first FT1 is of the whole message and says nothing of one charge.
 */
export const ordersOf = (whole: Hl7Message): readonly (readonly Order[])[] => {
  const orders: Order[][] = [];
  for (const segment of whole.segments) {
    if (segment.name === 'FT1') orders.push([]);
    if (segment.name === 'ORC') orders.at(-1)?.push(orderIn(segment));
  }
  return orders;
};

/** A drug (FT1-29 has its code) whose order the pharmacy has completed (ORC-5 CM): dispensed. */
export const isDispensedIn = (ft1: Segment, orders: readonly Order[]): boolean =>
  ft1.isFilled(29) && orders.some(({ status }) => status === 'CM');

/** The pharmacy cancelled the order (OC, or CR as requested) or discontinued its rest (OD, DR). */
const TAKEN_BACK = ['OC', 'CR', 'OD', 'DR'];

export const isReturnedToPharmacyIn = (orders: readonly Order[]): boolean =>
  orders.some(({ control }) => TAKEN_BACK.includes(control));
