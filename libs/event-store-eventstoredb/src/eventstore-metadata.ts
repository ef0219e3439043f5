/** What the name of a stream's metadata starts with, before the full name of the stream. */
export const METADATA = '$$';

export const metadataOf = (fullName: string): string => METADATA + fullName;

/** What the names of streams start with, and those of their metadata. */
export const withMetadata = (prefix: string): readonly string[] => [prefix, metadataOf(prefix)];

/** A soft delete is a `$tb` beyond all events. The server passes by metadata that it cannot read. */
export const isTruncating = (text: string): boolean => {
  try {
    const { $tb, $maxCount, $maxAge } = JSON.parse(text) as Record<string, unknown>;
    return [$tb, $maxCount, $maxAge].some((bound) => typeof bound === 'number' && bound > 0);
  } catch {
    return false;
  }
};
