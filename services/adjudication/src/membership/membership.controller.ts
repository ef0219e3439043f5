import { PersonId } from '@caretab/contracts';
import { valid } from '@caretab/host';
import { Body, Controller, Get, Inject, Param, Put } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { MembershipList } from './membership-list';
import { Memberships, type PersonMemberships } from './memberships';

@ApiTags('adjudication')
@Controller('adjudication/memberships')
export class MembershipController {
  constructor(@Inject(Memberships) private readonly memberships: Memberships) {}

  @Put(':personId')
  @ApiOperation({
    summary:
      "Tell a person's memberships; the list replaces the earlier one, the same list again changes nothing",
  })
  @ApiBody({ schema: MembershipList as never })
  replace(
    @Param('personId', valid(PersonId)) personId: string,
    @Body(valid(MembershipList)) { memberships }: MembershipList,
  ): Promise<PersonMemberships> {
    return this.memberships.replace(personId, memberships);
  }

  @Get(':personId')
  @ApiOperation({ summary: "A person's memberships and personal accounts" })
  show(@Param('personId', valid(PersonId)) personId: string): Promise<PersonMemberships> {
    return this.memberships.of(personId);
  }
}
