import { boundedText } from './bounded-text';

test('an answer is read to its end', async () =>
  expect(await boundedText(new Response('臺北'), 6)).toBe('臺北'));
test('an answer without a body is an empty text', async () =>
  expect(await boundedText(new Response(null, { status: 204 }), 6)).toBe(''));

test('an answer that never ends is not waited for', async () => {
  let given = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1000).fill((given += 1) % 128)),
  });
  await expect(boundedText(new Response(endless), 10_000)).rejects.toThrow('more than 10000 bytes');
  expect(given).toBeLessThan(20);
});
