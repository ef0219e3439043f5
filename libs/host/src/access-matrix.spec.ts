import 'reflect-metadata';
import { COLUMNS, type Column, OTHERS_THING, type Resource, type Subject } from '@caretab/access';
import { allRoutes, type FieldPath, type Route } from '@caretab/contracts';
import type { ExecutionContext } from '@nestjs/common';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AccessGuard } from './access.guard';
import { admittedOf } from './admitted';
import { Callers } from './callers';
import { Handles } from './handles';

const handlerOf = (route: Route): object => {
  class Handler {
    handle(): never {
      throw new Error('not reached');
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(Handler.prototype, 'handle')!;
  Handles(route)(Handler.prototype, 'handle', descriptor as never);
  return Handler.prototype.handle;
};
const handlers = new Map(allRoutes.map((route) => [route.action, handlerOf(route)]));

/** A request to a route that is about a thing, as its declaration says. */
const requestFor = ({ whose }: Route, { institution, person }: Resource): object => {
  const request: Record<string, Record<string, string>> = { params: {}, query: {}, body: {} };
  const put = (path: FieldPath | undefined, value: string | undefined): void => {
    const [part, field] = path?.split('.') ?? [];
    if (part && field && value !== undefined) request[part]![field] = value;
  };
  if (typeof whose === 'object') {
    put(whose.institution, institution);
    put(whose.visit, institution && `${institution}-V1`);
    put(whose.person, person);
  }
  return request;
};

const MINE = { institution: 'OWN1', person: 'p-own', payer: 'payer-own' };
const OTHERS = { institution: 'OTHER1', person: 'p-other', payer: 'payer-other' };
const subjectOf = ({ role, through }: Column): Subject => ({
  ...(through && { through }),
  id: 'it',
  roles: [
    {
      ...role,
      ...(role.institution && { institution: MINE.institution }),
      ...(role.person && { person: MINE.person }),
      ...(role.payer && { payer: MINE.payer }),
    },
  ],
  hasSecondFactor: true,
});

type Cell = 'no' | 'own' | 'everything';

/** What the guard lets a subject do; where only rows say whose a thing is, what its scopes hold. */
const cellByGuard = async (route: Route, column: Column): Promise<Cell> => {
  const callers = new Callers().add({ subjectOf: () => subjectOf(column) });
  const passes = async (thing: Resource): Promise<boolean> => {
    const request = { headers: { authorization: 'Bearer it' }, ...requestFor(route, thing) };
    const context = {
      getType: () => 'http',
      getHandler: () => handlers.get(route.action)!,
      switchToHttp: () => ({ getRequest: () => request }),
    } as unknown as ExecutionContext;
    try {
      await new AccessGuard(callers).canActivate(context);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ACCESS_FORBIDDEN' });
      return false;
    }
    if (route.whose !== 'scoped') return true;
    return admittedOf(request)!.scopes.some((scope) =>
      Object.entries(scope).every(([owner, value]) => thing[owner as keyof Resource] === value),
    );
  };
  if (await passes(OTHERS)) return 'everything';
  return (await passes(MINE)) ? 'own' : 'no';
};

/** The committed matrix, as people read it. */
const printed = (): ReadonlyMap<string, { own: string[]; anyones: string[] }> => {
  const text = readFileSync(join(__dirname, '../../../docs/access.md'), 'utf8');
  const rows = text
    .slice(text.indexOf('## HTTP'), text.indexOf('## HL7'))
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  return new Map(
    rows.map((line) => {
      const [action = '', , , own = '', anyones = ''] = line.slice(2, -2).split(' | ');
      return [
        action.replaceAll('`', ''),
        { own: own.split(', '), anyones: anyones.split(', ') },
      ] as const;
    }),
  );
};

test('the guard decides each cell of the printed matrix, and no other way', async () => {
  const rows = printed();
  const unexpected: string[] = [];
  for (const route of allRoutes) {
    const row = rows.get(route.action)!;
    for (const column of COLUMNS) {
      const expected: Cell =
        route.whose === 'public' ||
        row.anyones.some(
          (name) => name === column.name || (name === 'every subject' && !column.through),
        )
          ? 'everything'
          : row.own.includes(column.name)
            ? 'own'
            : 'no';
      const found = await cellByGuard(route, column);
      if (found !== expected)
        unexpected.push(`${route.action} ${column.name}: ${found}, not ${expected}`);
    }
  }
  expect(unexpected).toEqual([]);
  expect(rows.size).toBe(new Set(allRoutes.map(({ action }) => action)).size);
}, 60_000);

test('the fields that say whose a thing is are in the request of their route', () => {
  for (const route of allRoutes)
    if (typeof route.whose === 'object')
      for (const path of Object.values(route.whose)) {
        const [part, field] = path.split('.') as ['params' | 'query' | 'body', string];
        expect([route.action, field in (route[part]?.['properties'] ?? {})]).toEqual([
          route.action,
          true,
        ]);
      }
  expect(Object.keys(OTHERS_THING)).toEqual(Object.keys(OTHERS));
});
