import { AsyncLocalStorage } from 'node:async_hooks';
import { DomainError } from '@caretab/kernel';
import {
  type Context,
  context,
  type ContextManager,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { logger, type LogLevel } from './logger';

const logged = (level: LogLevel = 'info') => {
  const lines: string[] = [];
  const log = logger('credit', { level, destination: { write: (line) => void lines.push(line) } });
  return { log, lines, last: () => JSON.parse(lines.at(-1)!) as Record<string, any> };
};

test('says the service, the level, the time and the fields in one line of JSON', () => {
  const { log, lines, last } = logged();
  log.info({ visitId: 'h1-v1', amountFen: 2000, position: 5n }, 'charge deferred');
  expect(lines).toHaveLength(1);
  expect(last()).toMatchObject({
    service: 'credit',
    level: 'info',
    visitId: 'h1-v1',
    amountFen: 2000,
    position: '5',
    msg: 'charge deferred',
  });
  expect(new Date(last().time).getTime()).not.toBeNaN();
});

test('says nothing below its level', () => {
  const { log, lines } = logged('warn');
  log.info('quiet');
  log.warn('loud');
  expect(lines).toHaveLength(1);
});

test.each([
  'name',
  'idNumber',
  'id_number',
  'mobile',
  'credential',
  'token',
  'Authorization',
  'cardNumber',
  'email',
  'X-Api-Key',
])('hides %s, however deep it stands', (field) => {
  const { log, lines, last } = logged();
  log.info({
    [field]: 'sensitive-1',
    person: { [field]: 'sensitive-2', others: [{ [field]: { inner: 'sensitive-3' } }] },
    personId: 'p1',
  });
  log.child({ [field]: 'sensitive-4' }).info('hello');
  expect(lines.join()).not.toContain('sensitive');
  expect(last()).toMatchObject({ [field]: '[redacted]', msg: 'hello' });
  expect(JSON.parse(lines[0]!)).toMatchObject({
    personId: 'p1',
    person: { [field]: '[redacted]' },
  });
});

test('hides ID numbers and mobile numbers that stand in a text', () => {
  const { log, lines } = logged();
  log.info({ note: 'is 11010519491231002X known' }, 'call 13800138000 or +86 13800138000');
  log.error(new Error('no person with 11010519491231002X'));
  expect(lines.join()).not.toMatch(/11010519491231002X|13800138000/);
});

test('tells of an error its codes and its place, not its details', () => {
  const { log, lines, last } = logged();
  log.error(
    { err: new DomainError('PERSON_UNKNOWN', 'not-found', { given: 'sensitive' }) },
    'refused',
  );
  expect(last().err).toMatchObject({
    type: 'DomainError',
    message: 'PERSON_UNKNOWN',
    code: 'PERSON_UNKNOWN',
    kind: 'not-found',
  });
  expect(last().err.stack).toContain('logger.spec');
  log.error(new DomainError('PERSON_UNKNOWN', 'not-found', { given: 'sensitive' }));
  expect(last().msg).toBe('PERSON_UNKNOWN');
  expect(lines.join()).not.toContain('sensitive');
});

test('tells the cause of an error, and of neither what it quotes', () => {
  const { log, lines, last } = logged();
  const refused = Object.assign(new Error('invalid input syntax for type integer: "sensitive"'), {
    code: '22P02',
    severity: 'ERROR',
    detail: 'Key (mobile)=(sensitive) exists',
    parameters: ['sensitive'],
    table: 'persons',
  });
  let unparsable: unknown;
  try {
    JSON.parse('{"x": sensitive}');
  } catch (error) {
    unparsable = error;
  }
  log.error({ err: new Error('the batch failed', { cause: refused }), others: [unparsable] });
  log.error(unparsable as Error);
  expect(lines.join()).not.toContain('sensitive');
  expect(JSON.parse(lines[0]!).err).toMatchObject({
    message: 'the batch failed',
    cause: {
      code: '22P02',
      table: 'persons',
      message: 'invalid input syntax for type integer: [redacted]',
    },
  });
  expect(last().err).toMatchObject({ type: 'SyntaxError' });
});

test('says which span it speaks of', () => {
  const store = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => store.getStore() ?? ROOT_CONTEXT,
    with: (active, work, self, ...args) =>
      store.run(active, () => work.call(self as never, ...args)),
    bind: (_context, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  context.setGlobalContextManager(manager);
  const { log, last } = logged();
  const ids = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
  };
  context.with(trace.setSpan(ROOT_CONTEXT, trace.wrapSpanContext(ids)), () => log.info('inside'));
  expect(last()).toMatchObject({ trace_id: ids.traceId, span_id: ids.spanId });
  log.info('outside');
  expect(last()).not.toHaveProperty('trace_id');
  context.disable();
});
