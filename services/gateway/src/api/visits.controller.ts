import { Body, Controller, Headers, HttpCode, Inject, Param, Post } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiHeader,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { Receipt } from '../intake/intake';
import type { Partners } from '../intake/partners';
import { PARTNERS } from '../parts';
import { HttpDoor } from './http-door';
import { institutionOf } from './institution.guard';
import type { Action } from './requests';
import { CancelBody, ChargesBody, EndBody, ReturnBody, UpdateBody, VisitBody } from './schemas';

interface Sent {
  readonly authorization?: string;
  readonly 'idempotency-key'?: string;
}

/**
 * What hospitals say over HTTP. Bodies are checked behind the door, not by a pipe, so that what is
 * refused can be kept.
 */
@ApiTags('hospitals')
@ApiBearerAuth()
@ApiHeader({
  name: 'Idempotency-Key',
  required: true,
  description: 'A new one for each request; the same again gets the first answer',
})
@Controller('v1/visits')
@ApiParam({
  name: 'visitNumber',
  required: false,
  description: 'The institution’s own number of the visit',
})
export class VisitsController {
  constructor(
    @Inject(HttpDoor) private readonly door: HttpDoor,
    @Inject(PARTNERS) private readonly partners: Partners,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Open a visit' })
  @ApiBody({ schema: VisitBody as never })
  start(@Headers() sent: Sent, @Body() body: unknown): Promise<Omit<Receipt, 'repeated'>> {
    return this.submit('start', sent, undefined, body);
  }

  @Post(':visitNumber/charges')
  @HttpCode(202)
  @ApiOperation({ summary: 'Post 1 to 500 charges, all or none' })
  @ApiBody({ schema: ChargesBody as never })
  charges(
    @Headers() sent: Sent,
    @Param('visitNumber') visitNumber: string,
    @Body() body: unknown,
  ): Promise<Omit<Receipt, 'repeated'>> {
    return this.submit('charges', sent, visitNumber, body);
  }

  @Post(':visitNumber/returns')
  @HttpCode(202)
  @ApiOperation({ summary: 'Take one whole earlier charge back' })
  @ApiBody({ schema: ReturnBody as never })
  returns(
    @Headers() sent: Sent,
    @Param('visitNumber') visitNumber: string,
    @Body() body: unknown,
  ): Promise<Omit<Receipt, 'repeated'>> {
    return this.submit('returns', sent, visitNumber, body);
  }

  @Post(':visitNumber/update')
  @HttpCode(202)
  @ApiOperation({ summary: 'Change the department or the class of a visit' })
  @ApiBody({ schema: UpdateBody as never })
  update(
    @Headers() sent: Sent,
    @Param('visitNumber') visitNumber: string,
    @Body() body: unknown,
  ): Promise<Omit<Receipt, 'repeated'>> {
    return this.submit('update', sent, visitNumber, body);
  }

  @Post(':visitNumber/end')
  @HttpCode(202)
  @ApiOperation({ summary: 'End a visit' })
  @ApiBody({ schema: EndBody as never })
  end(
    @Headers() sent: Sent,
    @Param('visitNumber') visitNumber: string,
    @Body() body: unknown,
  ): Promise<Omit<Receipt, 'repeated'>> {
    return this.submit('end', sent, visitNumber, body);
  }

  @Post(':visitNumber/cancel')
  @HttpCode(202)
  @ApiOperation({ summary: 'Cancel a visit that did not take place' })
  @ApiBody({ schema: CancelBody as never })
  cancel(
    @Headers() sent: Sent,
    @Param('visitNumber') visitNumber: string,
    @Body() body: unknown,
  ): Promise<Omit<Receipt, 'repeated'>> {
    return this.submit('cancel', sent, visitNumber, body);
  }

  private async submit(
    action: Action,
    sent: Sent,
    visitNumber: string | undefined,
    body: unknown,
  ): Promise<Omit<Receipt, 'repeated'>> {
    const institutionId = await institutionOf(this.partners, sent.authorization);
    // A repetition's answer is the first answer, to the letter.
    const { repeated: _, ...receipt } = await this.door.submit(institutionId, {
      action,
      visitNumber,
      key: sent['idempotency-key'],
      body,
    });
    return receipt;
  }
}
