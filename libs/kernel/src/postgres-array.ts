/**
 * PostgreSQL's binary form of one-dimensional arrays: twice as fast to write and read as its text
 * form, and nothing to escape.
 */
const TEXT_OID = 25;
const INT4_OID = 23;
const INT8_OID = 20;
const BYTEA_OID = 17;
const HEADER_BYTES = 20;

const header = (target: Buffer, oid: number, size: number): number => {
  target.writeInt32BE(1, 0); // Dimensions.
  target.writeInt32BE(0, 4); // No nulls.
  target.writeInt32BE(oid, 8);
  target.writeInt32BE(size, 12);
  target.writeInt32BE(1, 16); // Index of the first element.
  return HEADER_BYTES;
};

export const textArray = (texts: readonly string[]): Buffer => {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const target = Buffer.allocUnsafe(
    lengths.reduce((total, length) => total + 4 + length, HEADER_BYTES),
  );
  let at = header(target, TEXT_OID, texts.length);
  texts.forEach((text, index) => {
    at = target.writeInt32BE(lengths[index]!, at);
    at += target.write(text, at);
  });
  return target;
};

export const int4Array = (values: readonly number[]): Buffer => {
  const target = Buffer.allocUnsafe(HEADER_BYTES + values.length * 8);
  let at = header(target, INT4_OID, values.length);
  for (const value of values) at = target.writeInt32BE(value, target.writeInt32BE(4, at));
  return target;
};

export const int8Array = (values: readonly number[]): Buffer => {
  const target = Buffer.allocUnsafe(HEADER_BYTES + values.length * 12);
  let at = header(target, INT8_OID, values.length);
  for (const value of values)
    at = target.writeBigInt64BE(BigInt(value), target.writeInt32BE(8, at));
  return target;
};

export const byteaArray = (values: readonly Uint8Array[]): Buffer => {
  const target = Buffer.allocUnsafe(
    values.reduce((total, value) => total + 4 + value.length, HEADER_BYTES),
  );
  let at = header(target, BYTEA_OID, values.length);
  for (const value of values) {
    at = target.writeInt32BE(value.length, at);
    target.set(value, at);
    at += value.length;
  }
  return target;
};
