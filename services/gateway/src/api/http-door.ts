import { IdempotencyKey } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { checkDepth, valid } from '@caretab/host';
import { NO_APPLICATION } from '../intake/submission';
import type { Intake } from '../intake/intake';
import type { Receipt } from '../intake/receipt';
import type { Quarantine, Quarantined } from '../quarantine/quarantine';
import { type Action, inTodaysWords, READINGS } from './requests';

/** A request as it came, for the intake's record and for the quarantine. */
export interface HospitalRequest {
  readonly action: Action;
  readonly visitNumber?: string | undefined;
  readonly key?: string | undefined;
  readonly body: unknown;
}

const KEY_WANTED = new DomainError('IDEMPOTENCY_KEY_MISSING', 'invalid', {
  field: 'Idempotency-Key',
  why: 'the header is missing or malformed',
  remedy: 'send 8 to 100 visible ASCII characters, a new key for each request',
});
const checkKey = valid(IdempotencyKey);

/**
 * HTTP in: every request of a hospital is accepted durably, quarantined, or left with its sender.
 */
export class HttpDoor {
  constructor(
    private readonly parts: { readonly intake: Intake; readonly quarantine: Quarantine },
  ) {}

  /**
   * Takes a request of an authenticated institution. Throws DomainError; what is refused for its
   * content was kept first.
   */
  async submit(institutionId: string, request: HospitalRequest): Promise<Receipt> {
    const raw = Buffer.from(JSON.stringify(request), 'utf8');
    try {
      return await this.take(institutionId, request, raw);
    } catch (error) {
      if (
        !(error instanceof DomainError) ||
        error.kind === 'unavailable' ||
        error.kind === 'overloaded'
      )
        throw error;
      await this.parts.quarantine.keep({
        door: 'http',
        institutionId,
        messageId: request.key,
        raw,
        error,
      });
      throw error;
    }
  }

  /**
   * Takes a quarantined request again; `mended` is its body, corrected. Throws DomainError as the
   * intake does.
   */
  replay(entry: Quarantined, raw: Buffer, mended: string | undefined): Promise<Receipt> {
    const request = JSON.parse(raw.toString('utf8')) as HospitalRequest;
    // A request that came without a key gets one that its replay alone can have.
    const key = request.key ?? `quarantine:${entry.id}`;
    const body = mended === undefined ? request.body : bodyIn(mended);
    const again = inTodaysWords({ ...request, key, body });
    return this.take(
      entry.institutionId!,
      again,
      Buffer.from(JSON.stringify(again), 'utf8'),
      entry.id,
    );
  }

  private async take(
    institutionId: string,
    { action, visitNumber, key, body }: HospitalRequest,
    raw: Buffer,
    replayOf?: string,
  ): Promise<Receipt> {
    const messageId = keyIn(key);
    const facts = await this.parts.intake.reading(
      { door: 'http', institutionId, application: NO_APPLICATION, messageId },
      () => READINGS[action](body, visitNumber),
    );
    return this.parts.intake.accept(
      { door: 'http', institutionId, application: NO_APPLICATION, messageId, ...facts },
      raw,
      replayOf,
    );
  }
}

const keyIn = (key: string | undefined): string => {
  try {
    return checkKey(key);
  } catch {
    throw KEY_WANTED; // The check names a body; the caller must learn of the header.
  }
};

const bodyIn = (text: string): unknown => {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new DomainError('NOT_JSON', 'invalid', {
      field: '/message',
      why: 'the corrected body is not JSON',
      remedy: 'send the whole body of the request',
    });
  }
  checkDepth(body, '/message');
  return body;
};
