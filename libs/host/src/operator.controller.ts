import { DomainError } from '@caretab/kernel';
import type { Parked } from '@caretab/bus';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiProduces, ApiQuery, ApiTags } from '@nestjs/swagger';
import { type Static, Type } from '@sinclair/typebox';
import type { Response } from 'express';
import { Backlog } from './backlog';
import { Jobs } from './jobs';
import { valid } from './valid';

/** Parked messages of each service in this process, by service name. */
export class ParkedByService extends Map<string, Parked> {}

const Discard = Type.Object(
  { why: Type.String({ minLength: 3, maxLength: 200 }) },
  { additionalProperties: false },
);
const Replay = Type.Object(
  {
    group: Type.Optional(Type.String({ maxLength: 200 })),
    topic: Type.Optional(Type.String({ maxLength: 200 })),
    key: Type.Optional(Type.String({ maxLength: 500 })),
    code: Type.Optional(Type.String({ maxLength: 100 })),
  },
  { additionalProperties: false },
);
const Mend = Type.Object(
  {
    value: Type.Optional(Type.Unknown({ description: 'The whole value, mended: JSON' })),
    headers: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[a-z0-9_-]{1,100}$' }),
        Type.String({ maxLength: 4000 }),
        { description: 'Headers to set, by name' },
      ),
    ),
    why: Type.String({ minLength: 3, maxLength: 200 }),
  },
  { additionalProperties: false },
);
const validMend = valid(Mend);
const mendedOrNothing = {
  transform: (body: unknown) =>
    Object.keys(body ?? {}).length === 0 ? undefined : validMend.transform(body, { type: 'body' }),
};

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

const LINES_OF_JSON = 'application/x-ndjson';
const STATUSES = ['parked', 'replayed', 'discarded'] as const;
const Page = Type.Object(
  {
    status: Type.Optional(Type.Union(STATUSES.map((status) => Type.Literal(status)))),
    after: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false },
);
const PAGE_SIZE_MAX = 100;

/**
 * What an operator asks of every service alike: what is left to do, and the messages that could not
 * be handled.
 */
@ApiTags('operator')
@Controller(':service')
export class OperatorController {
  constructor(
    @Inject(ParkedByService) private readonly parked: ParkedByService,
    @Inject(Backlog) private readonly backlog: Backlog,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  @Get('backlog')
  @ApiOperation({ summary: 'What the service still has to do; all zero means quiet' })
  async backlogOf(@Param('service') service: string): Promise<Record<string, number>> {
    this.parkedOf(service);
    return { ...(await this.backlog.of(service)), jobsRunning: this.jobs.running(service).length };
  }

  @Get('parked')
  @ApiOperation({ summary: 'Messages that could not be handled, oldest first' })
  @ApiQuery({ name: 'status', required: false, enum: STATUSES })
  @ApiQuery({ name: 'after', required: false, description: '`next` of the page before' })
  list(
    @Param('service') service: string,
    @Query(valid(Page)) { status, after }: Static<typeof Page>,
  ): Promise<unknown> {
    return this.parkedOf(service).list({
      status: status ?? 'parked',
      ...(after && { after }),
      countMax: PAGE_SIZE_MAX,
    });
  }

  @Get('parked/:id')
  @ApiOperation({ summary: 'One parked message with its content' })
  show(@Param('service') service: string, @Param('id') id: string): Promise<unknown> {
    return this.parkedOf(service).show(id);
  }

  @Post('parked/replay')
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Handle all parked messages that fit again, key by key and each key in order; ' +
      'tells a line of JSON after every page. To stop, hang up',
  })
  @ApiBody({ schema: Replay as never })
  @ApiProduces(LINES_OF_JSON)
  async replayAll(
    @Param('service') service: string,
    @Body(valid(Replay)) filter: Static<typeof Replay>,
    @Res() response: Response,
  ): Promise<void> {
    const hungUp = new AbortController();
    response.once('close', () => hungUp.abort());
    const steps = this.parkedOf(service).replaySteps(filter, hungUp.signal);
    // What is wrong from the start is answered as a problem; later on the last line says it.
    let step = await steps.next();
    response.type(LINES_OF_JSON);
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

  @Post('parked/:id/replay')
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Handle a parked message again, as it was or mended; what was sent is kept beside what was made of it',
  })
  @ApiBody({ schema: Mend as never, required: false })
  replay(
    @Param('service') service: string,
    @Param('id') id: string,
    @Body(mendedOrNothing) body: Static<typeof Mend> | undefined,
  ): Promise<unknown> {
    if (!body) return this.parkedOf(service).replay(id);
    const { value, headers, why } = body;
    return this.parkedOf(service).replay(id, {
      headers,
      why,
      ...(value !== undefined && { value: textOf(value) }),
    });
  }

  @Post('parked/:id/discard')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give a parked message up, with a reason that is kept' })
  @ApiBody({ schema: Discard as never })
  discard(
    @Param('service') service: string,
    @Param('id') id: string,
    @Body(valid(Discard)) body: { why: string },
  ): Promise<unknown> {
    return this.parkedOf(service).discard(id, body.why);
  }

  private parkedOf(service: string): Parked {
    const parked = this.parked.get(service);
    if (!parked)
      throw new DomainError('SERVICE_UNKNOWN', 'not-found', { known: [...this.parked.keys()] });
    return parked;
  }
}
