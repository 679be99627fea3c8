/** The county's own grids as a map, without any tiles from elsewhere: click a point, the grid is found. */
import { type Map as MapView, Marker } from 'maplibre-gl';
import { useEffect, useRef } from 'react';
import { colours } from '../ui/theme.ts';
import { useWords } from '../ui/words.ts';
import { gridMap, useBoundaries } from './grid-map.ts';

export default function MapPick({
  county,
  point,
  onPick,
}: {
  county: string;
  point: { lng: number; lat: number } | null;
  onPick(point: { lng: number; lat: number }): void;
}) {
  const { t } = useWords();
  const holder = useRef<HTMLDivElement>(null);
  const map = useRef<MapView>(undefined);
  const marker = useRef<Marker>(undefined);
  const pick = useRef(onPick);
  pick.current = onPick;
  const { data } = useBoundaries(county && `${county}000000`);
  useEffect(() => {
    if (!holder.current || !data?.features.length) return;
    const made = gridMap(holder.current, data, '#dfe8f1');
    made.on('click', event => pick.current({ lng: event.lngLat.lng, lat: event.lngLat.lat }));
    map.current = made;
    return () => made.remove();
  }, [data]);
  useEffect(() => {
    marker.current?.remove();
    if (point && map.current) marker.current = new Marker({ color: colours.seal }).setLngLat(point).addTo(map.current);
  }, [point]);
  return <div ref={holder} className="map" role="application" aria-label={t('map')} />;
}
