import { DomainError } from '@caretab/kernel';
import { creditAccounts } from './credit';
import { message, on, read, UNREADABLE } from './message';
import type { ContractEvent } from './topic';

const personId = 'p-00000000-0000-4000-8000-000000000001';
const closed = { personId, closedAt: '2026-03-02T08:00:00Z' };
const options = { id: 'e-1', time: new Date('2026-03-02T08:00:00Z'), source: 'credit' };
const wire = (more: object = {}) => {
  const { key, headers, value } = message(creditAccounts, 'ServiceClosed', closed, options);
  return { key, headers, value: JSON.stringify(value), ...more };
};
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
  return 'nothing was wrong';
};

describe('a message of a topic', () => {
  test('carries CloudEvents headers, the key of its aggregate and the trace of its cause', () => {
    const caused = message(creditAccounts, 'ServiceClosed', closed, {
      ...options,
      causedBy: { id: 'e-0', traceparent: '00-aa-bb-01' },
    });
    expect(caused).toEqual({
      topic: 'credit.accounts',
      key: personId,
      headers: {
        ce_specversion: '1.0',
        ce_id: 'e-1',
        ce_type: 'ServiceClosed',
        ce_source: 'credit',
        ce_time: '2026-03-02T08:00:00.000Z',
        'content-type': 'application/json',
        ce_causationid: 'e-0',
        traceparent: '00-aa-bb-01',
      },
      value: closed,
    });
  });

  test('is read as it was written', () => {
    expect(read(creditAccounts, wire())).toEqual({
      id: 'e-1',
      type: 'ServiceClosed',
      time: '2026-03-02T08:00:00.000Z',
      source: 'credit',
      data: closed,
    });
  });

  test('never leaves a service broken', () => {
    expect(
      codeOf(() =>
        message(creditAccounts, 'ServiceClosed', { ...closed, personId: 'ann' }, options),
      ),
    ).toBe('CONTRACT_BROKEN');
    expect(
      codeOf(() =>
        message(
          creditAccounts,
          'ServiceClosed',
          { ...closed, fullName: 'Ann' } as typeof closed,
          options,
        ),
      ),
    ).toBe('CONTRACT_BROKEN');
  });
});

describe('a message that does not fit is refused with its reason', () => {
  test.each<[string, string, object]>([
    ['without its headers', 'HEADER_MISSING', { headers: {} }],
    ['that is no JSON', 'NOT_JSON', { value: '{"personId"' }],
    [
      'of an event nobody knows',
      'EVENT_TYPE_UNKNOWN',
      { headers: { ...wire().headers, ce_type: 'ServiceExploded' } },
    ],
    [
      'with a field too many',
      'CONTRACT_BROKEN',
      { value: JSON.stringify({ ...closed, mood: 'good' }) },
    ],
    ['with a field too few', 'CONTRACT_BROKEN', { value: JSON.stringify({ personId }) }],
    [
      'with U+0000 escaped in its text',
      'CHARACTER_FORBIDDEN',
      { value: JSON.stringify({ ...closed, personId: 'a\u0000' }) },
    ],
    [
      'with U+0000 in a header',
      'CHARACTER_FORBIDDEN',
      { headers: { ...wire().headers, ce_id: 'a\u0000' } },
    ],
    [
      'with a backslash before the letters u0000',
      'CONTRACT_BROKEN',
      { value: JSON.stringify({ ...closed, personId: 'a\\u0000' }) },
    ],
    [
      'of an event that is called as every object’s own property',
      'EVENT_TYPE_UNKNOWN',
      { headers: { ...wire().headers, ce_type: 'constructor' } },
    ],
    [
      'of an event called __proto__',
      'EVENT_TYPE_UNKNOWN',
      { headers: { ...wire().headers, ce_type: '__proto__' } },
    ],
    [
      'at an hour that no calendar has',
      'INSTANT_IMPOSSIBLE',
      { value: JSON.stringify({ ...closed, closedAt: '2026-03-02T25:00:00Z' }) },
    ],
    [
      'said to be of a day that no calendar has',
      'HEADER_INVALID',
      { headers: { ...wire().headers, ce_time: '2026-02-30T00:00:00Z' } },
    ],
    [
      'with an id longer than an index takes',
      'HEADER_INVALID',
      { headers: { ...wire().headers, ce_id: 'x'.repeat(201) } },
    ],
    [
      'with a cause longer than an index takes',
      'HEADER_INVALID',
      { headers: { ...wire().headers, ce_causationid: 'x'.repeat(201) } },
    ],
    [
      'that its bus could not read',
      'TEXT_UNREADABLE',
      { headers: { ...wire().headers, [UNREADABLE]: 'value: no UTF-8' } },
    ],
    ['under a foreign key', 'KEY_MISMATCH', { key: 'p-00000000-0000-4000-8000-000000000002' }],
  ])('%s: %s', (_what, code, more) => {
    expect(codeOf(() => read(creditAccounts, wire(more)))).toBe(code);
  });

  test('and the reason names fields, never their values', () => {
    const secret = '13800138000';
    try {
      read(
        creditAccounts,
        wire({ value: JSON.stringify({ personId: secret, closedAt: secret, [`x`]: secret }) }),
      );
    } catch (error) {
      expect(JSON.stringify((error as DomainError).details)).not.toContain(secret);
      expect(JSON.stringify((error as DomainError).details)).toContain('/personId');
    }
    expect.assertions(2);
  });
});

test('a trace that is none is left out, and the event is read', () => {
  const sound = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  expect(
    read(creditAccounts, wire({ headers: { ...wire().headers, traceparent: sound } })),
  ).toHaveProperty('traceparent', sound);
  expect(
    read(creditAccounts, wire({ headers: { ...wire().headers, traceparent: 'x'.repeat(9000) } })),
  ).not.toHaveProperty('traceparent');
});

test('an event goes to the handler of its type, or is ignored by name', () => {
  const event = read(creditAccounts, wire()) as ContractEvent<typeof creditAccounts>;
  const heard = (handler: 'ignore' | ((told: unknown) => string)) =>
    on<typeof creditAccounts, string>(creditAccounts, event, {
      ServiceOpened: 'ignore',
      ServiceClosed: handler,
      VisitConfirmationAsked: 'ignore',
      LineChanged: 'ignore',
      ScoreExpiring: 'ignore',
      ScoreAppealDecided: 'ignore',
      ArrearsReminded: 'ignore',
      DefaultAnnounced: 'ignore',
      DefaultReported: 'ignore',
      DefaultTakenBack: 'ignore',
      ObjectionDecided: 'ignore',
      AccountFrozen: 'ignore',
      AccountUnfrozen: 'ignore',
    });
  expect(heard(() => 'closed')).toBe('closed');
  expect(heard('ignore')).toBeUndefined();
});
