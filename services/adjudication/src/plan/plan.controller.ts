import { type Plan, plans } from '@caretab/benefits';
import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

@ApiTags('adjudication')
@Controller('adjudication/plans')
export class PlanController {
  @Get()
  @ApiOperation({ summary: 'Every benefit plan with its versions, tables and sources' })
  list(): { plans: readonly Plan[] } {
    return { plans };
  }
}
