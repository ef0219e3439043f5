import { createHash } from 'node:crypto';
import { fixedClock } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import { openingSuite } from '../../test/opening.suite';
import { textsOn } from '../consent/consent-texts';
import { SharedDataGateway } from './shared-data.gateway';

describe('the opening in memory', () => openingSuite(async () => new MemoryStore()));

test('each text is there in both languages under the hash of exactly this text', () => {
  const texts = textsOn('2026-03-02');
  expect(texts).toHaveLength(10);
  for (const { text, hash } of texts)
    expect(hash).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
  expect(textsOn('2025-12-31')).toEqual([]);
});

const answering = (answer: () => Promise<Response>) =>
  new SharedDataGateway({
    ...{ url: 'http://bureau', secret: 'agreed with the bureau', timeoutMs: 20 },
    clock: fixedClock('2026-03-02T00:00:00Z'),
    fetch: (async (_url: string, { signal }: { signal: AbortSignal }) =>
      Promise.race([
        answer(),
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
      ])) as never,
  }).insured({ idNumber: '110105194912310021', name: '测试患者' });

test.each<[string, () => Promise<Response>, string]>([
  ['knows', async () => Response.json({ answer: 'insured' }), 'insured'],
  ['says no', async () => Response.json({ answer: 'not-insured' }), 'not-insured'],
  ['says what there is not', async () => Response.json({ answer: 'rich' }), 'no-answer'],
  ['is endless', async () => Response.json({ answer: 'x'.repeat(9_999) }), 'no-answer'],
  ['says nothing readable', async () => new Response('<html>'), 'no-answer'],
  ['fails', async () => new Response('{"answer":"insured"}', { status: 500 }), 'no-answer'],
  ['is silent', () => new Promise(() => undefined), 'no-answer'],
])('a bureau that %s', async (_what, answer, expected) => {
  expect(await answering(answer)).toBe(expected);
});
