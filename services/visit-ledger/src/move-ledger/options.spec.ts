import { TWIN_KEYS, TWIN_KEYS_TEXT } from '@caretab/event-store';
import { Usage } from '@caretab/command-line';
import { optionsOf } from './options';

const PG = 'postgres://u:p@127.0.0.1:5432/ledger';
const ES = 'esdb://127.0.0.1:2113?tls=false';
const given = (text: string, env: Record<string, string> = {}) =>
  optionsOf(text.split(' ').filter(Boolean), { VISIT_LEDGER_EVENT_KEYS: TWIN_KEYS_TEXT, ...env });

test('both ends, and the service’s own database, which is the PostgreSQL one unless told', () => {
  expect(given(`--from ${PG} --to ${ES}`)).toEqual({
    from: { kind: 'postgres', url: PG, schema: 'visit_ledger_events' },
    to: { kind: 'eventstoredb', url: ES, namespace: 'caretab' },
    checkpointsUrl: PG,
    schema: 'visit_ledger',
    keys: TWIN_KEYS,
    dryRun: false,
    json: false,
  });
  expect(
    given(
      `--from ${ES} --to esdb+discover://other:2113 --checkpoints ${PG} --namespace north --dry-run --json`,
    ),
  ).toMatchObject({ checkpointsUrl: PG, from: { namespace: 'north' }, dryRun: true, json: true });
});

test('a connection string may stand in the environment', () => {
  expect(given(`--from env:OLD --to ${ES}`, { OLD: PG })).toMatchObject({
    from: { url: PG },
    checkpointsUrl: PG,
  });
});

test.each([
  ['', '--from is missing'],
  [`--from ${PG}`, '--to is missing'],
  [`--from ${PG} --to http://x`, '--to takes postgres://… or esdb://…'],
  [`--from ${PG} --to ${PG}`, 'the same ledger'],
  [`--from ${ES} --to esdb://other:2113`, '--checkpoints is needed'],
  [`--from env:OLD --to ${ES}`, 'OLD is not set'],
  [`--from ${PG} --to ${ES} --keys {"current":"a"}`, 'keys is missing'],
  ['--speed 9', 'There is no option --speed'],
  [`--from ${PG} --to ${ES} --schema x;y`, '--schema takes'],
  [`--from ${PG} --to ${ES} --namespace A`, '--namespace takes'],
])('"%s" is not understood, and the help says what is', (text, why) => {
  const refusal = (() => {
    try {
      return given(text);
    } catch (error) {
      return error;
    }
  })();
  expect(refusal).toBeInstanceOf(Usage);
  expect(refusal).toMatchObject({ exitCode: 2, message: expect.stringContaining(why) });
  expect((refusal as Usage).message).toContain('--dry-run');
});

test('help ends well', () =>
  expect(() => given('--help')).toThrow(expect.objectContaining({ exitCode: 0 })));
