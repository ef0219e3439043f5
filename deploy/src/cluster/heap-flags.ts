/** Batches outlive the young generation that V8 takes by itself (docs/performance.md). */
const YOUNG_MB = 64;
/**
 * Of services that are measured with less: a file of a million cards takes identity less than 300 MB so
 * (`npm run bench -- cards`).
 */
const OWN: Readonly<Record<string, { readonly oldMb: number; readonly youngMb: number }>> = {
  identity: { oldMb: 192, youngMb: 8 },
};

/** How much memory Node takes for a service, as its image says it in `NODE_OPTIONS`. */
export const heapFlagsOf = (service: string): readonly string[] => {
  const own = OWN[service];
  return own
    ? [`--max-old-space-size=${own.oldMb}`, `--max-semi-space-size=${own.youngMb}`]
    : [`--max-semi-space-size=${YOUNG_MB}`];
};
