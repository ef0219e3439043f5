const CHINA_OFFSET_MS = 8 * 60 * 60 * 1000;

/** The day of an instant in Asia/Shanghai, which has had no summer time since 1991. */
export const businessDateOf = (instant: Date): string =>
  new Date(instant.getTime() + CHINA_OFFSET_MS).toISOString().slice(0, 10);
