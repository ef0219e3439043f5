import { BusinessDate } from '@caretab/contracts';
import { valid } from '@caretab/host';
import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Static, Type } from '@sinclair/typebox';
import { type Clearing, Clearings } from './clearings';

const ClearDay = Type.Object({ businessDate: BusinessDate }, { additionalProperties: false });

@ApiTags('payment')
@Controller('payment/clearings')
export class ClearingController {
  constructor(@Inject(Clearings) private readonly clearings: Clearings) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Clear a business day; the same day again gives the first answer' })
  @ApiBody({ schema: ClearDay as never })
  clear(@Body(valid(ClearDay)) { businessDate }: Static<typeof ClearDay>): Promise<Clearing> {
    return this.clearings.clear(businessDate);
  }

  @Get(':businessDate')
  @ApiOperation({ summary: 'What each party is owed (positive) or owes (negative) for a day' })
  get(@Param('businessDate', valid(BusinessDate)) businessDate: string): Promise<Clearing> {
    return this.clearings.get(businessDate);
  }
}
