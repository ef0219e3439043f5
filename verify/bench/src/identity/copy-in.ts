import type { Client, Connection, Submittable } from 'pg';

/** The connection as far as COPY needs it. */
interface Wire {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** One COPY of a batch that is in memory: PostgreSQL asks for it, gets it whole, and says that it is done. */
class CopyIn implements Submittable {
  private failure: Error | undefined;

  constructor(
    private readonly text: string,
    private readonly content: Buffer,
    private readonly done: (failure: Error | undefined) => void,
  ) {}

  submit(connection: Connection): void {
    (connection as unknown as Wire).query(this.text);
  }

  handleCopyInResponse(connection: Wire): void {
    connection.sendCopyFromChunk(this.content);
    connection.endCopyFrom();
  }

  handleError(failure: Error): void {
    this.failure = failure;
  }

  handleCommandComplete(): void {
    // What follows says whether it succeeded.
  }

  handleReadyForQuery(): void {
    this.done(this.failure);
  }
}

/** Writes rows by COPY. Their texts have no tab, break or backslash but those of an escape. */
export const copyIn = (
  client: Client,
  columns: string,
  rows: readonly (readonly string[])[],
): Promise<void> =>
  new Promise((resolve, reject) => {
    const content = Buffer.from(rows.map((row) => `${row.join('\t')}\n`).join(''));
    client.query(
      new CopyIn(`copy ${columns} from stdin`, content, (failure) =>
        failure ? reject(failure) : resolve(),
      ),
    );
  });
