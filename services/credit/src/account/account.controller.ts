import { Code, PersonId } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { valid } from '@caretab/host';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Query } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { type Static, Type } from '@sinclair/typebox';
import { Enrolments } from '../enrolment/enrolments';
import { Accounts, type Summary } from './accounts';

const Freeze = Type.Object({ reason: Code }, { additionalProperties: false });

const sequenceOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      faults: [{ field: 'before', why: 'Expected a sequence number' }],
    });
  return Number(text);
};

/** HTTP in → accounts. */
@ApiTags('credit')
@Controller('credit')
export class AccountController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Enrolments) private readonly enrolments: Enrolments,
  ) {}

  @Get('accounts/:personId')
  @ApiOperation({
    summary:
      'A person’s line: held, outstanding, available, over the line, and its entries, newest first',
  })
  @ApiQuery({ name: 'before', required: false, description: 'nextBefore of the page before' })
  show(
    @Param('personId', valid(PersonId)) personId: string,
    @Query('before') before?: string,
  ): Promise<unknown> {
    return this.enrolments.show(personId, sequenceOf(before));
  }

  @Put('accounts/:personId/freeze')
  @HttpCode(204)
  @ApiOperation({ summary: 'Grant no new hold until unfrozen; holds that stand stay' })
  @ApiBody({ schema: Freeze as never })
  freeze(
    @Param('personId', valid(PersonId)) personId: string,
    @Body(valid(Freeze)) { reason }: Static<typeof Freeze>,
  ): Promise<void> {
    return this.accounts.freeze(personId, reason);
  }

  @Delete('accounts/:personId/freeze')
  @HttpCode(204)
  @ApiOperation({ summary: 'Grant holds again' })
  unfreeze(@Param('personId', valid(PersonId)) personId: string): Promise<void> {
    return this.accounts.unfreeze(personId);
  }

  @Get('summary')
  @ApiOperation({ summary: 'Totals over all lines' })
  summary(): Promise<Summary> {
    return this.accounts.summary();
  }
}
