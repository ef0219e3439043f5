import { VisitId } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { Jobs, valid } from '@caretab/host';
import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Static, Type } from '@sinclair/typebox';
import { AccountToken, Channel } from '../account/account.controller';
import { Collections } from './collections';
import { type PaymentSummary, type VisitPayment, VisitPayments } from './visit-payments';

const Pay = Type.Object(
  { token: Type.Optional(AccountToken), channel: Type.Optional(Channel) },
  { additionalProperties: false },
);

@ApiTags('payment')
@Controller('payment')
export class CollectionController {
  constructor(
    @Inject(Collections) private readonly collections: Collections,
    @Inject(VisitPayments) private readonly payments: VisitPayments,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  @Post('visits/:visitId/pay')
  @HttpCode(202)
  @ApiOperation({
    summary:
      'Pay what is open for a visit, from the bound account or the one given; asking ' +
      'again while it is under way or done changes nothing',
  })
  @ApiBody({ schema: Pay as never })
  async pay(
    @Param('visitId', valid(VisitId)) visitId: string,
    @Body(valid(Pay)) { token, channel }: Static<typeof Pay>,
  ): Promise<VisitPayment> {
    if ((token === undefined) !== (channel === undefined))
      throw new DomainError('ACCOUNT_INCOMPLETE', 'invalid', { needs: ['token', 'channel'] });
    await this.collections.payNow(visitId, token && channel ? { token, channel } : undefined);
    this.jobs.wake('payment.collect');
    return this.payments.of(visitId);
  }

  @Get('visits/:visitId')
  @ApiOperation({ summary: 'What is due, paid, refunded and owed for a visit, with every order' })
  visit(@Param('visitId', valid(VisitId)) visitId: string): Promise<VisitPayment> {
    return this.payments.of(visitId);
  }

  @Get('summary')
  @ApiOperation({ summary: 'All visits together, and the trial balance of the journal' })
  summary(): Promise<PaymentSummary> {
    return this.payments.summary();
  }
}
