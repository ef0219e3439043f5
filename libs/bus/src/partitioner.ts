import type { Partitioner } from './bus';

const SEED = 0x9747b28c;
const MIX = 0x5bd1e995;

/**
 * 32-bit murmur2 of the bytes, signed, as Kafka's Java client computes it
 * (org.apache.kafka.common.utils.Utils.murmur2).
 */
export const murmur2 = (bytes: Uint8Array): number => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length & ~3;
  let hash = SEED ^ bytes.length;
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(view.getInt32(at, true), MIX);
    word = Math.imul(word ^ (word >>> 24), MIX);
    hash = Math.imul(hash, MIX) ^ word;
  }
  const left = bytes.length - whole;
  if (left >= 3) hash ^= bytes[whole + 2]! << 16;
  if (left >= 2) hash ^= bytes[whole + 1]! << 8;
  if (left >= 1) hash = Math.imul(hash ^ bytes[whole]!, MIX);
  hash = Math.imul(hash ^ (hash >>> 13), MIX);
  return (hash ^ (hash >>> 15)) | 0;
};

/**
 * The partition of a key, equal to the default partitioner of Kafka's Java client and of kafkajs.
 */
export const partitionOf: Partitioner = (key, partitions) =>
  (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
