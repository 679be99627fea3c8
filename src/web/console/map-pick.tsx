/** The county's own grids as a map, without any tiles from elsewhere: click a point, the grid is found. */
import { useQuery } from '@tanstack/react-query';
import { LngLatBounds, Map as MapView, Marker, setWorkerUrl } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { useEffect, useRef } from 'react';
import { regionContracts } from '../../regions/contract.ts';
import { call } from '../ui/api.ts';
import { colours } from '../ui/theme.ts';
import { useWords } from '../ui/words.ts';

setWorkerUrl(workerUrl);

type Position = [number, number];
type Feature = {
  type: 'Feature';
  properties: { code: string; name: string };
  geometry: { type: 'Polygon'; coordinates: Position[][] } | { type: 'MultiPolygon'; coordinates: Position[][][] };
};
type Collection = { type: 'FeatureCollection'; features: Feature[] };

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
  const { data } = useQuery({
    queryKey: ['boundaries', county],
    queryFn: () => call(regionContracts.boundaries, { params: { code: `${county}000000` } }) as Promise<Collection>,
    enabled: Boolean(county),
    staleTime: 600_000,
  });
  useEffect(() => {
    if (!holder.current || !data?.features.length) return;
    const bounds = new LngLatBounds();
    for (const feature of data.features)
      for (const position of feature.geometry.type === 'Polygon'
        ? feature.geometry.coordinates.flat()
        : feature.geometry.coordinates.flat(2))
        bounds.extend(position);
    const made = new MapView({
      container: holder.current,
      attributionControl: false,
      bounds,
      style: {
        version: 8,
        sources: { grids: { type: 'geojson', data } },
        layers: [
          { id: 'paper', type: 'background', paint: { 'background-color': colours.paper } },
          { id: 'fill', type: 'fill', source: 'grids', paint: { 'fill-color': '#dfe8f1', 'fill-opacity': 0.7 } },
          { id: 'line', type: 'line', source: 'grids', paint: { 'line-color': colours.act, 'line-width': 0.7 } },
        ],
      },
    });
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
