const TEXT_OID = 25;
const BYTEA_OID = 17;
const HEADER_BYTES = 20;

const header = (buffer: Buffer, oid: number, length: number): number => {
  // Dimensions, no nulls, type of the elements, how many, and the index of the first.
  [1, 0, oid, length, 1].forEach((word, index) => buffer.writeInt32BE(word, index * 4));
  return HEADER_BYTES;
};

/** `text[]` in PostgreSQL's binary format: the raw limit must not be slowed down by escaping. */
export const textArray = (texts: readonly string[]): Buffer => {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const buffer = Buffer.allocUnsafe(
    lengths.reduce((bytes, length) => bytes + 4 + length, HEADER_BYTES),
  );
  let at = header(buffer, TEXT_OID, texts.length);
  texts.forEach((text, index) => {
    at = buffer.writeInt32BE(lengths[index]!, at);
    at += buffer.write(text, at);
  });
  return buffer;
};

/** `bytea[]` in the same format. */
export const byteaArray = (values: readonly Buffer[]): Buffer => {
  const buffer = Buffer.allocUnsafe(
    values.reduce((bytes, value) => bytes + 4 + value.length, HEADER_BYTES),
  );
  let at = header(buffer, BYTEA_OID, values.length);
  for (const value of values) {
    at = buffer.writeInt32BE(value.length, at);
    at += value.copy(buffer, at);
  }
  return buffer;
};
