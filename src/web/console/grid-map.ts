/** What every map of ours shares: the county's own polygons, no tiles from elsewhere. */
import { useQuery } from '@tanstack/react-query';
import { LngLatBounds, Map as MapView, setWorkerUrl } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { regionContracts } from '../../regions/contract.ts';
import { call } from '../ui/api.ts';
import { colours } from '../ui/theme.ts';

setWorkerUrl(workerUrl);

type Position = [number, number];
export type Feature = {
  type: 'Feature';
  properties: { code: string; name: string };
  geometry: { type: 'Polygon'; coordinates: Position[][] } | { type: 'MultiPolygon'; coordinates: Position[][][] };
};
export type Collection = { type: 'FeatureCollection'; features: Feature[] };

/** The boundaries of the grids below a region. */
export const useBoundaries = (code: string) =>
  useQuery({
    queryKey: ['boundaries', code],
    queryFn: () => call(regionContracts.boundaries, { params: { code } }) as Promise<Collection>,
    enabled: Boolean(code),
    staleTime: 600_000,
  });

/** A map that shows the whole of the grids. `fill`: a colour, or an expression over a grid's properties. */
export function gridMap(container: HTMLElement, data: Collection, fill: unknown): MapView {
  const bounds = new LngLatBounds();
  for (const { geometry } of data.features)
    for (const position of geometry.type === 'Polygon' ? geometry.coordinates.flat() : geometry.coordinates.flat(2))
      bounds.extend(position);
  return new MapView({
    container,
    attributionControl: false,
    bounds,
    fitBoundsOptions: { padding: 12 },
    style: {
      version: 8,
      sources: { grids: { type: 'geojson', data } },
      layers: [
        { id: 'paper', type: 'background', paint: { 'background-color': colours.paper } },
        { id: 'fill', type: 'fill', source: 'grids', paint: { 'fill-color': fill as string, 'fill-opacity': 0.8 } },
        { id: 'line', type: 'line', source: 'grids', paint: { 'line-color': colours.act, 'line-width': 0.6 } },
      ],
    },
  });
}
