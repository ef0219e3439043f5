import type { Pool } from 'pg';
import type { Member } from '@caretab/bus';

/**
 * A partition as its owner holds it. `generation` grows with every claim: what a former owner
 * commits does not count.
 */
export interface Claim {
  readonly partitionId: number;
  readonly offset: bigint;
  readonly generation: string;
}

/**
 * Members of one group may be configured for sessions of different lengths; beyond so many of ours
 * it is no session any more.
 */
const SESSIONS_AHEAD_MAX = 10;
const ALIVE = (expiresAt: string, aheadMaxMs: string): string =>
  `(${expiresAt} > now() AND ${expiresAt} <= now() + ${aheadMaxMs} * interval '1 millisecond')`;

/** The partition belongs to another member by now. */
export class Fenced extends Error {}

/**
 * One member of a consumer group, as rows: a session that must be renewed, and partitions that are
 * owned until released or until the session is over. All times are the database's. Its clock may be
 * set back: a session that ends later than any that is renewed now is an old one, whose member
 * either renews it with its next heartbeat or is dead.
 */
export class PgMembership {
  constructor(
    private readonly pool: Pool,
    private readonly schema: string,
    private readonly group: string,
    readonly me: Member,
    private readonly sessionMs: number,
  ) {}

  /** A partition the group has never seen starts at the earliest message. */
  async prepare(partitionIds: readonly number[]): Promise<void> {
    await this.pool.query(
      `INSERT INTO ${this.schema}.offsets (group_name, partition_id, "offset") ` +
        'SELECT $1, id, 0 FROM unnest($2::int[]) AS p (id) ORDER BY id ON CONFLICT DO ' +
        'NOTHING',
      [this.group, partitionIds],
    );
  }

  /** Renews the session and returns the live members. */
  async heartbeat(): Promise<Member[]> {
    const { rows } = await this.pool.query<{ member_id: string; topics: string[] }>(
      `WITH renewed AS (
        INSERT INTO ${this.schema}.members VALUES ($1, $2, $3, now() + $4 * interval '1 millisecond')
        ON CONFLICT (group_name, member_id) DO UPDATE SET expires_at = excluded.expires_at
      ), gone AS (
        DELETE FROM ${this.schema}.members
        WHERE group_name = $1 AND member_id <> $2 AND NOT ${ALIVE('expires_at', '$5')}
      )
      SELECT member_id, topics FROM ${this.schema}.members WHERE group_name = $1 AND member_id <>
      $2 AND ${ALIVE('expires_at', '$5')}`,
      [this.group, this.me.id, this.me.topics, this.sessionMs, this.sessionMs * SESSIONS_AHEAD_MAX],
    );
    return [this.me, ...rows.map((row) => ({ id: row.member_id, topics: row.topics }))];
  }

  /** What this member owns, by the database's word. */
  async owned(): Promise<Claim[]> {
    const { rows } = await this.pool.query<ClaimRow>(
      `SELECT partition_id, "offset", generation FROM ${this.schema}.offsets WHERE group_name = $1 AND owner = $2`,
      [this.group, this.me.id],
    );
    return rows.map(claimOf);
  }

  /** Claims the partitions without a live owner. */
  async claim(partitionIds: readonly number[]): Promise<Claim[]> {
    const { rows } = await this.pool.query<ClaimRow>(
      `UPDATE ${this.schema}.offsets o SET owner = $2, generation = generation + 1
      FROM (
        SELECT partition_id FROM ${this.schema}.offsets f
        WHERE group_name = $1 AND partition_id = ANY ($3::int[]) AND (owner IS NULL OR NOT EXISTS (
          SELECT FROM ${this.schema}.members m WHERE m.group_name = $1 AND m.member_id = f.owner
          AND ${ALIVE('m.expires_at', '$4')}))
        ORDER BY partition_id FOR UPDATE
      ) free
      WHERE o.group_name = $1 AND o.partition_id = free.partition_id
      RETURNING o.partition_id, o."offset", o.generation`,
      [this.group, this.me.id, partitionIds, this.sessionMs * SESSIONS_AHEAD_MAX],
    );
    return rows.map(claimOf);
  }

  async release(partitionIds: readonly number[]): Promise<void> {
    await this.pool.query(
      `UPDATE ${this.schema}.offsets SET owner = NULL WHERE group_name = $1 AND ` +
        'owner = $2 AND partition_id = ANY ($3::int[])',
      [this.group, this.me.id, partitionIds],
    );
  }

  /**
   * Throws Fenced when the partition was given to another member, or claimed again, since this
   * claim.
   */
  async commit(claim: Claim, offset: bigint): Promise<void> {
    const { rowCount } = await this.pool.query({
      name: `commit-${this.schema}`,
      text:
        `UPDATE ${this.schema}.offsets SET "offset" = $5 WHERE group_name = $1 AND ` +
        'partition_id = $2 AND owner = $3 AND generation = $4',
      values: [this.group, claim.partitionId, this.me.id, claim.generation, String(offset)],
    });
    if (rowCount === 0) throw new Fenced('the partition belongs to another member');
  }

  /** Gives everything back at once, so that the others need not wait for the session's end. */
  async leave(): Promise<void> {
    await this.pool.query(
      `WITH released AS (UPDATE ${this.schema}.offsets SET owner = NULL WHERE group_name = $1 AND owner = $2)
      DELETE FROM ${this.schema}.members WHERE group_name = $1 AND member_id = $2`,
      [this.group, this.me.id],
    );
  }
}

interface ClaimRow {
  readonly partition_id: number;
  readonly offset: string;
  readonly generation: string;
}

const claimOf = (row: ClaimRow): Claim => ({
  partitionId: row.partition_id,
  offset: BigInt(row.offset),
  generation: row.generation,
});
