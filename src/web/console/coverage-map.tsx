/** How much of what was due was done, on the county's own polygons; the figures stand in the table beside it. */
import { useEffect, useRef } from 'react';
import type { Cover } from '../../rounds/contract.ts';
import { useWords } from '../ui/words.ts';
import { gridMap, useBoundaries } from './grid-map.ts';

/** Five steps that stay apart in print and for the colour-blind, from nothing done to all. */
const steps = ['#f6eadf', '#d9dde8', '#a9bddb', '#6488bd', '#1d4e89'];
const none = '#ffffff';

export default function CoverageMap({
  top,
  rows,
  onPick,
}: {
  top: string;
  rows: readonly Cover[];
  onPick(region: string): void;
}) {
  const { t } = useWords();
  const holder = useRef<HTMLDivElement>(null);
  const pick = useRef(onPick);
  pick.current = onPick;
  const { data } = useBoundaries(top.length > 12 ? top.slice(0, 12) : top);
  useEffect(() => {
    if (!holder.current || !data?.features.length) return;
    const rowOf = (code: string) => rows.find(row => code.startsWith(row.region.replace(/(000)+$/, '')));
    const shaded = {
      ...data,
      features: data.features.map(feature => {
        const row = rowOf(feature.properties.code);
        const due = row ? row.due - row.excused : 0;
        const colour = !row || !due ? none : steps[Math.min(4, Math.floor((5 * row.done) / due))];
        return { ...feature, properties: { ...feature.properties, colour, region: row?.region ?? '' } };
      }),
    };
    const map = gridMap(holder.current, shaded, ['get', 'colour']);
    map.on('click', 'fill', event => {
      const region = event.features?.[0]?.properties.region;
      if (region && region.length === 12) pick.current(region);
    });
    return () => map.remove();
  }, [data, rows]);
  return <div ref={holder} className="map" role="application" aria-label={t('coverageMap')} />;
}
