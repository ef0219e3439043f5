import { FRAME_FAULTS } from '@caretab/contracts';
import type { InterfaceProfile } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Hl7Message } from '@medplum/core';
import type { Quarantined } from '../quarantine/quarantine';
import { accepted, ackCodeOf, acknowledgement, type Answer, enhanced } from './answer';
import { answerTo, batchesIn, type BatchFile, incompleteIn, isNamed } from './batch';
import { decode, decodeHeader, withoutMark } from './charset';
import {
  chargesOf,
  type Judged,
  type Judgement,
  type Replayed,
  type Taken,
  type TakenCharges,
  withDecision,
} from './decided';
import { applicationIn, firstIn, isHeaderEnough, type LooseHeader, looseHeader } from './header';
import type { Hl7DoorParts, Speaker } from './hl7-door-parts';
import type { Ignored } from './patient-number';
import { checkSpeaksHl7, type Line, PLAIN, spokenFor } from './senders';
import { translate } from './translate';
import { isPassing, TRY_AGAIN } from './try-again';
import { Turn } from './turn';

/** A FrameFault, as errors are named. */
type BrokenFrame = 'FRAME_TRUNCATED' | 'FRAME_START_MISSING' | 'FRAME_TOO_LONG';

/**
 * HL7 in: every message is accepted durably, quarantined, or left with its sender. The answer says
 * which.
 */
export class Hl7Door {
  constructor(private readonly parts: Hl7DoorParts) {}

  /**
   * The answers to the bytes of one frame, each to go in a frame of its own: to a batch one batch of
   * answers; in enhanced mode those that are asked for; else one. Never throws.
   */
  async answers(bytes: Buffer, line: Line): Promise<readonly string[]> {
    const message = withoutMark(bytes);
    const file = batchesIn(message);
    return file ? this.answersToBatches(file, message, line) : this.answersToOne(message, line);
  }

  /**
   * The answer to one message in original mode; undefined for an acknowledgement, which is never
   * acknowledged, and for bytes without a control id. Never throws.
   */
  async answer(bytes: Buffer, line: Line = PLAIN): Promise<Hl7Message | undefined> {
    const judged = await this.judged(withoutMark(bytes), line);
    return judged && this.acknowledged(judged.header, judged.answer);
  }

  private async answersToOne(bytes: Buffer, line: Line): Promise<readonly string[]> {
    const judged = await this.judged(bytes, line);
    if (!judged) return [];
    const { header, answer, profile } = judged;
    const wanted = profile?.acknowledgement === 'enhanced' ? enhanced(header, answer) : [answer];
    const decided = await withDecision(wanted, judged, this.parts.decisionsOn);
    return decided.flatMap((one) => this.acknowledged(header, one)?.toString() ?? []);
  }

  /** A batch that lacks messages is not begun: none of it is taken, and each is answered so. */
  private async answersToBatches(
    file: BatchFile,
    bytes: Buffer,
    line: Line,
  ): Promise<readonly string[]> {
    const cut = incompleteIn(file);
    if (cut) return this.inBatches(file, await this.incomplete(file, bytes, { error: cut, line }));
    const answers: string[][] = [];
    for (const { messages } of file.batches) {
      const ofBatch: string[] = [];
      for (const message of messages) ofBatch.push(...(await this.answersToOne(message, line)));
      answers.push(ofBatch);
    }
    return this.inBatches(file, answers);
  }

  private async incomplete(
    file: BatchFile,
    bytes: Buffer,
    { error, line }: { readonly error: DomainError; readonly line: Line },
  ): Promise<string[][]> {
    const turn = new Turn(this.parts.admit);
    const answer = await this.refuse(error, bytes, { line, turn }).finally(() => turn.end());
    return file.batches.map(({ messages }) =>
      messages.flatMap(
        (message) =>
          this.acknowledged(looseHeader(message.toString('latin1')), answer)?.toString() ?? [],
      ),
    );
  }

  private inBatches(file: BatchFile, answers: readonly string[][]): readonly string[] {
    if (answers.some((ofBatch) => ofBatch.length > 0) || isNamed(file))
      return [answerTo(file, answers, this.parts.clock.now())];
    this.parts.unanswered('no control id');
    return [];
  }

  /** What becomes of one message; undefined for what is not even judged. */
  private async judged(bytes: Buffer, line: Line): Promise<Judged | undefined> {
    if (bytes.length === 0) return (this.parts.unanswered('empty frame'), undefined);
    let header = looseHeader(bytes.toString('latin1'));
    if (header.messageType === 'ACK') return undefined;
    let institutionId: string | undefined;
    let profile: InterfaceProfile | undefined;
    const turn = new Turn(this.parts.admit);
    let answer: Judgement;
    let charges: TakenCharges | undefined;
    try {
      const speaks = await this.usualOf(header.sendingFacility);
      const read = isHeaderEnough(header, speaks) ? decodeHeader : decode;
      const text = read(bytes, speaks.characterSet);
      header = looseHeader(text);
      ({ institutionId, profile } = await this.speakerOf(header.sendingFacility, line));
      await turn.begin(institutionId);
      const taken = await this.take(text, bytes, { institutionId, profile });
      answer = { code: 'AA', ...this.took(taken) };
      charges = 'ignored' in taken ? undefined : chargesOf(taken, institutionId!);
    } catch (error) {
      const isTest = profile?.mode === 'test' || firstIn(header.processingId) === 'T';
      answer = await this.refuse(error, bytes, { institutionId, line, turn, isTest });
    } finally {
      turn.end();
    }
    return { header, answer, profile, charges };
  }

  private took(taken: Taken | Ignored): Omit<Answer, 'code'> {
    if ('ignored' in taken) {
      this.parts.passedOver('ignored', taken.ignored);
      return { text: `ignored: ${taken.ignored} is not needed` };
    }
    if (taken.test) this.parts.passedOver('test', 'accepted');
    return accepted(taken);
  }

  /**
   * How an institution speaks, before its message is decoded. The facility is read before it is
   * known: where it is not ASCII, the message must name its character set.
   */
  private async usualOf(sendingFacility: string): Promise<InterfaceProfile> {
    try {
      const institutionId = await this.institutionOf(sendingFacility);
      return institutionId ? await this.parts.partners.profileOf(institutionId) : {};
    } catch (error) {
      if (isPassing(error as DomainError)) throw error;
      return {}; // The decoded header is looked up again, and the message answered for it.
    }
  }

  /** A kept message as text: in its character set, or its institution's. */
  async textOf(
    { institutionId }: Pick<Quarantined, 'institutionId'>,
    raw: Buffer,
  ): Promise<string> {
    if (institutionId === null) return decode(raw);
    return decode(raw, (await this.parts.partners.profileOf(institutionId)).characterSet);
  }

  /**
   * The answer to bytes that are no whole frame; undefined where they hold no control id. Never
   * throws.
   */
  async answerBroken(
    bytes: Buffer,
    fault: BrokenFrame,
    line: Line,
  ): Promise<Hl7Message | undefined> {
    const header = looseHeader(bytes.toString('latin1'));
    const turn = new Turn(this.parts.admit);
    const answer = await this.refuse(
      new DomainError(fault, 'invalid', { field: 'MLLP', ...FRAME_FAULTS[fault] }),
      bytes,
      { line, turn },
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
   * does, REPLAY_INSTITUTION_DIFFERS (conflict), and SENDER_FORBIDDEN (forbidden).
   */
  async replay(entry: Quarantined, raw: Buffer, mended: string | undefined): Promise<Replayed> {
    const text =
      mended === undefined ? await this.textOf(entry, raw) : mended.trim().replace(/\r?\n/g, '\r');
    const { certificate } = entry;
    const speaker = await this.speakerOf(looseHeader(text).sendingFacility, {
      certificate,
      speaksFor: (id) =>
        certificate === undefined || this.parts.mayCertificateSpeak(certificate, id),
    });
    if (entry.institutionId !== null && speaker.institutionId !== entry.institutionId)
      throw new DomainError('REPLAY_INSTITUTION_DIFFERS', 'conflict', { id: entry.id });
    const bytes = mended === undefined ? raw : Buffer.from(text, 'utf8');
    const taken = await this.take(text, bytes, speaker, entry.id);
    if ('ignored' in taken)
      throw new DomainError('MESSAGE_TYPE_UNSUPPORTED', 'invalid', {
        field: 'MSH-9',
        why: 'the message type is not needed: there is nothing to replay',
        remedy: 'discard it',
      });
    if ('merged' in taken) return taken;
    const { facts: _, warnings: _unread, ...receipt } = taken;
    return receipt;
  }

  /** Who speaks, and how. Throws SENDER_FORBIDDEN (forbidden). */
  private async speakerOf(facility: string, line: Line): Promise<Speaker> {
    const institutionId = spokenFor(await this.institutionOf(facility), line.speaksFor);
    const profile = institutionId ? await this.parts.partners.profileOf(institutionId) : undefined;
    checkSpeaksHl7(profile, line.certificate);
    return { institutionId, profile };
  }

  /** Undefined when the header names no facility; translating then says so. */
  private async institutionOf(sendingFacility: string): Promise<string | undefined> {
    const facility = firstIn(sendingFacility);
    return facility === '' ? undefined : this.parts.partners.institutionOf({ facility });
  }

  private async take(
    text: string,
    raw: Buffer,
    { institutionId, profile }: Speaker,
    replayOf?: string,
  ): Promise<Taken | Ignored> {
    const { controlId, sendingApplication } = looseHeader(text);
    const application = applicationIn(firstIn(sendingApplication));
    const translated = await this.parts.intake.reading(
      { door: 'mllp', institutionId, application, messageId: controlId.trim() },
      () => translate(text, profile),
    );
    if (institutionId === undefined)
      throw new DomainError('INSTITUTION_UNKNOWN', 'not-found', { field: 'MSH-4' });
    if ('ignored' in translated) return translated;
    const { facility: _, ...read } = translated;
    if ('patients' in read) return this.parts.intake.merge({ ...read, institutionId }, replayOf);
    const { warnings, ...said } = read;
    const receipt = await this.parts.intake.accept({ ...said, institutionId }, raw, replayOf);
    return { ...receipt, facts: said.facts, ...(warnings && { warnings }) };
  }

  private async refuse(
    error: unknown,
    raw: Buffer,
    at: { institutionId?: string | undefined; line: Line; turn: Turn; isTest?: boolean },
  ): Promise<Judgement> {
    try {
      if (!(error instanceof DomainError) || isPassing(error)) throw error;
      const { institutionId, line, turn, isTest = false } = at;
      if (isTest) {
        this.parts.passedOver('test', 'refused');
        return { code: ackCodeOf(error), text: `test: ${error.code}, not kept`, error };
      }
      await turn.begin(institutionId); // Keeping it in quarantine is work too.
      const { controlId: messageId } = looseHeader(raw.toString('latin1'));
      const { certificate } = line;
      const refused = { door: 'mllp', institutionId, certificate, messageId, raw, error } as const;
      const status = await this.parts.quarantine.keep(refused);
      if (status === 'replayed')
        return { code: 'AA', text: 'accepted before as mended by an operator' };
      return { code: ackCodeOf(error), text: error.code, error };
    } catch (failure) {
      return this.tryAgain(failure);
    }
  }

  /** Nothing was decided or kept: the message stays with its sender (HL7 v2.5.1, 2.9.2.2 c). */
  private tryAgain(failure: unknown): Judgement {
    const isOurs = !(failure instanceof DomainError && isPassing(failure));
    if (isOurs) this.parts.failed(failure);
    const error = isOurs ? TRY_AGAIN : failure;
    return { code: 'AR', text: `${error.code} try again later`, error };
  }
}
