import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { EventSigner, KEY_BYTES } from './signature';

const bytes = (count: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength: count, maxLength: count }).map((array) => Buffer.from(array));

test('the code of an event is HMAC-SHA-256 over its revision and its content digest', () => {
  fc.assert(
    fc.property(
      fc.array(bytes(KEY_BYTES), { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(bytes(32), fc.nat({ max: 0x7fffffff })), { minLength: 1, maxLength: 5 }),
      (keys, events) => {
        const signers = keys.map(
          (key) => new EventSigner({ current: 'k', keys: new Map([['k', key]]) }),
        );
        for (const [digest, revision] of events)
          signers.forEach((signer, index) => {
            const place = Buffer.alloc(4);
            place.writeInt32BE(revision);
            const expected = createHmac('sha256', keys[index]!)
              .update(place)
              .update(digest)
              .digest();
            expect(Buffer.from(signer.sign(digest, revision).mac)).toEqual(expected);
          });
      },
    ),
  );
});
