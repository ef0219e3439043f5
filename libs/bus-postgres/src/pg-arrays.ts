const HEADER_BYTES = 20;
const OID = { int4: 23, text: 25 } as const;

const start = (buffer: Buffer, oid: number, length: number): void => {
  buffer.writeInt32BE(1, 0); // Dimensions.
  buffer.writeInt32BE(0, 4); // No nulls.
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16); // Lower bound.
};

/** `int[]` in PostgreSQL's binary format; pg sends a Buffer as it is. Not for empty arrays. */
export const int4Array = (values: readonly number[]): Buffer => {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + values.length * 8);
  start(buffer, OID.int4, values.length);
  let at = HEADER_BYTES;
  for (const value of values) {
    buffer.writeInt32BE(4, at);
    at = buffer.writeInt32BE(value, at + 4);
  }
  return buffer;
};

/**
 * `text[]` in PostgreSQL's binary format: JSON is full of quotes, which the text format would
 * escape one by one. Not for empty arrays.
 */
export const textArray = (values: readonly string[]): Buffer => {
  const lengths = values.map((value) => Buffer.byteLength(value));
  const buffer = Buffer.allocUnsafe(
    HEADER_BYTES + lengths.reduce((sum, length) => sum + length + 4, 0),
  );
  start(buffer, OID.text, values.length);
  let at = HEADER_BYTES;
  values.forEach((value, index) => {
    at = buffer.writeInt32BE(lengths[index]!, at);
    at += buffer.write(value, at);
  });
  return buffer;
};
