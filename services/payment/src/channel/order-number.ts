/** Numbers of orders elsewhere have no hyphens and at most 32 characters: an id of ours without them. */
export const numberOf = (id: string): string => id.replaceAll('-', '');

const NUMBER = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

/** An id of ours, of their number for it: its hyphens are where they always are. */
export const idOf = (number: string): string => number.replace(NUMBER, '$1-$2-$3-$4-$5');
