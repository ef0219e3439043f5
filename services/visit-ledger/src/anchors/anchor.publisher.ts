import type { Anchor } from '@caretab/anchors';
import { type Bus, publish } from '@caretab/bus';
import { message, visitLedgerAnchors } from '@caretab/contracts';
import { type Clock, derivedId } from '@caretab/kernel';

/** Hands an anchor to who keeps it outside. The same anchor again is the same message. */
export const publishAnchor =
  ({ bus, clock }: { readonly bus: Bus; readonly clock: Clock }) =>
  async ({ origin, size, note }: Anchor): Promise<void> => {
    const anchored = message(
      visitLedgerAnchors,
      'LogAnchored',
      { origin, size, note },
      { id: derivedId('anchor', note), time: clock.now(), source: 'visit-ledger' },
    );
    await publish({ bus, service: 'visit-ledger' }, visitLedgerAnchors.name, [anchored]);
  };
