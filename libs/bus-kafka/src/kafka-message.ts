import { isUtf8 } from 'node:buffer';
import { UNREADABLE } from '@caretab/contracts';
import type { KafkaMessage } from 'kafkajs';
import type { ReceivedMessage } from '@caretab/bus';

/**
 * Bytes that are no UTF-8 go on encoded: two of them must not become the same replacement
 * characters, and an operator may want them back.
 */
const textOf = (bytes: Buffer, place: string, trouble: string[]): string => {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  trouble.push(`${place}: no UTF-8`);
  return `base64:${bytes.toString('base64')}`;
};

/**
 * What kafkajs made of a header: one value or several, of which what it put in by itself is left
 * out. A value may be missing; that is as good as an empty one.
 */
const textsOf = (name: string, value: unknown, trouble: string[]): string[] =>
  (Array.isArray(value) ? (value as unknown[]) : [value]).flatMap((one) =>
    Buffer.isBuffer(one) ? [textOf(one, name, trouble)] : one === null || one === '' ? [''] : [],
  );

/**
 * An attribute of the event that is there twice with different values leaves open which event this
 * is. Of other headers the last one counts.
 */
const headerOf = (name: string, value: unknown, trouble: string[]): string => {
  const texts = textsOf(name, value, trouble);
  if (!name.startsWith('ce_') || new Set(texts).size <= 1) return texts.at(-1) ?? '';
  trouble.push(`${name}: ${texts.length} different values`);
  return JSON.stringify(texts);
};

/**
 * A record of Kafka as a message. Anything may stand in a record, so this never throws: one whose
 * bytes are no texts, or whose attributes contradict each other, is marked for the contract's
 * `read` to refuse. A missing key or value (a tombstone) is an empty one.
 */
export const receivedOf = (
  topic: string,
  partition: number,
  { key, value, headers, offset }: Pick<KafkaMessage, 'key' | 'value' | 'headers' | 'offset'>,
): ReceivedMessage => {
  const trouble: string[] = [];
  const keyText = key ? textOf(key, 'key', trouble) : '';
  const valueText = value ? textOf(value, 'value', trouble) : '';
  const texts = new Map(
    Object.entries(headers ?? {}).map(([name, own]) => [name, headerOf(name, own, trouble)]),
  );
  if (trouble.length > 0) texts.set(UNREADABLE, trouble.slice(0, 5).join('; '));
  return {
    topic,
    partition,
    offset: BigInt(offset),
    key: keyText,
    value: valueText,
    headers: Object.fromEntries(texts),
  };
};
