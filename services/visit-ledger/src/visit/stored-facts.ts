import type { VisitEvent } from './visit-events';

type Data<Type extends VisitEvent['type']> = Extract<VisitEvent, { type: Type }>['data'];

/** A return was a credit once, and its id the credit's. */
type InOldWords<Now extends { readonly returnId: string }> = Omit<Now, 'returnId'> & {
  readonly creditId: string;
};

const withReturnId = <Now extends { readonly returnId: string }>({
  creditId,
  ...rest
}: InOldWords<Now>): Now => ({ ...rest, returnId: creditId }) as unknown as Now;

/** One pure upcaster for each type that an earlier release stored under another name or shape. */
const UPCASTERS: { readonly [type: string]: ((data: never) => VisitEvent) | undefined } = {
  CreditWaiting: (data: InOldWords<Data<'ReturnWaiting'>>): VisitEvent => ({
    type: 'ReturnWaiting',
    data: withReturnId(data),
  }),
  ChargeReversed: (data: InOldWords<Data<'ChargeReturned'>>): VisitEvent => ({
    type: 'ChargeReturned',
    data: withReturnId(data),
  }),
};

/**
 * A stored event as the fact of today. Stored events are never rewritten, and the hash chain is over
 * the stored bytes: every reader of content goes through here.
 */
export const factOf = (event: { readonly type: string; readonly data: unknown }): VisitEvent => {
  const upcast = UPCASTERS[event.type];
  return upcast
    ? upcast(event.data as never)
    : ({ type: event.type, data: event.data } as VisitEvent);
};
