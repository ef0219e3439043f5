import type { ReceivedMessage } from '@caretab/bus';
import { consumingAltered, type PlantedBug, typeOf } from './planting';
import { FORGED } from './quiescence';

/** As if every message were by whom it says: what the services did before messages were signed. */
const unverifiedAuthors: PlantedBug = {
  name: 'unverified-authors',
  seed: 2,
  needs: ({ forgeries }) => forgeries.length > 0,
  what: 'who wrote a message is not verified',
  breaks: ['forged', 'written', 'parked', 'quiet', 'hospital', 'balance', 'decided', 'fates'],
  authors: { verify: () => undefined },
};

const lyingCapture = ({ headers }: ReceivedMessage): boolean =>
  typeOf({ headers }) === 'PaymentCaptured' &&
  (headers[FORGED] ?? '').startsWith('a capture of any');

/** As if the ledger took a capture of any amount: what cannot be comes as an amount that can. */
const anyCapture: PlantedBug = {
  name: 'any-capture',
  seed: 4,
  needs: ({ lies }) => lies.length > 0,
  what: 'the ledger takes a capture of any amount',
  breaks: ['lied', 'balance', 'captured', 'settled', 'hospital', 'heldAddsUp', 'quiet', 'parked'],
  authors: { verify: () => undefined },
  bus: (bus, service) =>
    service === 'visit-ledger'
      ? consumingAltered(bus, (message) =>
          lyingCapture(message)
            ? {
                ...message,
                value: JSON.stringify({ ...(JSON.parse(message.value) as object), amountFen: 1 }),
              }
            : message,
        )
      : bus,
};

export const plantedForgeryBugs: readonly PlantedBug[] = [unverifiedAuthors, anyCapture];
