/** A place by typing some of its name, as a field of a form. */
import { placeContracts } from '../../places/contract.ts';
import type { PlaceKind } from '../../places/kinds.ts';
import { type Answer, call } from '../ui/api.ts';
import { SearchSelect } from './search-select.tsx';

export type Place = Answer<typeof placeContracts.list>['rows'][number];

export function PlaceChoice({
  kind,
  onChange,
  ...field
}: {
  kind: PlaceKind;
  id?: string;
  value?: string;
  onChange?(id: string | undefined): void;
}) {
  return (
    <SearchSelect<Place>
      {...field}
      name={['places', 'choice', kind]}
      find={async q => (await call(placeContracts.list, { query: { limit: 100, kind, q } })).rows}
      choices={place => [{ value: place.id, label: place.name }]}
      onPick={id => onChange?.(id)}
    />
  );
}
