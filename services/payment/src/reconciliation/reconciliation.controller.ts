import { BusinessDate } from '@caretab/contracts';
import { valid } from '@caretab/host';
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Reconciliation } from './reconcile';
import { Reconciliations } from './reconciliations';

@ApiTags('payment')
@Controller('payment/reconciliation')
export class ReconciliationController {
  constructor(@Inject(Reconciliations) private readonly reconciliations: Reconciliations) {}

  @Get(':date')
  @ApiOperation({
    summary:
      "A day's captures and refunds beside the channel's statement: matched, only ours, only theirs, amounts differ",
  })
  of(@Param('date', valid(BusinessDate)) date: string): Promise<Reconciliation> {
    return this.reconciliations.of(date);
  }
}
