import { DomainError } from '@caretab/kernel';
import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { heldUp, outageOf, queryFailure } from '.';

const told = (code?: string, message = 'x'): Error =>
  Object.assign(new Error(message), code === undefined ? {} : { code });
const failed = (driver: Error): QueryFailedError => new QueryFailedError('select 1', [], driver);

describe('an outage of the database', () => {
  test.each([
    ['nobody listens', told('ECONNREFUSED')],
    ['the connection was reset', told('ECONNRESET')],
    ['the way is gone', told('EHOSTUNREACH')],
    ['it shuts down', told('57P01')],
    ['it crashed', told('57P02')],
    ['it starts', told('57P03')],
    ['a connection exception', told('08006')],
    ['too many connections', told('53300')],
    ['no memory', told('53200')],
    ['it is a replica now', told('25006')],
    ['it does not know us any more', told('28P01')],
    ['the connection ended', told(undefined, 'Connection terminated unexpectedly')],
    ['it is silent', told(undefined, 'Query read timeout')],
    ['no connection was free', told(undefined, 'timeout exceeded when trying to connect')],
  ])('is told as such, alone or with a statement: %s', (_, error) => {
    for (const thrown of [error, failed(error)]) {
      expect(queryFailure(thrown, 'hold')).toMatchObject({
        name: 'DomainError',
        code: 'DATABASE_UNAVAILABLE',
        kind: 'unavailable',
        details: { remedy: 'try again later' },
        cause: error,
      });
    }
  });
  test('that is a full disk has a name of its own', () => {
    expect(outageOf(failed(told('53100')))).toMatchObject({
      code: 'DATABASE_FULL',
      kind: 'unavailable',
    });
  });
  test('is also what a connection says that broke between two statements', () => {
    expect(outageOf(new QueryRunnerAlreadyReleasedError())).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    });
  });
  test.each([
    ['a right that was taken back', '42501'],
    ['tables that are not there yet', '42P01'],
  ])('is also %s: no message is to blame', (_, code) => {
    expect(outageOf(failed(told(code)))).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      kind: 'unavailable',
    });
  });
  test('stays the same when it is told again', () => {
    const outage = outageOf(told('57P01'))!;
    expect(outageOf(outage)).toBe(outage);
    expect(outageOf(new DomainError('VISIT_UNKNOWN', 'not-found'))).toBeUndefined();
  });
  test.each([
    ['a value that does not fit', told('22P02')],
    ['a check that failed', told('23514')],
    ['a column that is not there', told('42703')],
    ['a deadlock', told('40P01')],
    ['a mistake of ours', new TypeError('Connection is not a function')],
    ['any other error', new Error('no')],
  ])('is not %s', (_, error) => {
    expect(outageOf(error)).toBeUndefined();
    expect(outageOf(failed(error))).toBeUndefined();
  });
});

test('a statement that took too long, or lost against others, was held up; one that was refused was not', () => {
  for (const code of ['57014', '40P01', '40001'])
    expect(heldUp(queryFailure(failed(told(code)), 'hold'))).toBe(true);
  for (const code of ['22P02', '42703'])
    expect(heldUp(queryFailure(failed(told(code)), 'hold'))).toBe(false);
  expect(heldUp(new Error('x'))).toBe(false);
});
