import { PersonId } from '@caretab/contracts';
import { valid } from '@caretab/host';
import { Body, Controller, Inject, Param, Put } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Static, Type } from '@sinclair/typebox';
import { Accounts } from './accounts';

export const Channel = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,30}$',
  description: 'Channel of the account, e.g. unionpay',
});
export const AccountToken = Type.String({
  minLength: 1,
  maxLength: 120,
  description: "The channel's token for the account, never its number",
});
const Binding = Type.Object(
  { channel: Channel, token: AccountToken },
  { additionalProperties: false },
);

@ApiTags('payment')
@Controller('payment/accounts')
export class AccountController {
  constructor(@Inject(Accounts) private readonly accounts: Accounts) {}

  @Put(':personId')
  @ApiOperation({ summary: 'Bind the account a person pays from' })
  @ApiBody({ schema: Binding as never })
  bind(
    @Param('personId', valid(PersonId)) personId: string,
    @Body(valid(Binding)) body: Static<typeof Binding>,
  ): Promise<unknown> {
    return this.accounts.bind(personId, body);
  }
}
