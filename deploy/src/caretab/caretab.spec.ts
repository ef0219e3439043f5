import { Usage } from '@caretab/command-line';
import { caretab, HELP, operatorCommands } from './caretab';

const usageOf = async (...args: string[]): Promise<Usage> => {
  const lines: string[] = [];
  try {
    await caretab(args, (line) => lines.push(line));
  } catch (error) {
    if (error instanceof Usage) return error;
    throw error;
  }
  throw new Error(`it ran, and printed ${lines.join('\n')}`);
};

const captured = [...['cases', 'declare', '1', '--as', 'captured', '--evidence', 'statement']];

test('the help names every command', async () => {
  expect(await usageOf('--help')).toMatchObject({ exitCode: 0, message: HELP });
  expect(await usageOf('help')).toMatchObject({ exitCode: 0, message: HELP });
  for (const name of [
    'status',
    'visit',
    'parked',
    'quarantine',
    'webhooks',
    'differences',
    'positions',
    'publish',
    'cases',
    'statements',
    'payouts',
    'compare-rows',
    'holders',
    'sign-in',
    'sign-out',
    'staff',
    'keys',
    'approvals',
    'audit',
    'start',
    'cluster',
    'move-ledger',
  ])
    expect(HELP).toMatch(new RegExp(`^  ${name} `, 'm'));
});

test('no command, or one that is not there, is a usage error with the help', async () => {
  expect(await usageOf()).toMatchObject({ exitCode: 2 });
  const unknown = await usageOf('pay');
  expect(unknown).toMatchObject({ exitCode: 2 });
  expect(unknown.message).toBe(`There is no command pay.\n\n${HELP}`);
});

test.each(operatorCommands.map(({ name }) => name))(
  '%s explains itself, and refuses what it does not understand',
  async (name) => {
    const help = await usageOf(name, '--help');
    expect(help).toMatchObject({ exitCode: 0 });
    expect(help.message).toMatch(new RegExp(`^caretab ${name} `));
    expect(await usageOf('help', name)).toMatchObject({ exitCode: 0, message: help.message });
    const wrong = await usageOf(name, '--no-such-option');
    expect(wrong).toMatchObject({ exitCode: 2 });
    expect(wrong.message).toContain('--no-such-option');
  },
);

test.each([
  [['audit'], 'a verb and a service'],
  [['audit', 'forget', 'identity'], 'There is no verb forget'],
  [['audit', 'export', 'identity', '--to', 'nowhere'], 'udp://host:port'],
  [['visit'], 'Which visit?'],
  [['parked'], 'a verb and a service'],
  [['parked', 'show', 'credit'], 'takes the id'],
  [['parked', 'discard', 'credit', '1'], 'needs --why'],
  [['parked', 'forget', 'credit', '1'], 'There is no verb forget'],
  [['quarantine'], 'list, or a verb'],
  [['quarantine', 'discard', '1'], 'needs --why'],
  [['quarantine', 'forget', '1'], 'There is no verb forget'],
  [['differences', 'list'], 'a verb and a service'],
  [['differences', 'forget', 'payment'], 'There is no verb forget'],
  [['positions', 'list'], 'a verb and a service'],
  [['positions', 'forget', 'payment'], 'There is no verb forget'],
  [['publish'], 'visit ids, or --from and --until'],
  [['publish', '--from', '2026-03-02T00:00:00Z'], 'visit ids, or --from and --until'],
  [['webhooks'], 'list or resend'],
  [['webhooks', 'resend', '--from', '2026-03-02T00:00:00Z'], 'needs --from and --until'],
  [['webhooks', 'forget'], 'There is no verb forget'],
  [['cases'], 'a verb'],
  [['cases', 'forget', '1'], 'There is no verb forget'],
  [['cases', 'show'], 'takes an id'],
  [['cases', 'resolve', '1', '--as', 'cash'], 'needs --evidence'],
  [['cases', 'declare', '1'], 'needs --as'],
  [captured, 'needs --amount-fen'],
  [[...captured, '--amount-fen', '100'], 'needs --reference'],
  [[...captured, '--amount-fen', '100', '--reference', 'r-1'], 'needs --at'],
  [
    ['cases', 'list', '--kind', 'debt'],
    '--kind takes one of: order, refund, statement-row, presence',
  ],
  [['statements'], 'list, show or compare'],
  [['statements', 'show'], 'takes a day'],
  [['statements', 'forget'], 'There is no verb forget'],
  [['compare-rows'], 'needs --institution'],
  [['compare-rows', '--institution', 'a.csv'], 'needs --centre'],
  [['payouts'], 'a verb'],
  [['payouts', 'show'], 'takes a day'],
  [['payouts', 'forget'], 'There is no verb forget'],
  [['payouts', 'book', '2026-03-02'], 'needs --id'],
  [['holders'], 'list, show or close'],
  [['holders', 'show'], "takes a visit's id"],
  [['holders', 'close', 'H1-1'], 'needs --why'],
  [['holders', 'forget'], 'There is no verb forget'],
  [['approvals'], 'a verb and a service'],
  [['approvals', 'give', 'identity'], 'takes the id'],
  [['approvals', 'refuse', 'identity', '1'], 'needs --why'],
  [['approvals', 'forget', 'identity', '1'], 'There is no verb forget'],
  [['status', '--url', 'localhost:8080'], '--url takes an address'],
])('%j is a usage error before anything is asked', async (args, message) => {
  const usage = await usageOf(...args);
  expect(usage).toMatchObject({ exitCode: 2 });
  expect(usage.message).toContain(message);
});
