import { type Clock, DomainError } from '@caretab/kernel';
import type { Hl7Message } from '@medplum/core';
import type { Leave } from '../admission/admission';
import type { Intake, Receipt } from '../intake/intake';
import type { Partners } from '../intake/partners';
import type { Quarantine, Quarantined } from '../quarantine/quarantine';
import { ackCodeOf, acknowledgement, type Answer } from './answer';
import { decode } from './charset';
import type { FrameFault } from './frames';
import { APPLICATION_LENGTH_MAX, type LooseHeader, looseHeader } from './header';
import { translate } from './translate';

export interface Hl7DoorParts {
  readonly intake: Intake;
  readonly quarantine: Quarantine;
  readonly partners: Partners;
  readonly clock: Clock;
  /**
   * Waits for the message's turn; gives what ends it. Throws OVERLOADED (overloaded).
   * `institutionId`: empty when the sender is unknown.
   */
  readonly admit: (institutionId: string) => Promise<Leave>;
  /** Called for an error of ours; the sender is asked to retry. */
  readonly failed: (error: unknown) => void;
  /**
   * Called for what cannot be answered, because its sender could not know to which message the
   * answer belongs.
   */
  readonly unanswered: (why: Unanswered) => void;
}

export type Unanswered = 'empty frame' | 'no control id';

const FRAME_FAULTS: Readonly<
  Record<FrameFault, { readonly why: string; readonly remedy: string }>
> = {
  FRAME_TRUNCATED: {
    why: 'the frame ended before its end marks FS CR',
    remedy: 'send the message again, whole',
  },
  FRAME_START_MISSING: {
    why: 'bytes came outside of a frame',
    remedy: 'begin every message with VT and end it with FS CR',
  },
  FRAME_TOO_LONG: { why: 'the frame is longer than 1 MB', remedy: 'send several messages' },
};

const TRY_AGAIN = new DomainError('INTERNAL', 'unavailable', {
  why: 'the message could not be stored',
  remedy: 'send it again later',
});

/**
 * HL7 in: every message is accepted durably, quarantined, or left with its sender. The answer says
 * which.
 */
export class Hl7Door {
  constructor(private readonly parts: Hl7DoorParts) {}

  /**
   * The answer to one message; undefined for an acknowledgement, which is never acknowledged, and
   * for bytes without a control id. Never throws.
   */
  async answer(bytes: Buffer): Promise<Hl7Message | undefined> {
    if (bytes.length === 0) return (this.parts.unanswered('empty frame'), undefined);
    let header = looseHeader(bytes.toString('latin1'));
    let institutionId: string | undefined;
    const turn = new Turn(this.parts.admit);
    let answer: Answer;
    try {
      const text = decode(bytes);
      header = looseHeader(text);
      institutionId = await this.institutionOf(header.sendingFacility);
      await turn.begin(institutionId);
      const { events, repeated } = await this.take(text, bytes, institutionId);
      answer = {
        code: 'AA',
        text: repeated
          ? 'accepted before'
          : `accepted as ${events.length} event${events.length === 1 ? '' : 's'}`,
      };
    } catch (error) {
      answer = await this.refuse(error, bytes, { institutionId, turn });
    } finally {
      turn.end();
    }
    return header.messageType === 'ACK' ? undefined : this.acknowledged(header, answer);
  }

  /**
   * The answer to bytes that are no whole frame; undefined where they hold no control id. Never
   * throws.
   */
  async answerBroken(bytes: Buffer, fault: FrameFault): Promise<Hl7Message | undefined> {
    const header = looseHeader(bytes.toString('latin1'));
    const turn = new Turn(this.parts.admit);
    const answer = await this.refuse(
      new DomainError(fault, 'invalid', { field: 'MLLP', ...FRAME_FAULTS[fault] }),
      bytes,
      { institutionId: undefined, turn },
    ).finally(() => turn.end());
    return this.acknowledged(header, answer);
  }

  /** A sender takes what comes for the answer to its last message: without a control id none goes. */
  private acknowledged(header: LooseHeader, answer: Answer): Hl7Message | undefined {
    if (header.controlId.trim() !== '')
      return acknowledgement(header, answer, this.parts.clock.now());
    this.parts.unanswered('no control id');
    return undefined;
  }

  /**
   * Takes a quarantined message again, corrected or unchanged. Throws DomainError as the intake
   * does, and REPLAY_INSTITUTION_DIFFERS (conflict).
   */
  async replay(entry: Quarantined, raw: Buffer, mended: string | undefined): Promise<Receipt> {
    const text = mended === undefined ? decode(raw) : mended.trim().replace(/\r?\n/g, '\r');
    const institutionId = await this.institutionOf(looseHeader(text).sendingFacility);
    if (entry.institutionId !== null && institutionId !== entry.institutionId)
      throw new DomainError('REPLAY_INSTITUTION_DIFFERS', 'conflict', { id: entry.id });
    return this.take(
      text,
      mended === undefined ? raw : Buffer.from(text, 'utf8'),
      institutionId,
      entry.id,
    );
  }

  /** Undefined when the header names no facility; translating then says so. */
  private async institutionOf(sendingFacility: string): Promise<string | undefined> {
    const [facility = ''] = sendingFacility.split('^');
    return facility.trim() === ''
      ? undefined
      : this.parts.partners.institutionOf({ facility: facility.trim() });
  }

  private async take(
    text: string,
    raw: Buffer,
    institutionId: string | undefined,
    replayOf?: string,
  ): Promise<Receipt> {
    const { controlId, sendingApplication } = looseHeader(text);
    const application = (sendingApplication.split('^')[0] ?? '')
      .trim()
      .slice(0, APPLICATION_LENGTH_MAX);
    const { facility: _, ...said } = await this.parts.intake.reading(
      { door: 'mllp', institutionId, application, messageId: controlId.trim() },
      () => translate(text),
    );
    if (institutionId === undefined)
      throw new DomainError('INSTITUTION_UNKNOWN', 'not-found', { field: 'MSH-4' });
    return this.parts.intake.accept({ ...said, institutionId }, raw, replayOf);
  }

  private async refuse(
    error: unknown,
    raw: Buffer,
    { institutionId, turn }: { institutionId: string | undefined; turn: Turn },
  ): Promise<Answer> {
    try {
      if (!(error instanceof DomainError) || isPassing(error)) throw error;
      await turn.begin(institutionId); // Keeping it in quarantine is work too.
      const status = await this.parts.quarantine.keep({ door: 'mllp', institutionId, raw, error });
      if (status === 'replayed')
        return { code: 'AA', text: 'accepted before as mended by an operator' };
      return { code: ackCodeOf(error), text: error.code, error };
    } catch (failure) {
      return this.tryAgain(failure);
    }
  }

  /** Nothing was decided or kept: the message stays with its sender. */
  private tryAgain(failure: unknown): Answer {
    const isOurs = !(failure instanceof DomainError && isPassing(failure));
    if (isOurs) this.parts.failed(failure);
    const error = isOurs ? TRY_AGAIN : failure;
    return { code: 'AE', text: `${error.code} try again later`, error };
  }
}

/** A message's place among those at work. */
class Turn {
  private leave: Leave | undefined;

  constructor(private readonly admit: (institutionId: string) => Promise<Leave>) {}

  /** Once it has begun, it has. */
  async begin(institutionId: string | undefined): Promise<void> {
    this.leave ??= await this.admit(institutionId ?? '');
  }

  end(): void {
    this.leave?.();
  }
}

const isPassing = ({ kind }: DomainError): boolean =>
  kind === 'unavailable' || kind === 'overloaded';
