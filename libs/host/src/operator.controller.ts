import { chassisRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import type { Parked } from '@caretab/bus';
import { DomainError } from '@caretab/kernel';
import { Controller, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Backlog } from './backlog';
import { type Asked, Handles } from './handles';
import { Jobs } from './jobs';

/** Parked messages of each service in this process, by service name. */
export class ParkedByService extends Map<string, Parked> {}

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** Throws REQUEST_INVALID (invalid): what a parser can read may be too deep to be written. */
const textOf = (value: unknown): string => {
  try {
    return JSON.stringify(value);
  } catch {
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      faults: [{ field: '/value', why: 'is nested too deeply' }],
    });
  }
};

const PAGE_SIZE_MAX = 100;

/** What an operator asks of every service: its backlog, and the messages it could not handle. */
@Controller()
export class OperatorController {
  constructor(
    @Inject(ParkedByService) private readonly parked: ParkedByService,
    @Inject(Backlog) private readonly backlog: Backlog,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  @Handles(routes.backlog)
  async backlogOf({ params: { service } }: Input<'backlog'>): Answer<'backlog'> {
    this.parkedOf(service);
    return { ...(await this.backlog.of(service)), jobsRunning: this.jobs.running(service).length };
  }

  @Handles(routes.listParked)
  async list({
    params: { service },
    query: { status = 'parked', after },
  }: Input<'listParked'>): Answer<'listParked'> {
    return this.parkedOf(service).list({
      status,
      ...(after && { after }),
      countMax: PAGE_SIZE_MAX,
    });
  }

  @Handles(routes.showParked)
  async show({ params: { service, id } }: Input<'showParked'>): Answer<'showParked'> {
    return this.parkedOf(service).show(id);
  }

  @Handles(routes.replayAllParked)
  async replayAll(
    { params: { service }, body: filter }: Input<'replayAllParked'>,
    @Res() response: Response,
  ): Promise<void> {
    const closed = new AbortController();
    response.once('close', () => closed.abort());
    const steps = this.parkedOf(service).replaySteps(filter, closed.signal);
    // A fault at the start is answered as a problem; a later one stands on the last line.
    let step = await steps.next();
    response.type('application/x-ndjson');
    try {
      for (; !step.done; step = await steps.next())
        response.write(`${JSON.stringify(step.value)}\n`);
      response.end();
    } catch (error) {
      response.end(
        `${JSON.stringify({ stopped: error instanceof DomainError ? error.code : 'INTERNAL' })}\n`,
      );
    }
  }

  @Handles(routes.replayParked)
  async replay({
    params: { service, id },
    body,
    approvedBy,
  }: Asked<(typeof routes)['replayParked']>): Answer<'replayParked'> {
    const { value, headers, why } = body;
    if (Object.keys(body).length === 0) return this.parkedOf(service).replay(id);
    if (why === undefined)
      throw new DomainError('REQUEST_INVALID', 'invalid', {
        faults: [{ field: '/why', why: 'a correction needs its reason' }],
      });
    if (approvedBy === undefined) throw new DomainError('APPROVAL_NEEDED', 'conflict', { id });
    return this.parkedOf(service).replay(id, {
      headers,
      why,
      ...(value !== undefined && { value: textOf(value) }),
    });
  }

  @Handles(routes.discardParked)
  async discard({
    params: { service, id },
    body: { why },
  }: Input<'discardParked'>): Answer<'discardParked'> {
    return this.parkedOf(service).discard(id, why);
  }

  private parkedOf(service: string): Parked {
    const parked = this.parked.get(service);
    if (!parked)
      throw new DomainError('SERVICE_UNKNOWN', 'not-found', { known: [...this.parked.keys()] });
    return parked;
  }
}
