import { CommandLine, Usage } from '.';

const help = 'caretab try [--json] [--seconds N] [--bus postgres|kafka]';
const read = (...args: readonly string[]): CommandLine =>
  new CommandLine(args, { help, flags: ['--json'], values: ['--seconds', '--bus', '--port'] });
const refused = (work: () => unknown): Usage => {
  try {
    work();
  } catch (error) {
    if (error instanceof Usage) return error;
  }
  throw new Error('it was taken');
};

test('flags and values are read, in both spellings; the last value counts', () => {
  const given = read('--json', '--seconds', '3', '--seconds=5', '--bus', 'kafka');
  expect(given.has('--json')).toBe(true);
  expect(given.whole('--seconds', { min: 1, max: 10 })).toBe(5);
  expect(given.all('--seconds')).toEqual(['3', '5']);
  expect(given.oneOf('--bus', ['postgres', 'kafka'])).toBe('kafka');
  expect(given.port('--port', 8080)).toBe(8080);
});

test('what was not given is undefined', () => {
  const given = read();
  expect(given.value('--bus')).toBeUndefined();
  expect(given.whole('--seconds', { min: 1, max: 10 })).toBeUndefined();
  expect(given.oneOf('--bus', ['postgres'])).toBeUndefined();
});

test.each([
  [['--jsno'], 'There is no option --jsno.'],
  [['surplus'], 'There is no option surplus.'],
  [['--seconds'], '--seconds needs a value.'],
])('%j is not understood, and the help follows', (args, message) => {
  const usage = refused(() => read(...args));
  expect(usage.exitCode).toBe(2);
  expect(usage.message).toBe(`${message}\n\n${help}`);
});

test.each([
  ['--seconds', '0', (given: CommandLine) => given.whole('--seconds', { min: 1, max: 10 })],
  ['--seconds', '1e1', (given: CommandLine) => given.whole('--seconds', { min: 1, max: 10 })],
  ['--bus', 'rabbit', (given: CommandLine) => given.oneOf('--bus', ['postgres', 'kafka'])],
  ['--port', '70000', (given: CommandLine) => given.port('--port', 1)],
])('%s %s is out of bounds', (name, value, ask) => {
  const usage = refused(() => ask(read(name, value)));
  expect(usage.exitCode).toBe(2);
  expect(usage.message).toContain(name);
});

test('help is no fault', () => {
  expect(refused(() => read('--json', '--help'))).toMatchObject({ exitCode: 0, message: help });
});

test('arguments without a name are given as far as the command takes them', () => {
  const given = new CommandLine(['list', '--json'], { help, flags: ['--json'], positionalsMax: 1 });
  expect(given.positionals).toEqual(['list']);
});
