import { PersonId } from '@caretab/contracts';
import type { Store } from '@caretab/store';
import { STORE, valid } from '@caretab/host';
import { Body, Controller, Inject, Param, Put } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Static, Type } from '@sinclair/typebox';
import { type PreferenceRow, preferenceTable } from './preference.table';

const Preference = Type.Object(
  {
    language: Type.Union([Type.Literal('zh'), Type.Literal('en')]),
    channels: Type.Array(Type.Literal('email'), { maxItems: 1, description: 'Empty: no notices' }),
  },
  { additionalProperties: false },
);

@ApiTags('notification')
@Controller('notification/preferences')
export class PreferenceController {
  constructor(@Inject(STORE) private readonly store: Store) {}

  @Put(':personId')
  @ApiOperation({ summary: 'In which language and by which channels a person wants to be told' })
  @ApiBody({ schema: Preference as never })
  async set(
    @Param('personId', valid(PersonId)) personId: string,
    @Body(valid(Preference)) body: Static<typeof Preference>,
  ): Promise<PreferenceRow> {
    const row: PreferenceRow = { personId, ...body };
    await this.store.transact((transaction) => transaction.rows(preferenceTable).save(row));
    return row;
  }
}
