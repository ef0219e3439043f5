import { VisitId } from '@caretab/contracts';
import type { Store } from '@caretab/store';
import { STORE, valid } from '@caretab/host';
import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type ClaimAnswer, claimAnswer } from './claim-answer';
import { estimate, EstimateRequest } from './estimates';

@ApiTags('adjudication')
@Controller('adjudication')
export class ClaimController {
  constructor(@Inject(STORE) private readonly store: Store) {}

  @Get('claims/:visitId')
  @ApiOperation({
    summary:
      'The verdict on a visit: totals, each plan’s part and how it came about, every line with its reasons',
    description:
      'Money in whole fen. National interface: grossFen medfee_sumamt · ownExpenseFen ' +
      'fulamt_ownpay_amt · overLimitFen overlmt_selfpay · firstSelfPayFen ' +
      'preselfpay_amt · inScopeFen inscp_scp_amt · steps.deductibleFen act_pay_dedc · ' +
      'payers.fundFen hifp_pay (basic) or oth_pay (supplementary) · ' +
      'payers.personalAccountFen acct_pay · patientDueFen psn_cash_pay · category ' +
      'A/B/C chrgitm_lv 01/02/03.',
  })
  show(@Param('visitId', valid(VisitId)) visitId: string): Promise<ClaimAnswer> {
    return claimAnswer(this.store, visitId);
  }

  @Post('estimates')
  @HttpCode(200)
  @ApiOperation({
    summary: 'What charges would come to if they were settled now; nothing is stored',
  })
  @ApiBody({ schema: EstimateRequest as never })
  estimate(@Body(valid(EstimateRequest)) request: EstimateRequest): ReturnType<typeof estimate> {
    return estimate(this.store, request);
  }
}
