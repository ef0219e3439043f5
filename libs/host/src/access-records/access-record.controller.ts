import { accessRecordRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { Controller, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import { answerLines } from '../answer-lines';
import { type Asked, Handles } from '../handles';
import { shownRecord, shownVerification } from './access-record-shown';
import { AccessRecordsByService } from './access-records';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → who did what to whose, of every service. */
@Controller()
export class AccessRecordController {
  constructor(@Inject(AccessRecordsByService) private readonly services: AccessRecordsByService) {}

  @Handles(routes.listAccessRecords)
  async list({
    params: { service },
    query: { since, until, ...which },
  }: Input<'listAccessRecords'>): Answer<'listAccessRecords'> {
    const { records, next } = await this.services.of(service).list({
      ...which,
      since: since === undefined ? undefined : new Date(since),
      until: until === undefined ? undefined : new Date(until),
    });
    return { records: records.map(shownRecord), ...(next !== undefined && { next }) };
  }

  @Handles(routes.personAccessRecords)
  async ofPerson({
    params: { service, personId },
    query: { after },
  }: Input<'personAccessRecords'>): Answer<'personAccessRecords'> {
    return this.services.of(service).looksAt(service, personId, after);
  }

  @Handles(routes.verifyAccessRecords)
  async verify(
    { params: { service } }: Input<'verifyAccessRecords'>,
    @Res() response: Response,
  ): Promise<void> {
    await answerLines(response, this.services.of(service).verify(), shownVerification);
  }
}
