/** Where the phone is now: asked for once when it is needed, shown, used, and never kept. */
import Flatbush from 'flatbush';
import inPolygon from 'point-in-polygon-hao';
import type { Hold } from './hold.ts';

export type Point = { lng: number; lat: number };

/** WGS-84, as browsers give it (W3C Geolocation); nothing when refused, off, or after fifteen seconds. */
export const whereAmI = (): Promise<(Point & { metres: number }) | undefined> =>
  new Promise(resolve => {
    if (!navigator.geolocation) return resolve(undefined);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lng: coords.longitude, lat: coords.latitude, metres: coords.accuracy }),
      () => resolve(undefined),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 },
    );
  });

type Index = { grids: Hold['grids']; tree: Flatbush | undefined };
let index: Index | undefined;

/** The grid a point lies in, found without a network. */
export function gridAt(hold: Hold, { lng, lat }: Point): string | undefined {
  const { grids } = hold;
  if (index?.grids.length !== grids.length || index.grids[0]?.region !== grids[0]?.region) {
    const tree = grids.length ? new Flatbush(grids.length) : undefined;
    for (const { geometry } of grids) {
      const points: [number, number][] = (
        geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat()
      ).flat();
      const xs = points.map(point => point[0]);
      const ys = points.map(point => point[1]);
      tree!.add(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
    }
    tree?.finish();
    index = { grids, tree };
  }
  for (const i of index.tree?.search(lng, lat, lng, lat) ?? []) {
    const { geometry, region } = index.grids[i]!;
    const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
    if (polygons.some((polygon: any) => inPolygon([lng, lat], polygon) !== false)) return region;
  }
}
