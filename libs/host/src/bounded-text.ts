/**
 * Reads an answer's body, but no more of it than `bytesMax`. Rejects when it is larger: a server
 * must not control our memory.
 */
export const boundedBytes = async (response: Response, bytesMax: number): Promise<Buffer> => {
  const reader = response.body?.getReader();
  if (!reader) return Buffer.alloc(0);
  const parts: Uint8Array[] = [];
  for (let bytes = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(parts);
    bytes += value.byteLength;
    if (bytes > bytesMax) {
      await reader.cancel();
      throw new Error(`An answer of more than ${bytesMax} bytes`);
    }
    parts.push(value);
  }
};

/** As `boundedBytes`, of a text in UTF-8. */
export const boundedText = async (response: Response, bytesMax: number): Promise<string> =>
  (await boundedBytes(response, bytesMax)).toString('utf8');
