import { PersonId, VisitId } from '@caretab/contracts';
import { valid } from '@caretab/host';
import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Partners } from '../intake/partners';
import type { Credential } from '../intake/submission';
import { PARTNERS } from '../parts';
import { institutionOf } from './institution.guard';
import { Readers } from './reader.guard';
import { CredentialBody } from './schemas';
import { VisitLedgerClient } from './visit-ledger.adapter';

/** What can be asked at the edge. Nothing answered here holds personal data. */
@ApiTags('hospitals')
@Controller('v1')
export class ReadsController {
  constructor(
    @Inject(PARTNERS) private readonly partners: Partners,
    @Inject(VisitLedgerClient) private readonly ledger: VisitLedgerClient,
    @Inject(Readers) private readonly readers: Readers,
  ) {}

  @Post('persons/resolve')
  @HttpCode(200)
  @ApiBearerAuth()
  @ApiOperation({
    summary: 'The personId of a credential, for hospitals that publish events by themselves',
  })
  @ApiBody({ schema: CredentialBody as never })
  async resolve(
    @Headers('authorization') authorization: string | undefined,
    @Body(valid(CredentialBody)) credential: Credential,
  ): Promise<{ personId: string }> {
    await institutionOf(this.partners, authorization);
    return { personId: await this.partners.personOf(credential, { fresh: true }) };
  }

  @Get('visits/:visitId')
  @ApiOperation({ summary: 'The state of a visit' })
  async visit(
    @Headers('authorization') authorization: string | undefined,
    @Param('visitId', valid(VisitId)) visitId: string,
  ): Promise<unknown> {
    await this.readers.checkVisit(authorization, visitId);
    return this.ledger.visit(visitId);
  }

  @Get('visits/:visitId/history')
  @ApiOperation({ summary: 'Every event of a visit with its time, cause and source message' })
  async history(
    @Headers('authorization') authorization: string | undefined,
    @Param('visitId', valid(VisitId)) visitId: string,
  ): Promise<unknown> {
    await this.readers.checkVisit(authorization, visitId);
    return this.ledger.history(visitId);
  }

  @Get('persons/:personId/visits')
  @ApiOperation({ summary: 'The visits of a person' })
  async visitsOf(
    @Headers('authorization') authorization: string | undefined,
    @Param('personId', valid(PersonId)) personId: string,
  ): Promise<unknown> {
    this.readers.checkPerson(authorization);
    return this.ledger.visitsOf(personId);
  }
}
