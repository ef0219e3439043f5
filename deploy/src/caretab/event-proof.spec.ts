import { Frontier, inclusionOf, signerOf, signNote } from '@caretab/anchors';
import { chainHash, contentDigest, GENESIS } from '@caretab/event-store';
import { checkedProof, type EventProof } from './event-proof';

const { signer } = signerOf('caretab/visit-ledger', Buffer.alloc(32, 1));
const KEY = signer.verifier.text;

const eventOf = (revision: number, previous: Uint8Array) => {
  const data = `{"amountFen":${100 * revision}}`;
  const content = {
    ...{ stream: 'visit-HZ001-V1', id: `e${revision}`, type: 'ChargeDeferred', data },
    metadata: '{}',
  };
  const recordedAtMs = 1_772_413_200_000 + revision;
  const hash = chainHash(previous, contentDigest(content), revision, recordedAtMs);
  return { ...content, revision, recordedAtMs, previous, hash };
};

const events = [eventOf(0, GENESIS)];
for (let revision = 1; revision < 6; revision += 1)
  events.push(eventOf(revision, events.at(-1)!.hash));

const proofOf = (index: number): EventProof => {
  const leaves = events.map(({ hash }) => hash);
  const tree = Frontier.empty();
  leaves.forEach((leaf) => tree.push(leaf));
  const body = `caretab/visit-ledger\n${tree.size}\n${tree.root().toString('base64')}\n`;
  const way = inclusionOf(Frontier.empty(), leaves, index).map((node) => node.toString('base64'));
  const { previous, hash: _, ...event } = events[index]!;
  return {
    ...event,
    position: String(index + 1),
    previousHash: Buffer.from(previous).toString('base64'),
    inclusion: { index, way, note: signNote(body, signer) },
  };
};

test.each([0, 3, 5])('event %s is proven by the public key and the proof alone', (index) => {
  expect(checkedProof(proofOf(index), KEY)).toEqual({ origin: 'caretab/visit-ledger', size: 6 });
});

const proof = proofOf(3);
test.each<[string, EventProof]>([
  ['another amount', { ...proof, data: '{"amountFen":999}' }],
  ['another visit', { ...proof, stream: 'visit-HZ001-V2' }],
  ['another time', { ...proof, recordedAtMs: proof.recordedAtMs + 1 }],
  ['another place', { ...proof, inclusion: { ...proof.inclusion!, index: 2 } }],
  ['no anchor yet', { ...proof, inclusion: null }],
])('a proof with %s proves nothing', (_what, altered) => {
  expect(checkedProof(altered, KEY)).toHaveProperty('why');
});

test('a proof that another key signed proves nothing', () => {
  const { signer: other } = signerOf('caretab/visit-ledger', Buffer.alloc(32, 2));
  expect(checkedProof(proof, other.verifier.text)).toHaveProperty('why');
});
