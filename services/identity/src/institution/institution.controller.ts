import { HospitalLevel, InstitutionId } from '@caretab/contracts';
import { valid } from '@caretab/host';
import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Put,
  Res,
  UseGuards,
} from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Static, Type } from '@sinclair/typebox';
import { InternalGuard } from '../internal.guard';
import { Institutions, type KnownInstitution } from './institutions';

const ApiKey = Type.String({
  minLength: 24,
  maxLength: 200,
  description: 'At least 24 unpredictable characters',
});
const Facility = Type.String({ minLength: 1, maxLength: 60 });
const Details = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80 }),
    level: HospitalLevel,
    webhookUrl: Type.Optional(Type.String({ pattern: '^https?://', maxLength: 300 })),
    facility: Type.Optional(Facility),
    apiKey: Type.Optional(ApiKey),
  },
  { additionalProperties: false },
);
const Proof = Type.Union([
  Type.Object(
    { apiKey: Type.String({ minLength: 1, maxLength: 200 }) },
    { additionalProperties: false },
  ),
  Type.Object({ facility: Facility }, { additionalProperties: false }),
]);

/** HTTP in → institutions. */
@ApiTags('identity')
@Controller('identity/institutions')
export class InstitutionController {
  constructor(@Inject(Institutions) private readonly institutions: Institutions) {}

  @Put(':institutionId')
  @ApiOperation({
    summary:
      'Register an institution or change its details; a key that was made is shown this once',
  })
  @ApiBody({ schema: Details as never })
  async put(
    @Param('institutionId', valid(InstitutionId)) institutionId: string,
    @Body(valid(Details)) body: Static<typeof Details>,
    @Res({ passthrough: true }) response: { status(code: number): unknown },
  ): Promise<KnownInstitution & { apiKey?: string }> {
    const { created, ...institution } = await this.institutions.put(institutionId, body);
    response.status(created ? 201 : 200);
    return institution;
  }

  @Post('authenticate')
  @HttpCode(200)
  @UseGuards(InternalGuard)
  @ApiBearerAuth()
  @ApiOperation({
    summary: 'Whose API key or HL7 facility this is (the platform’s own services only)',
  })
  @ApiBody({ schema: Proof as never })
  authenticate(@Body(valid(Proof)) body: Static<typeof Proof>): Promise<KnownInstitution> {
    return this.institutions.authenticate(body);
  }

  @Post(':institutionId/key')
  @ApiOperation({ summary: 'Make a new API key, shown this once; the old one ends' })
  renewKey(
    @Param('institutionId', valid(InstitutionId)) institutionId: string,
  ): Promise<{ apiKey: string }> {
    return this.institutions.renewKey(institutionId);
  }

  @Get()
  @ApiOperation({ summary: 'Institutions and their level' })
  list(): Promise<KnownInstitution[]> {
    return this.institutions.list();
  }
}
