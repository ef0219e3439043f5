import { Client, types } from 'pg';

const PAGE_ROWS = 5000;
const INT8 = 20;
const DATE = 1082;

/** Money and counts fit a number; a date is its text. */
const readers = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): ((text: any) => unknown) =>
    oid === INT8
      ? Number
      : oid === DATE
        ? String
        : (types.getTypeParser(oid, format as 'text') as (text: any) => unknown),
};

/**
 * The rows of a query, a page at a time, as they stood at one moment: an auditor beside the service
 * reads as much as there is.
 */
export const rowsOf = async function* <Row extends object>(
  databaseUrl: string,
  sql: string,
): AsyncGenerator<Row> {
  const client = new Client({
    connectionString: databaseUrl,
    types: readers,
    application_name: 'caretab auditor',
  });
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    await client.query(`declare auditor no scroll cursor for ${sql}`);
    for (;;) {
      const { rows } = await client.query<Row>(`fetch ${PAGE_ROWS} from auditor`);
      yield* rows;
      if (rows.length < PAGE_ROWS) return;
    }
  } finally {
    await client.end();
  }
};

export const allRows = async <Row extends object>(
  databaseUrl: string,
  sql: string,
): Promise<Row[]> => {
  const all: Row[] = [];
  for await (const row of rowsOf<Row>(databaseUrl, sql)) all.push(row);
  return all;
};
