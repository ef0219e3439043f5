import type { PlantedBug } from './planting';

/** As if every message were by whom it says: what the services did before messages were signed. */
const unverifiedAuthors: PlantedBug = {
  name: 'unverified-authors',
  seed: 2,
  needs: ({ forgeries }) => forgeries.length > 0,
  what: 'who wrote a message is not verified',
  breaks: ['forged', 'written', 'parked', 'quiet', 'hospital', 'balance', 'decided', 'fates'],
  authors: { verify: () => undefined },
};

export const plantedForgeryBugs: readonly PlantedBug[] = [unverifiedAuthors];
