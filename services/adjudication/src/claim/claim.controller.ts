import { VisitId } from '@caretab/contracts';
import type { Store } from '@caretab/postgres';
import { valid } from '@caretab/service';
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { STORE } from '../parts';
import { type ClaimAnswer, claimAnswer } from './claim-answer';

@ApiTags('adjudication')
@Controller('adjudication/claims')
export class ClaimController {
  constructor(@Inject(STORE) private readonly store: Store) {}

  @Get(':visitId')
  @ApiOperation({
    summary: 'The verdict on a visit: totals, each plan’s part and how it came about, every line with its reasons',
    description: 'Money in whole fen. National interface: grossFen medfee_sumamt · ownExpenseFen fulamt_ownpay_amt · overLimitFen overlmt_selfpay · firstSelfPayFen preselfpay_amt · inScopeFen inscp_scp_amt · steps.deductibleFen act_pay_dedc · payers.fundFen hifp_pay (basic) or oth_pay (supplementary) · payers.personalAccountFen acct_pay · patientDueFen psn_cash_pay · category A/B/C chrgitm_lv 01/02/03.',
  })
  show(@Param('visitId', valid(VisitId)) visitId: string): Promise<ClaimAnswer> {
    return claimAnswer(this.store, visitId);
  }
}
