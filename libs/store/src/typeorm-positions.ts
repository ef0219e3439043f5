import type { HandledRange, Position } from './position';

export type PositionRow = Omit<Position, 'offset'> & { readonly offset: string };

export const ADVANCE = `insert into "position" as p values ($1, $2, $3, $5)
  on conflict (group_name, topic, partition) do update set next_offset = excluded.next_offset
  where p.next_offset >= $4 and p.next_offset < excluded.next_offset`;

export const PLACE = `insert into "position" values ($1, $2, $3, $4)
  on conflict (group_name, topic, partition) do update set next_offset = excluded.next_offset`;

export const POSITIONS = `select group_name as "group", topic, partition, next_offset as "offset"
  from "position" where group_name = any($1) order by group_name, topic, partition`;

export const advanceParameters = (
  group: string,
  topic: string,
  { partition, from, next }: HandledRange,
): unknown[] => [group, topic, partition, from, next];

/** PostgreSQL's bigint comes as a text. */
export const positionsIn = (rows: readonly PositionRow[]): Position[] =>
  rows.map((row) => ({ ...row, offset: Number(row.offset) }));
