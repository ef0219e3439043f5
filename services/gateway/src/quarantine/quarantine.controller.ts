import { DomainError } from '@caretab/kernel';
import { valid } from '@caretab/host';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { type Static, Type } from '@sinclair/typebox';
import { HttpDoor } from '../api/http-door';
import { decode } from '../hl7/charset';
import { Hl7Door } from '../hl7/hl7-door';
import type { Receipt } from '../intake/intake';
import { Quarantine, type Quarantined } from './quarantine';

const Status = Type.Union([
  Type.Literal('open'),
  Type.Literal('replayed'),
  Type.Literal('discarded'),
]);
const Replay = Type.Object(
  {
    message: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1_048_576,
        description:
          'The mended message: HL7 text, or the JSON body of the request; absent: as it was',
      }),
    ),
  },
  { additionalProperties: false },
);
const Discard = Type.Object(
  { why: Type.String({ minLength: 3, maxLength: 200 }) },
  { additionalProperties: false },
);

/** The text of a message whose charset may be what is wrong with it. */
const readable = (raw: Buffer): string => {
  try {
    return decode(raw);
  } catch (error) {
    if (error instanceof DomainError) return raw.toString('latin1');
    throw error;
  }
};

/** What an operator does about messages that were refused. Showing one shows personal data. */
@ApiTags('gateway')
@Controller('gateway/quarantine')
export class QuarantineController {
  constructor(
    @Inject(Quarantine) private readonly quarantine: Quarantine,
    @Inject(Hl7Door) private readonly hl7: Hl7Door,
    @Inject(HttpDoor) private readonly http: HttpDoor,
  ) {}

  @Get()
  @ApiQuery({ name: 'status', required: false, enum: ['open', 'replayed', 'discarded'] })
  @ApiOperation({
    summary: 'Refused messages with their reasons, newest first, without their content',
  })
  list(
    @Query('status', {
      transform: (value: unknown) => valid(Status).transform(value ?? 'open', { type: 'query' }),
    })
    status: Static<typeof Status>,
  ): Promise<Quarantined[]> {
    return this.quarantine.list(status);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One refused message with its content, which holds personal data' })
  async show(@Param('id') id: string): Promise<Quarantined & { message: string }> {
    const { entry, raw } = await this.quarantine.show(id);
    return { ...entry, message: readable(raw) };
  }

  @Post(':id/replay')
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Take a refused message again, mended or as it was; it closes only when it is accepted',
  })
  @ApiBody({ schema: Replay as never })
  async replay(
    @Param('id') id: string,
    @Body({ transform: (value: unknown) => valid(Replay).transform(value ?? {}, { type: 'body' }) })
    { message }: Static<typeof Replay>,
  ): Promise<Receipt> {
    const { entry, raw } = await this.quarantine.show(id);
    if (entry.status !== 'open')
      throw new DomainError('QUARANTINE_CLOSED', 'conflict', { id, state: entry.status });
    return (entry.door === 'mllp' ? this.hl7 : this.http).replay(entry, raw, message);
  }

  @Post(':id/discard')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give a refused message up, with a reason that is kept' })
  @ApiBody({ schema: Discard as never })
  async discard(
    @Param('id') id: string,
    @Body(valid(Discard)) { why }: Static<typeof Discard>,
  ): Promise<{ id: string; status: 'discarded' }> {
    await this.quarantine.discard(id, why);
    return { id, status: 'discarded' };
  }
}
