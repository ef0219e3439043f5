import { importsOf } from './tidy/circle-rules';
import type { Tree } from './tidy/tree';

export const architecturePath = 'ARCHITECTURE.md';
const BEGIN = '<!-- rooms: written by `npm run generate` from the imports -->';
const END = '<!-- /rooms -->';

/** Folders whose workspaces stand in the picture as one: services know each other never. */
const asOne = ['services'];

/** A room → the rooms that its shipping code imports, without those that it reaches anyway. */
export type Rooms = ReadonlyMap<string, ReadonlySet<string>>;

/** The room of a file: its workspace, or its folder where that counts as one. */
const roomOf = (file: string, workspaces: readonly string[]): string | undefined => {
  const workspace = workspaces
    .filter((folder) => file.startsWith(`${folder}/src/`))
    .sort((a, b) => b.length - a.length)[0];
  return asOne.find((folder) => workspace?.startsWith(`${folder}/`)) ?? workspace;
};

const reachedFrom = (start: string, rooms: Rooms): ReadonlySet<string> => {
  const reached = new Set<string>();
  const go = (room: string): void => {
    for (const next of rooms.get(room) ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      go(next);
    }
  };
  go(start);
  return reached;
};

/** The rooms of the repository by what their code imports; tests do not count. */
export const roomsOf = (tree: Tree, workspaces: readonly string[]): Rooms => {
  const all = new Map<string, Set<string>>();
  const room = (file: string): string | undefined =>
    /\.(spec|suite)\.ts$/.test(file) ? undefined : roomOf(file, workspaces);
  for (const file of tree.texts.keys()) {
    const name = room(file);
    if (name !== undefined && !all.has(name)) all.set(name, new Set());
  }
  for (const { from, to } of importsOf(tree)) {
    const [user, used] = [room(from), room(to)];
    if (user !== undefined && used !== undefined && user !== used) all.get(user)!.add(used);
  }
  return new Map(
    [...all]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, direct]) => [
        name,
        new Set(
          [...direct]
            .filter((used) =>
              [...direct].every((other) => other === used || !reachedFrom(other, all).has(used)),
            )
            .sort(),
        ),
      ]),
  );
};

const idOf = (room: string): string => room.replace(/[^a-z0-9]/g, '_');

/** The picture as a Mermaid flow chart: a box per room, an arrow to each room that it imports. */
export const picture = (rooms: Rooms): string => {
  const wings = new Map<string, string[]>();
  for (const room of rooms.keys()) {
    const wing = room.split('/')[0]!;
    wings.set(wing, [...(wings.get(wing) ?? []), room]);
  }
  const boxes = [...wings].flatMap(([wing, members]) =>
    members.length === 1
      ? [`  ${idOf(members[0]!)}["${members[0]!}"]`]
      : [
          `  subgraph wing_${wing}["${wing}/"]`,
          ...members.map((room) => `    ${idOf(room)}["${room.replace(`${wing}/`, '')}"]`),
          '  end',
        ],
  );
  const arrows = [...rooms].flatMap(([room, used]) =>
    used.size === 0 ? [] : [`  ${idOf(room)} --> ${[...used].map(idOf).join(' & ')}`],
  );
  return ['```mermaid', 'flowchart TD', ...boxes, ...arrows, '```'].join('\n');
};

/** ARCHITECTURE.md with today's picture between its two marks. Throws where a mark is missing. */
export const withPicture = (document: string, rooms: Rooms): string => {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error(`${architecturePath}: the picture's marks are gone: ${BEGIN} … ${END}`);
  return [document.slice(0, begin + BEGIN.length), picture(rooms), document.slice(end)].join(
    '\n\n',
  );
};
