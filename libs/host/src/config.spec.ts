import { Type } from '@sinclair/typebox';
import { isLoopback, parseChassisConfig } from './chassis-config';
import { collectFaults, ConfigError, parseConfig } from './config';
import { twinBusSettings } from '@caretab/bus';

const Config = Type.Object({
  KEY: Type.String({ minLength: 16, description: 'a secret' }),
  PORT: Type.Integer({ minimum: 1, maximum: 65535, default: 8080 }),
  RATE: Type.Number({ default: 0.5 }),
  EAGER: Type.Boolean({ default: false }),
  WHERE: Type.Optional(Type.String()),
});
const KEY = 'a-key-of-sixteen-or-more';
const faultsOf = (work: () => unknown): readonly string[] => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).faults;
  }
  return [];
};

describe('a configuration', () => {
  test('fills in defaults, and a secret has none', () => {
    expect(parseConfig('credit', Config, { KEY })).toEqual({
      KEY,
      PORT: 8080,
      RATE: 0.5,
      EAGER: false,
    });
    expect(faultsOf(() => parseConfig('credit', Config, {}))).toEqual([
      'KEY: Expected required property (a secret)',
    ]);
  });
  test('turns texts into numbers and booleans', () => {
    expect(
      parseConfig('credit', Config, { KEY, PORT: '9080', RATE: '0.25', EAGER: 'true', WHERE: '7' }),
    ).toEqual({ KEY, PORT: 9080, RATE: 0.25, EAGER: true, WHERE: '7' });
  });
  test('takes an empty text for an absent one', () => {
    expect(parseConfig('credit', Config, { KEY, PORT: '', WHERE: '' })).toEqual({
      KEY,
      PORT: 8080,
      RATE: 0.5,
      EAGER: false,
    });
    expect(faultsOf(() => parseConfig('credit', Config, { KEY: '' }))).toHaveLength(1);
  });
  test('knows only its own variables', () =>
    expect(parseConfig('credit', Config, { KEY, HOME: '/root' })).not.toHaveProperty('HOME'));
  test.each(['80.9', '8e3', '0x50', 'eighty', '0', '65536', '1 '])(
    'refuses %j as a port instead of making another one of it',
    (PORT) => {
      expect(faultsOf(() => parseConfig('credit', Config, { KEY, PORT }))).toEqual([
        expect.stringMatching(/^PORT: /),
      ]);
    },
  );
  test('tells every fault in one message, each variable once and no value', () => {
    const work = (): unknown =>
      parseConfig('credit', Config, { KEY: 'short-secret', PORT: 'x', EAGER: 'perhaps' });
    expect(faultsOf(work).map((fault) => fault.split(':')[0])).toEqual(['KEY', 'PORT', 'EAGER']);
    expect(work).toThrow(
      /^credit cannot start, its environment is not right:\n {2}KEY: .*\n {2}PORT: .*\n {2}EAGER: .*$/,
    );
    expect(work).not.toThrow('short-secret');
  });
});

test('the faults of several services stand in one message, a shared variable once', () => {
  const parse = (service: string) => () => parseConfig(service, Config, {});
  const other = () => parseConfig('payment', Type.Object({ URL: Type.String() }), {});
  expect(
    faultsOf(() =>
      collectFaults<unknown>('caretab', [parse('credit'), other, parse('identity')]),
    ).map((fault) => fault.split(':')[0]),
  ).toEqual(['KEY', 'URL']);
  expect(collectFaults('caretab', [() => 1, () => 2])).toEqual([1, 2]);
  expect(() =>
    collectFaults('caretab', [
      () => {
        throw new TypeError('ours');
      },
    ]),
  ).toThrow(TypeError);
});

describe('the operators’ routes', () => {
  const needed = twinBusSettings();
  test.each(['127.0.0.1', '127.8.9.10', 'localhost', '::1'])(
    'are open on %s, which only this machine reaches',
    (HTTP_HOST) => {
      expect(isLoopback(HTTP_HOST)).toBe(true);
      expect(parseChassisConfig({ ...needed, HTTP_HOST })).toMatchObject({ HTTP_HOST });
    },
  );
  test.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.org', 'caretab.example.org'])(
    'are not open on %s, which others reach, with a key or without one',
    (HTTP_HOST) => {
      expect(isLoopback(HTTP_HOST)).toBe(false);
      for (const OPERATOR_KEY of [undefined, '', KEY])
        expect(parseChassisConfig({ ...needed, HTTP_HOST, OPERATOR_KEY })).toMatchObject({
          HTTP_HOST,
        });
    },
  );
});
