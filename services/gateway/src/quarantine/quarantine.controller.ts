import { gatewayRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { DomainError, type ErrorCode } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { HttpDoor } from '../api/http-door';
import type { Replayed } from '../hl7/decided';
import { Hl7Door } from '../hl7/hl7-door';
import { Quarantine, type Shown } from './quarantine';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

const DISCARDS_MAX = 500;
/** Each asks identity. */
const REPLAYS_MAX = 50;

/** What an operator does about messages that were refused. Showing one shows personal data. */
@Controller()
export class QuarantineController {
  constructor(
    @Inject(Quarantine) private readonly quarantine: Quarantine,
    @Inject(Hl7Door) private readonly hl7: Hl7Door,
    @Inject(HttpDoor) private readonly http: HttpDoor,
  ) {}

  @Handles(routes.listQuarantine)
  list({
    query: { status = 'open', ...filter },
  }: Input<'listQuarantine'>): Answer<'listQuarantine'> {
    return this.quarantine.list(status, filter);
  }

  @Handles(routes.showQuarantined)
  async show({ params: { id } }: Input<'showQuarantined'>): Answer<'showQuarantined'> {
    const { entry, raw } = await this.quarantine.show(id);
    // The character set may be what is wrong with the message.
    const message = await this.hl7.textOf(entry, raw).catch((error) => {
      if (error instanceof DomainError) return raw.toString('latin1');
      throw error;
    });
    return { ...entry, message };
  }

  @Handles(routes.replayQuarantined)
  async replay({
    params: { id },
    body: { message },
    approvedBy,
  }: Asked<(typeof routes)['replayQuarantined']>): Answer<'replayQuarantined'> {
    const shown = await this.quarantine.show(id);
    if (shown.entry.status !== 'open')
      throw new DomainError('QUARANTINE_CLOSED', 'conflict', { id, state: shown.entry.status });
    if (message !== undefined && approvedBy === undefined)
      throw new DomainError('APPROVAL_NEEDED', 'conflict', { id });
    return this.again(shown, message);
  }

  @Handles(routes.replayAllQuarantined)
  async replayAll({ body }: Input<'replayAllQuarantined'>): Answer<'replayAllQuarantined'> {
    const entries = await this.quarantine.oldest(body, REPLAYS_MAX);
    const failed: { id: string; code: ErrorCode }[] = [];
    for (const { id } of entries)
      try {
        await this.again(await this.quarantine.show(id), undefined);
      } catch (error) {
        if (!(error instanceof DomainError) || error.kind === 'unavailable') throw error;
        failed.push({ id, code: error.code });
      }
    const next = entries.length === REPLAYS_MAX ? entries.at(-1)!.id : undefined;
    return { replayed: entries.length - failed.length, failed, ...(next && { next }) };
  }

  @Handles(routes.discardAllQuarantined)
  async discardAll({
    body: { why, ...filter },
  }: Input<'discardAllQuarantined'>): Answer<'discardAllQuarantined'> {
    const discarded = await this.quarantine.discardAll(filter, why, DISCARDS_MAX);
    return { discarded, more: discarded === DISCARDS_MAX };
  }

  private async again(
    { entry, raw, isWhole }: Shown,
    corrected: string | undefined,
  ): Promise<Replayed> {
    if (!isWhole && corrected === undefined)
      throw new DomainError('RAW_FORGOTTEN', 'conflict', {
        id: entry.id,
        why: 'only the beginning of a long message of an unknown sender is kept',
        remedy: 'have its sender send it again, or send the whole message',
      });
    return (entry.door === 'mllp' ? this.hl7 : this.http).replay(entry, raw, corrected);
  }

  @Handles(routes.discardQuarantined)
  async discard({
    params: { id },
    body: { why },
  }: Input<'discardQuarantined'>): Answer<'discardQuarantined'> {
    await this.quarantine.discard(id, why);
    return { id, status: 'discarded' };
  }
}
