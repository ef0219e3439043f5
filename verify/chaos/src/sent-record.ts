import { extend } from '@caretab/kernel';
import type { SampleCitizen } from '@caretab/deploy';
import type { ChaosAction, ChaosVisit } from './hospitals-visit';

/** One charge id as it was sent: with one content, or by intention with two. */
export interface SentCharge {
  readonly amountsFen: Set<number>;
  /** Whether the platform took at least one of its messages in. */
  isAcknowledged: boolean;
  /** The contents that were acknowledged; the second and further are conflicts. */
  readonly contents: Set<string>;
}

export interface SentReturn {
  readonly chargeId: string;
  readonly amountFen: number;
  readonly isBad: boolean;
  /** The message that reported it, once the platform took that in. */
  messageId?: string;
}

/** Everything that was said of one visit. */
export interface SentVisit {
  readonly visitId: string;
  readonly institutionId: string;
  readonly personId: string;
  readonly charges: Map<string, SentCharge>;
  readonly returns: Map<string, SentReturn>;
  /** `end` or `cancel`, once it was acknowledged; a visit without is still open. */
  over?: 'end' | 'cancel';
}

export interface Refusal {
  readonly visitId: string;
  readonly kind: ChaosAction['kind'];
  readonly code: string;
}

/** What a return takes: a part by quantity is that much of the price, rounded half up. */
const returnedFen = ({
  charge,
  part,
}: Extract<ChaosAction, { readonly kind: 'return' }>): number => {
  if (part?.amountFen !== undefined) return part.amountFen;
  return part?.quantity === undefined
    ? charge.amountFen
    : extend(part.quantity, charge.unitPriceYuan);
};

/**
 * What hospitals and citizens have said, and what was answered: the side of the truth that the
 * platform has no hand in.
 */
export class SentRecord {
  readonly visits = new Map<string, SentVisit>();
  /** Refused by a door though nothing is wrong with it. */
  readonly refusals: Refusal[] = [];
  /** Keys of messages that a door refused because their sender was in the wrong. */
  readonly rightlyRefused = new Set<string>();
  /** Those of them that name another than their visit's patient. */
  readonly strangers = new Set<string>();
  /** Messages that name another than their visit's patient, and were taken in. */
  readonly mistaken: Pick<Refusal, 'visitId' | 'kind'>[] = [];
  /** Ids of the messages that were taken in, as the bus must carry them. */
  readonly messageIds = new Set<string>();
  /**
   * Messages that no repetition can make good: of each group exactly one is not applied.
   */
  readonly bad: (readonly string[])[] = [];
  /** Who must not be found anywhere, by name or number. */
  citizens: readonly SampleCitizen[] = [];
  readonly personIds = new Map<string, string>();
  charges = 0;
  /** The message that returns a charge, by visit and charge. */
  private readonly returnIds = new Map<string, string>();

  /** Before its first message goes out. */
  open({ visitId, institution: { institutionId }, citizen }: ChaosVisit): SentVisit {
    const visit: SentVisit = {
      visitId,
      institutionId,
      personId: this.personIds.get(citizen.citizen) ?? '',
      charges: new Map(),
      returns: new Map(),
    };
    this.visits.set(visitId, visit);
    return visit;
  }

  /**
   * An action is about to go out, for the first time; gives the ids of charges that were never sent
   * before.
   */
  sending(visit: SentVisit, action: ChaosAction): string[] {
    if (action.kind === 'return' && !visit.returns.has(action.returnId)) {
      visit.returns.set(action.returnId, {
        chargeId: action.charge.chargeId,
        amountFen: returnedFen(action),
        isBad: action.isBad ?? false,
      });
    }
    if (action.kind !== 'charges' || action.other) return [];
    const fresh = action.charges
      .filter(({ chargeId }) => !visit.charges.has(chargeId))
      .map(({ chargeId }) => chargeId);
    for (const { chargeId, amountFen } of action.charges) {
      const known = visit.charges.get(chargeId) ?? {
        amountsFen: new Set(),
        isAcknowledged: false,
        contents: new Set(),
      };
      visit.charges.set(chargeId, known);
      known.amountsFen.add(amountFen);
    }
    this.charges += fresh.length;
    return fresh;
  }

  /** The platform took an action in. `ids`: of its messages on the bus. */
  acknowledged(visit: SentVisit, action: ChaosAction, ids: readonly string[]): void {
    for (const id of ids) this.messageIds.add(id);
    if (action.other) this.mistaken.push({ visitId: visit.visitId, kind: action.kind });
    else if (action.kind === 'charges')
      for (const charge of action.charges) {
        const sent = visit.charges.get(charge.chargeId)!;
        sent.isAcknowledged = true;
        sent.contents.add(JSON.stringify(charge));
      }
    if (action.kind === 'return') this.returned(visit, action, ids);
    if (action.kind === 'end' || action.kind === 'cancel') visit.over ??= action.kind;
  }

  refused(visit: SentVisit, action: ChaosAction, code: string): void {
    if (action.other) this.strangers.add(action.key);
    if (action.other || action.isBad) this.rightlyRefused.add(action.key);
    else this.refusals.push({ visitId: visit.visitId, kind: action.kind, code });
  }

  /** Of two returns of one charge, the one that was handled second is rejected. */
  private returned(
    visit: SentVisit,
    action: ChaosAction & { readonly kind: 'return' },
    ids: readonly string[],
  ): void {
    const taken = visit.returns.get(action.returnId)!;
    const charge = `${visit.visitId}/${taken.chargeId}`;
    const [id = ''] = ids;
    if (taken.isBad && taken.messageId === undefined)
      this.bad.push([id, ...(this.returnIds.has(charge) ? [this.returnIds.get(charge)!] : [])]);
    if (!taken.isBad) this.returnIds.set(charge, id);
    taken.messageId ??= id;
  }
}
