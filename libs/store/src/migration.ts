/** What a migration runs its statements on. */
export interface MigrationRunner {
  query(statement: string, parameters?: unknown[]): Promise<unknown>;
}

/** A change of the schema. Its class name ends in a timestamp, which orders it. */
export interface Migration {
  up(runner: MigrationRunner): Promise<void>;
  down(runner: MigrationRunner): Promise<void>;
}

export type MigrationClass = new () => Migration;
