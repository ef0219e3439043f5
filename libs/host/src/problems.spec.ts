import { EventStoreUnavailable } from '@caretab/event-store';
import { DomainError, InvariantViolation } from '@caretab/kernel';
import { QueryFailed } from '@caretab/store';
import {
  type ArgumentsHost,
  BadRequestException,
  HttpException,
  InternalServerErrorException,
  NotFoundException,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { brokenBody, problemOf, ProblemFilter } from './problem.filter';

const secret = 'column "id_number" of relation "person" 110101199003074514';

describe('a problem', () => {
  test.each([
    ['invalid', 400],
    ['not-found', 404],
    ['conflict', 409],
    ['forbidden', 403],
    ['unavailable', 503],
    ['overloaded', 429],
    ['unauthenticated', 401],
    ['too-large', 413],
    ['unsupported', 415],
  ] as const)('of kind %s is a %i with its code and details', (kind, status) => {
    expect(problemOf(new DomainError('VISIT_UNKNOWN', kind, { visitId: 'HZ001-V1' }))).toEqual({
      type: 'urn:caretab:error:VISIT_UNKNOWN',
      title: 'Visit unknown',
      status,
      code: 'VISIT_UNKNOWN',
      details: [{ field: 'visitId', value: 'HZ001-V1' }],
    });
  });
  test('keeps its own status, type, title and code whatever a detail is called', () => {
    const hidden = { status: 'replayed', type: 'VisitOpened', title: 'x', code: 'y' };
    expect(
      problemOf(new DomainError('PARKED_CLOSED', 'conflict', { ...hidden, group: 'g' })),
    ).toEqual({
      type: 'urn:caretab:error:PARKED_CLOSED',
      title: 'Parked closed',
      status: 409,
      code: 'PARKED_CLOSED',
      details: Object.entries({ ...hidden, group: 'g' }).map(([field, value]) => ({
        field,
        value,
      })),
    });
  });
  test.each([
    ['an unknown route', new NotFoundException('Cannot GET /secret'), 404, 'ROUTE_UNKNOWN'],
    ['a broken path', new BadRequestException('Failed to decode param'), 400, 'REQUEST_UNREADABLE'],
    ['a refusal of Nest', new HttpException('I am a teapot', 418), 418, 'REQUEST_REFUSED'],
    [
      'a body that is too large',
      Object.assign(new Error('request entity too large'), {
        status: 413,
        type: 'entity.too.large',
      }),
      413,
      'REQUEST_TOO_LARGE',
    ],
    [
      'a body in an unknown charset',
      Object.assign(new Error('unsupported charset "X"'), {
        status: 415,
        type: 'charset.unsupported',
      }),
      415,
      'REQUEST_REFUSED',
    ],
    [
      'a request that was broken off',
      Object.assign(new Error('request aborted'), { status: 400, type: 'request.aborted' }),
      400,
      'REQUEST_UNREADABLE',
    ],
  ])('of %s is the caller’s', (_, thrown, status, code) => {
    const problem = problemOf(thrown);
    expect(problem).toMatchObject({ status, code, type: `urn:caretab:error:${code}` });
    expect(JSON.stringify(problem)).not.toContain(thrown.message);
  });
  test.each([
    ['an error of a database', new Error(secret)],
    ['a broken invariant', new InvariantViolation(secret)],
    ['an internal error of Nest', new InternalServerErrorException(secret)],
    [
      'a foreign status that is not the caller’s',
      Object.assign(new Error(secret), { status: 502 }),
    ],
    ['a text', secret],
    ['nothing', undefined],
  ])('that is ours (%s) says nothing about its cause', (_, thrown) => {
    expect(problemOf(thrown)).toEqual({
      type: 'urn:caretab:error:INTERNAL',
      title: 'Internal error',
      status: 500,
      code: 'INTERNAL',
      details: [],
    });
  });
});

/** A response that remembers its arguments. */
const answering = (
  headersSent = false,
): { answered: Record<string, unknown>; host: ArgumentsHost } => {
  const answered: Record<string, unknown> = {};
  const response = {
    headersSent,
    locals: answered,
    setHeader: (name: string, value: string) => void (answered[name] = value),
    status: (status: number) => ((answered['status'] = status), response),
    type: (type: string) => ((answered['type'] = type), response),
    send: (body: string) => void (answered['body'] = JSON.parse(body)),
    destroy: () => void (answered['destroyed'] = true),
  };
  return {
    answered,
    host: { switchToHttp: () => ({ getResponse: () => response }) } as unknown as ArgumentsHost,
  };
};

describe('the filter', () => {
  const unhandled: unknown[] = [];
  const filter = new ProblemFilter((error) => void unhandled.push(error));
  beforeEach(() => void unhandled.splice(0));

  test('answers a problem as problem+json, and reports only what was not foreseen', () => {
    const foreseen = answering();
    filter.catch(new DomainError('DAY_UNKNOWN', 'not-found'), foreseen.host);
    expect(foreseen.answered).toMatchObject({
      status: 404,
      type: 'application/problem+json',
      body: { code: 'DAY_UNKNOWN' },
    });
    expect(unhandled).toEqual([]);
    const error = new Error(secret);
    const surprised = answering();
    filter.catch(error, surprised.host);
    expect(surprised.answered).toMatchObject({ status: 500, body: { code: 'INTERNAL' } });
    expect(unhandled).toEqual([error]);
  });
  test.each([
    [
      'what is away',
      new DomainError('IDENTITY_UNAVAILABLE', 'unavailable'),
      503,
      'IDENTITY_UNAVAILABLE',
      [2, 4],
    ],
    ['too much', new DomainError('OVERLOADED', 'overloaded'), 429, 'OVERLOADED', [1, 2]],
    [
      'too much, for longer',
      new DomainError('OVERLOADED', 'overloaded', { retryAfterSeconds: 10 }),
      429,
      'OVERLOADED',
      [10, 20],
    ],
    [
      'an event store that does not answer',
      new EventStoreUnavailable('x'),
      503,
      'EVENT_STORE_UNAVAILABLE',
      [2, 4],
    ],
    [
      'a database that nobody reaches',
      Object.assign(new Error(secret), { code: 'ECONNREFUSED' }),
      503,
      'DATABASE_UNAVAILABLE',
      [2, 4],
    ],
    [
      'a database that took too long',
      new QueryFailed('57014', secret),
      503,
      'DATABASE_BUSY',
      [2, 4],
    ],
  ])(
    'asks to come again after a while that differs from caller to caller: %s',
    (_, thrown, status, code, [least, most]) => {
      for (const [chance, seconds] of [
        [0, least],
        [0.9999, most],
      ] as const) {
        const answer = answering();
        new ProblemFilter(
          (error) => void unhandled.push(error),
          () => chance,
        ).catch(thrown, answer.host);
        expect(answer.answered).toMatchObject({
          status,
          'Retry-After': String(seconds),
          body: { status, code, retryAfterSeconds: seconds },
          code,
        });
        expect(JSON.stringify(answer.answered)).not.toContain(secret);
      }
      expect(unhandled).toEqual([]);
    },
  );
  test('asks nobody to come again who would hear the same', () => {
    const final = answering();
    filter.catch(new DomainError('DAY_UNKNOWN', 'not-found'), final.host);
    expect(final.answered).not.toHaveProperty('Retry-After');
    expect(final.answered['body']).not.toHaveProperty('retryAfterSeconds');
  });
  test('breaks off an answer that is half out', () => {
    const half = answering(true);
    filter.catch(new Error('while streaming'), half.host);
    expect(half.answered).toEqual({ destroyed: true, code: 'INTERNAL' });
  });
});

test('a body that is no JSON is called so, any other error goes on as it came', () => {
  const passed: unknown[] = [];
  const pass = (error: unknown): void =>
    brokenBody(error, {} as Request, {} as Response, (next) => void passed.push(next));
  const other = new Error('x');
  pass(
    Object.assign(new SyntaxError('Unexpected token'), {
      type: 'entity.parse.failed',
      status: 400,
    }),
  );
  pass(other);
  expect(passed).toEqual([expect.objectContaining({ code: 'NOT_JSON', kind: 'invalid' }), other]);
});
