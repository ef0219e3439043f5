import { Instant, PersonId } from '@caretab/contracts';
import type { Timers } from '@caretab/kernel';
import { valid } from '@caretab/host';
import { Body, Controller, Delete, HttpCode, Inject, Param, Post, Put, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Static, Type } from '@sinclair/typebox';
import { openWhenKnown } from './enrolment-wait';
import { Enrolments } from './enrolments';

const Enrolment = Type.Object({ personId: PersonId }, { additionalProperties: false });
const Score = Type.Object(
  { score: Type.Integer({ minimum: 0, maximum: 1000 }), scoredAt: Instant },
  { additionalProperties: false },
);

/** How an enrolment waits for what was registered just now. */
export const WAIT = Symbol('enrolment wait');

/** HTTP in → enrolments. */
@ApiTags('credit')
@Controller('credit')
export class EnrolmentController {
  constructor(
    @Inject(Enrolments) private readonly enrolments: Enrolments,
    @Inject(WAIT) private readonly wait: { readonly timers: Timers; readonly waitMaxMs: number },
  ) {}

  @Put('persons/:personId/score')
  @ApiOperation({ summary: 'The credit authority tells a score; an open line follows it' })
  @ApiBody({ schema: Score as never })
  async score(
    @Param('personId', valid(PersonId)) personId: string,
    @Body(valid(Score)) body: Static<typeof Score>,
  ): Promise<unknown> {
    return {
      personId,
      ...(await this.enrolments.score(personId, body.score, new Date(body.scoredAt))),
    };
  }

  @Post('enrolments')
  @ApiOperation({
    summary:
      'Open the service, for a child on the guardian’s line; 201 when opened, 200 when it was open',
  })
  @ApiBody({ schema: Enrolment as never })
  async open(
    @Body(valid(Enrolment)) { personId }: Static<typeof Enrolment>,
    @Res({ passthrough: true }) response: { status(code: number): unknown },
  ): Promise<unknown> {
    const { created, ...enrolled } = await openWhenKnown(this.enrolments, personId, this.wait);
    response.status(created ? 201 : 200);
    return enrolled;
  }

  @Delete('enrolments/:personId')
  @HttpCode(204)
  @ApiOperation({ summary: 'Close the service; refused while a hold stands or something is owed' })
  close(@Param('personId', valid(PersonId)) personId: string): Promise<void> {
    return this.enrolments.close(personId);
  }
}
