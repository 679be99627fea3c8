/** Filters that stand in the address: shared with a link, gone back to, kept over a reload. */
import { useSearchParams } from 'wouter';

export function useFilters<K extends string>(keys: readonly K[]) {
  const [search, setSearch] = useSearchParams();
  const given = Object.fromEntries(keys.flatMap(key => (search.get(key) ? [[key, search.get(key)!]] : []))) as Partial<
    Record<K, string>
  >;
  const set = (changes: Partial<Record<K, string | undefined>>) =>
    setSearch(old => {
      const next = new URLSearchParams(old);
      for (const [key, value] of Object.entries<string | undefined>(changes))
        value ? next.set(key, value) : next.delete(key);
      return next;
    });
  return { given, set, search, clear: () => setSearch(new URLSearchParams()) };
}
