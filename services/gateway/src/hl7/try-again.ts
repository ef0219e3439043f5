import { DomainError } from '@caretab/kernel';

/** The answer after an error of ours. */
export const TRY_AGAIN = new DomainError('INTERNAL', 'unavailable', {
  why: 'the message could not be stored',
  remedy: 'send it again later',
});

/** Something is away or too much comes: the same message may be taken later. */
export const isPassing = ({ kind }: DomainError): boolean =>
  kind === 'unavailable' || kind === 'overloaded';
