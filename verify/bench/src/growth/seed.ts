import { chainHash, contentDigest, EventSigner, GENESIS, TWIN_KEYS } from '@caretab/event-store';
import { byteaArray, derivedId, int4Array, textArray } from '@caretab/kernel';
import type { Client } from 'pg';
import { type BenchVisit, visitOf } from '../charges';

/** Visits that are opened through the front door; institutions and payers repeat after so many. */
export const TEMPLATES = 120;
/** Visits whose facts are mixed in the log, as those of visits that are open at once are. */
const BLOCK_VISITS = 1_000;
const EVENTS_PER_STATEMENT = 5_000;
const EVENTS = 'visit_ledger_events.events';

interface TemplateEvent {
  readonly stream: string;
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

export type Templates = readonly (readonly TemplateEvent[])[];

interface SeededEvent extends TemplateEvent {
  readonly revision: number;
  readonly hash: Buffer;
  readonly mac: Uint8Array;
}

/** The facts of the first visits, as the ledger wrote them. */
export const templatesIn = async (client: Client): Promise<Templates> => {
  const { rows } = await client.query<TemplateEvent>(
    `select stream, id, type, data, metadata from ${EVENTS} order by stream, revision`,
  );
  return Array.from({ length: TEMPLATES }, (_, index) => {
    const stream = `visit-${visitOf(index, 'spread').visitId}`;
    return rows.filter((row) => row.stream === stream);
  });
};

/** A text of one visit as a text of another one of the same institution. */
export const textOfAnother = (from: BenchVisit, to: BenchVisit): ((text: string) => string) => {
  const names = new RegExp(`${from.visitNumber}(?!\\d)|${from.personId}`, 'g');
  return (text) =>
    text.replace(names, (name) => (name === from.personId ? to.personId : to.visitNumber));
};

const signer = new EventSigner(TWIN_KEYS);

/** The facts of a visit, made from those of its template, chained and signed. */
export const factsOf = (
  templates: Templates,
  index: number,
  recordedAtMs: number,
): SeededEvent[] => {
  const place = index % TEMPLATES;
  const renamed = textOfAnother(visitOf(place, 'spread'), visitOf(index, 'spread'));
  let hash: Uint8Array = GENESIS;
  return templates[place]!.map(({ stream, id, type, data, metadata }, revision) => {
    const content = {
      ...{ stream: renamed(stream), id: derivedId(id, String(index)), type },
      ...{ data: renamed(data), metadata: renamed(metadata) },
    };
    const digest = contentDigest(content);
    const chained = chainHash(hash, digest, revision, recordedAtMs);
    hash = chained;
    return { ...content, revision, hash: chained, mac: signer.sign(digest, revision).mac };
  });
};

const INSERT = `insert into ${EVENTS}
    (position, stream, revision, id, type, data, metadata, recorded_at, hash, key_id, mac)
  select $1::bigint + n, stream, revision, id, type, data, metadata,
    timestamptz 'epoch' + $2::bigint * interval '1 ms', hash, $3, mac
  from unnest($4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bytea[],
    $11::bytea[]) with ordinality as e (stream, revision, id, type, data, metadata, hash, mac, n)`;

/**
 * Writes the facts of visits `from` to `to`, as rows that verify, while no ledger runs. Its readers
 * stand behind them then: nothing of it is published.
 */
export const seed = async (
  client: Client,
  templates: Templates,
  { from, to }: { readonly from: number; readonly to: number },
  progress: (text: string) => void,
): Promise<void> => {
  const recordedAtMs = Date.now();
  const { rows } = await client.query<{ head: string }>(
    `select max(position)::text as head from ${EVENTS}`,
  );
  let head = Number(rows[0]!.head);
  for (let first = from; first < to; first += BLOCK_VISITS) {
    const visits = Array.from({ length: Math.min(BLOCK_VISITS, to - first) }, (_, at) =>
      factsOf(templates, first + at, recordedAtMs),
    );
    const longest = Math.max(...visits.map(({ length }) => length));
    const events = Array.from({ length: longest }, (_, revision) =>
      visits.flatMap((facts) => facts[revision] ?? []),
    ).flat();
    for (let at = 0; at < events.length; at += EVENTS_PER_STATEMENT) {
      const page = events.slice(at, at + EVENTS_PER_STATEMENT);
      await client.query(INSERT, [
        ...[head, recordedAtMs, TWIN_KEYS.current],
        textArray(page.map(({ stream }) => stream)),
        int4Array(page.map(({ revision }) => revision)),
        textArray(page.map(({ id }) => id)),
        textArray(page.map(({ type }) => type)),
        textArray(page.map(({ data }) => data)),
        textArray(page.map(({ metadata }) => metadata)),
        byteaArray(page.map(({ hash }) => hash)),
        byteaArray(page.map(({ mac }) => mac)),
      ]);
      head += page.length;
    }
    progress(`${first + visits.length} of ${to} visits`);
  }
  await client.query(
    `update visit_ledger.checkpoint set position = e.position::text, event_id = e.id,
       before_it = (e.position - 1)::text
     from ${EVENTS} e where e.position = $1`,
    [head],
  );
};
