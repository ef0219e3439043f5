import 'reflect-metadata';
import {
  COLUMNS,
  type Column,
  DIRECT_COLUMNS,
  OTHERS_THING,
  type Resource,
  type Subject,
} from '@caretab/access';
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
const requestFor = ({ whose }: Route, { institution, person, payer }: Resource): object => {
  const request: Record<string, Record<string, string>> = { params: {}, query: {}, body: {} };
  const put = (path: FieldPath | undefined, value: string | undefined): void => {
    const [part, field] = path?.split('.') ?? [];
    if (part && field && value !== undefined) request[part]![field] = value;
  };
  if (typeof whose === 'object') {
    put(whose.institution, institution);
    put(whose.visit, institution && `${institution}-V1`);
    put(whose.person, person);
    put(whose.payer, payer);
  }
  return request;
};

const MINE = { institution: 'OWN1', person: 'p-own', payer: 'payer-own' };
const OTHERS = { institution: 'OTHER1', person: 'p-other', payer: 'payer-other' };
type Asking = Pick<Subject, 'hasSecondFactor' | 'by'>;
const FACTOR: Asking = { hasSecondFactor: true };
const subjectOf = ({ role, through, scope }: Column, asking: Asking): Subject => ({
  ...(through && { through }),
  ...(scope && { scope }),
  id: 'it',
  roles: [
    {
      ...role,
      ...(role.institution && { institution: MINE.institution }),
      ...(role.person && { person: MINE.person }),
      ...(role.payer && { payer: MINE.payer }),
    },
  ],
  ...asking,
});

type Cell = 'no' | 'own' | 'everything' | 'with a second factor';

/** What the guard lets a subject do; where only rows say whose a thing is, what its scopes hold. */
const cellByGuard = async (route: Route, column: Column, asking = FACTOR): Promise<Cell> => {
  const callers = new Callers().add({ subjectOf: () => subjectOf(column, asking) });
  let isHeld = false;
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
      const { code } = error as { readonly code?: string };
      isHeld ||= code === 'SECOND_FACTOR_NEEDED' && !asking.hasSecondFactor;
      if (!isHeld) expect(code).toBe('ACCESS_FORBIDDEN');
      return false;
    }
    if (route.whose !== 'scoped') return true;
    return admittedOf(request)!.scopes.some((scope) =>
      Object.entries(scope).every(([owner, value]) => thing[owner as keyof Resource] === value),
    );
  };
  if (await passes(OTHERS)) return 'everything';
  if (await passes(MINE)) return 'own';
  return isHeld ? 'with a second factor' : 'no';
};

interface PrintedRow {
  readonly own: readonly string[];
  readonly anyones: readonly string[];
  readonly secondFactor: readonly string[];
}
/** The committed matrix, as people read it. */
const printed = (): ReadonlyMap<string, PrintedRow> => {
  const text = readFileSync(join(__dirname, '../../../docs/access.md'), 'utf8');
  const rows = text
    .slice(text.indexOf('## HTTP'), text.indexOf('## HL7'))
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  return new Map(
    rows.map((line) => {
      const cells = line.slice(2, -2).split(' | ');
      const [own = [], anyones = [], secondFactor = []] = cells
        .slice(3, 6)
        .map((cell) => cell.split(', '));
      return [cells[0]!.replaceAll('`', ''), { own, anyones, secondFactor }] as const;
    }),
  );
};

const expectedOf = (route: Route, row: PrintedRow, { name, through, scope }: Column): Cell => {
  // Who names every scope may do what its role may, and is not printed beside it.
  const names = scope ? [name, 'HospitalSystem'] : [name];
  const isAnyones = row.anyones.some(
    (it) => names.includes(it) || (it === 'every subject' && !through),
  );
  if (route.whose === 'public' || isAnyones) return 'everything';
  return row.own.some((it) => names.includes(it)) ? 'own' : 'no';
};

test('the guard decides each cell of the printed matrix, and no other way', async () => {
  const rows = printed();
  const unexpected: string[] = [];
  for (const route of allRoutes) {
    const row = rows.get(route.action)!;
    for (const column of COLUMNS) {
      const expected = expectedOf(route, row, column);
      const found = await cellByGuard(route, column);
      if (found !== expected)
        unexpected.push(`${route.action} ${column.name}: ${found}, not ${expected}`);
    }
  }
  expect(unexpected).toEqual([]);
  expect(rows.size).toBe(new Set(allRoutes.map(({ action }) => action)).size);
}, 60_000);

test.each<[string, Asking]>([
  ['a person', { hasSecondFactor: false }],
  ['a machine', { hasSecondFactor: false, by: 'machine' }],
  ['the operators’ key', { hasSecondFactor: false, by: 'operator-key' }],
])(
  '%s without a second factor does what the matrix leaves, and is told of the code',
  async (_, asking) => {
    const rows = printed();
    const unexpected: string[] = [];
    let held = 0;
    for (const route of allRoutes) {
      const row = rows.get(route.action)!;
      for (const column of DIRECT_COLUMNS) {
        const may = expectedOf(route, row, column);
        if (may === 'no') continue;
        const isHeld =
          row.secondFactor.includes('everyone') ||
          (!asking.by && row.secondFactor.includes(column.name));
        const expected = isHeld ? 'with a second factor' : may;
        const found = await cellByGuard(route, column, asking);
        if (found !== expected)
          unexpected.push(`${route.action} ${column.name}: ${found}, not ${expected}`);
        if (isHeld) held++;
      }
    }
    expect(unexpected).toEqual([]);
    expect(held).toBeGreaterThan(asking.by ? 5 : 40);
  },
  60_000,
);

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
