import { NoteRefused, openNote, readSigner, readVerifier, signerOf, signNote } from './note';

/** The example of the Go package that C2SP signed-note describes. */
const EXAMPLE = {
  key: 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz',
  verifier: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  text:
    'If you think cryptography is the answer to your problem,\n' +
    "then you don't know what your problem is.\n",
  signature:
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=',
};
const example = `${EXAMPLE.text}\n${EXAMPLE.signature}\n`;

test('a note is written and read as other programs for signed notes do it', () => {
  const signer = readSigner(EXAMPLE.key);
  expect(signer.verifier.text).toBe(EXAMPLE.verifier);
  expect(signNote(EXAMPLE.text, signer)).toBe(example);
  expect(openNote(example, [readVerifier(EXAMPLE.verifier)])).toBe(EXAMPLE.text);
});

test('a key that is made is read again from its text', () => {
  const { signer, text } = signerOf('caretab/visit-ledger', Buffer.alloc(32, 7));
  expect(readSigner(text).verifier.text).toBe(signer.verifier.text);
  const note = signNote('a line\n', readSigner(text));
  expect(openNote(note, [readVerifier(signer.verifier.text)])).toBe('a line\n');
});

test('a key of SM2 signs notes under a name and an id as the others do', () => {
  const { signer, text } = signerOf('caretab/visit-ledger', Buffer.alloc(32, 7), 'sm2');
  const note = signNote('a line\n', readSigner(text));
  const verifier = readVerifier(signer.verifier.text);
  expect(openNote(note, [verifier])).toBe('a line\n');
  expect(() => openNote(note.replace('a line', 'a lime'), [verifier])).toThrow(NoteRefused);
  const other = signerOf('caretab/visit-ledger', Buffer.alloc(32, 7)).signer.verifier;
  expect(() => openNote(note, [other])).toThrow(NoteRefused);
});

test('of several keys each verifies its own notes, so that a key can be renewed under one name', () => {
  const [first, second] = [1, 2].map((fill) => signerOf('log', Buffer.alloc(32, fill)).signer);
  const verifiers = [second!.verifier, first!.verifier];
  expect(openNote(signNote('old\n', first!), verifiers)).toBe('old\n');
  expect(openNote(signNote('new\n', second!), verifiers)).toBe('new\n');
});

test.each([
  ['another text', example.replace('answer', 'question')],
  ['another signature', example.replace('x08go/Z', 'x08go/A')],
  ['another name', example.replace('— Peter', '— Paul')],
  ['no signature', `${EXAMPLE.text}\n`],
  ['only a text', EXAMPLE.text],
])('a note with %s is refused', (_what, note) => {
  expect(() => openNote(note, [readVerifier(EXAMPLE.verifier)])).toThrow(NoteRefused);
});

test.each([
  ['no key', 'a word'],
  ['a key of another kind', 'log+00000000+AgAA'],
  ['an id that does not fit', EXAMPLE.verifier.replace('c74f20a3', 'c74f20a4')],
])('%s is refused, and the message has no key in it', (_what, text) => {
  expect(() => readVerifier(text)).toThrow(NoteRefused);
  expect(() => readSigner(`PRIVATE+KEY+${text}`)).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining(text) as string }),
  );
});
