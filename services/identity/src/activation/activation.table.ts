import type { Activation } from '@caretab/contracts';
import {
  bytesColumn,
  fenColumn,
  instantColumn,
  integerColumn,
  table,
  textColumn,
} from '@caretab/store';
import type { ActivationState } from './activation-state';

export interface ActivationRow extends ActivationState {
  readonly activationId: string;
  readonly personId: string;
  /** Whose number it is. */
  readonly holderId: string;
  readonly channel: Activation['channel'];
  /** The hospital whose kiosk or desk asked last; null: an app, or the platform's own desk. */
  readonly institutionId: string | null;
  /** Who asked last. */
  readonly operator: string;
  readonly begunAt: Date;
  readonly lease: number;
}

export const activationTable = table<ActivationRow>({
  name: 'activation',
  columns: {
    activationId: textColumn('activation_id', { primary: true }),
    personId: textColumn('person_id'),
    holderId: textColumn('holder_id'),
    purpose: textColumn(),
    channel: textColumn(),
    institutionId: textColumn('institution_id', { nullable: true }),
    operator: textColumn(),
    status: textColumn(),
    reason: textColumn('reason', { nullable: true }),
    attempt: integerColumn(),
    sealedMobile: bytesColumn('sealed_mobile', { nullable: true }),
    requestId: textColumn('request_id'),
    registry: textColumn('registry', { nullable: true }),
    retries: integerColumn(),
    codeHash: textColumn('code_hash', { nullable: true }),
    codeEndsAt: instantColumn('code_ends_at', { nullable: true }),
    codesSent: integerColumn('codes_sent'),
    codeTries: integerColumn('code_tries'),
    provenAt: instantColumn('proven_at', { nullable: true }),
    seenBy: textColumn('seen_by', { nullable: true }),
    approvedBy: textColumn('approved_by', { nullable: true }),
    insurance: textColumn('insurance', { nullable: true }),
    lineFen: fenColumn('line_fen', { nullable: true }),
    begunAt: instantColumn('begun_at'),
    changedAt: instantColumn('changed_at'),
    endedAt: instantColumn('ended_at', { nullable: true }),
    nextAttemptAt: instantColumn('next_attempt_at', { nullable: true }),
    lease: integerColumn(),
  },
});
