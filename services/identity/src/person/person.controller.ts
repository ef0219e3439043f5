import { PersonId } from '@caretab/contracts';
import { valid } from '@caretab/host';
import {
  Body,
  Controller,
  Delete,
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
import { Guardianships } from './guardianships';
import { Registration } from './personal-data';
import { type Contact, Persons } from './persons';

const Resolution = Type.Object(
  {
    type: Type.Union([Type.Literal('id-number'), Type.Literal('health-card'), Type.Literal('qr')]),
    value: Type.String({ minLength: 1, maxLength: 200 }),
  },
  { additionalProperties: false },
);
const Appointment = Type.Object(
  {
    guardianId: PersonId,
    relation: Type.String({
      pattern: '^[1245-9]$',
      description:
        'agnter_rlts: 1 spouse, 2 child, 4 grandchild, 5 parent, 6 grandparent, 7 sibling, 8 other relative, 9 none',
    }),
    replaces: Type.Optional(PersonId),
  },
  { additionalProperties: false },
);

/** HTTP in → persons. */
@ApiTags('identity')
@Controller('identity/persons')
export class PersonController {
  constructor(
    @Inject(Persons) private readonly persons: Persons,
    @Inject(Guardianships) private readonly guardianships: Guardianships,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Register a person by name, ID number and mobile number; 201 when new, 200 when known',
  })
  @ApiBody({ schema: Registration as never })
  async register(
    @Body(valid(Registration)) body: Static<typeof Registration>,
    @Res({ passthrough: true }) response: { status(code: number): unknown },
  ): Promise<{ personId: string }> {
    const { personId, created } = await this.persons.register(body);
    response.status(created ? 201 : 200);
    return { personId };
  }

  @Post('resolve')
  @HttpCode(200)
  @UseGuards(InternalGuard)
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Whose credential this is (the platform’s own services only)' })
  @ApiBody({ schema: Resolution as never })
  async resolve(
    @Body(valid(Resolution)) { type, value }: Static<typeof Resolution>,
  ): Promise<{ personId: string }> {
    return { personId: await this.persons.resolve(type, value) };
  }

  @Get(':personId')
  @ApiOperation({ summary: 'A person, masked' })
  show(@Param('personId', valid(PersonId)) personId: string): Promise<unknown> {
    return this.persons.show(personId);
  }

  @Get(':personId/contact')
  @UseGuards(InternalGuard)
  @ApiBearerAuth()
  @ApiOperation({ summary: 'How a person is reached (the platform’s own services only)' })
  contact(@Param('personId', valid(PersonId)) personId: string): Promise<Contact> {
    return this.persons.contact(personId);
  }

  @Put(':personId/guardian')
  @ApiOperation({ summary: 'Appoint an adult as the guardian of a person under 18' })
  @ApiBody({ schema: Appointment as never })
  async appoint(
    @Param('personId', valid(PersonId)) personId: string,
    @Body(valid(Appointment)) body: Static<typeof Appointment>,
  ): Promise<{ personId: string; guardianId: string }> {
    await this.guardianships.appoint(personId, body);
    return { personId, guardianId: body.guardianId };
  }

  @Delete(':personId/personal-data')
  @HttpCode(204)
  @ApiOperation({ summary: 'Destroy a person’s data for good; the audit trail stays whole' })
  destroy(@Param('personId', valid(PersonId)) personId: string): Promise<void> {
    return this.persons.destroy(personId);
  }
}
