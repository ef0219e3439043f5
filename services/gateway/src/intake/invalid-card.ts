import { DomainError } from '@caretab/kernel';
import { type Holding, whoseOf } from './holder';
import { isOpening } from './opened-visits';
import { saysNothing } from './says-nothing';

type Parts = Parameters<typeof whoseOf>;

/**
 * As `whoseOf`. A card that is lost, or replaced, in mid-visit stops no charge of it: whose the visit
 * is, is known.
 */
export const whoseOfVisit = async (...[submission, profile, parts]: Parts): Promise<Holding> => {
  try {
    return await whoseOf(submission, profile, parts);
  } catch (error) {
    if (isOpening(submission) || !isInvalidCard(error)) throw error;
    const person = { patientNumber: '' };
    return whoseOf({ ...submission, person, otherCredentials: [] }, profile, parts).catch(() => {
      throw error; // The visit is not open, or another's: the card is what is wrong.
    });
  }
};

const isInvalidCard = (error: unknown): boolean =>
  error instanceof DomainError && error.kind === 'forbidden' && saysNothing(error);
