import { jsonColumn, table, textColumn } from '@caretab/store';
import type { Way } from '../notice/ways';

/** How a person wants to be notified; without a row, by any way in the language identity knows. */
export interface PreferenceRow {
  readonly personId: string;
  readonly language: 'zh' | 'en';
  readonly channels: readonly Way[];
}

export const preferenceTable = table<PreferenceRow>({
  name: 'preference',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    language: textColumn(),
    channels: jsonColumn(),
  },
});
