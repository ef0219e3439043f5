/**
 * Reads an answer's body, but no more of it than `bytesMax`. Rejects when it is larger: a server
 * must not control our memory.
 */
export const boundedText = async (response: Response, bytesMax: number): Promise<string> => {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const parts: Uint8Array[] = [];
  for (let bytes = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(parts).toString('utf8');
    bytes += value.byteLength;
    if (bytes > bytesMax) {
      await reader.cancel();
      throw new Error(`An answer of more than ${bytesMax} bytes`);
    }
    parts.push(value);
  }
};
