import { MemoryStore } from '@caretab/store';
import { accessRecordsSuite } from '../../test/access-records.suite';
import { MASKED, maskedId } from './access-record';

accessRecordsSuite('MemoryStore', async () => new MemoryStore());

test.each([
  ['an id of the platform', '0b8a1c52-9a17-4bd6-8e9c-a13800138000', false],
  ['a personId', 'p-0b8a1c52-9a17-4bd6-8e9c-a13800138000', false],
  ['a visit with a number of digits', 'HZ001-20260302000123', false],
  ['an ID number', '330106198008099954', true],
  ['an ID number behind a hospital’s name', 'HZ001-330106198008099954', true],
  ['a mobile number', 'tel13809152810', true],
])('%s where an id is wanted is masked: %s %s', (_, text, isMasked) =>
  expect(maskedId(text)).toBe(isMasked ? MASKED : text),
);
