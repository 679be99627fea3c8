/**
 * What both sides hold, compared without a cursor: records fall into buckets by their id, each bucket has a digest of its
 * (id, seq) pairs, and only buckets that differ travel. Deletions and lost rights fall out by themselves; nothing that was
 * committed late can be missed. Pure.
 */
export type Held = { id: string; seq: number };

/** How many buckets for so many records: about sixteen records in each, a power of two. */
export const bucketsFor = (records: number): number => {
  let n = 1;
  while (n < 4096 && n * 16 < records) n *= 2;
  return n;
};

/** FNV-1a over the text, 32 bits: spreads ids; it protects nothing. */
function spread(text: string, start: number): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 0;
}
export const bucketOf = (id: string, buckets: number): number => spread(id, 2166136261) & (buckets - 1);

/** One digest for each bucket; order does not matter. An empty bucket has ''. */
export function digests(records: Iterable<Held>, buckets: number): string[] {
  const sums = Array.from({ length: buckets }, () => [0, 0, 0] as [number, number, number]);
  for (const { id, seq } of records) {
    const sum = sums[bucketOf(id, buckets)]!;
    const text = `${id}/${seq}`;
    sum[0] = (sum[0] + spread(text, 2166136261)) >>> 0;
    sum[1] = (sum[1] + spread(text, 84696351)) >>> 0;
    sum[2] += 1;
  }
  return sums.map(([a, b, n]) => (n ? `${n}.${a.toString(36)}.${b.toString(36)}` : ''));
}
