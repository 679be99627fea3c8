/** Places by a few letters of their names. */

import { useInfiniteQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useState } from 'react';
import { placeContracts } from '../../places/contract.ts';
import type { PlaceKind } from '../../places/kinds.ts';
import { type Answer, call } from '../ui/api.ts';

export type Place = Answer<typeof placeContracts.list>['rows'][number];

export const usePlaces = (kind: PlaceKind | undefined, q: string, state?: Place['state']) =>
  useInfiniteQuery({
    queryKey: ['places', kind, q, state],
    queryFn: ({ pageParam }) =>
      call(placeContracts.list, {
        query: {
          limit: 100,
          ...(kind && { kind }),
          ...(q && { q }),
          ...(state && { state }),
          ...(pageParam && { cursor: pageParam }),
        },
      }),
    initialPageParam: '',
    getNextPageParam: page => page.next,
    placeholderData: old => old,
  });

/** A place by typing some of its name, as a field of a form. */
export function PlaceChoice({
  kind,
  id,
  value,
  onChange,
}: {
  kind: PlaceKind;
  id?: string;
  value?: string;
  onChange?(id: string): void;
}) {
  const [q, setQ] = useState('');
  const list = usePlaces(kind, q);
  const rows = list.data?.pages.flatMap(page => page.rows) ?? [];
  return (
    <Select
      {...(id && { id })}
      {...(value && { value })}
      {...(onChange && { onChange })}
      showSearch={{ onSearch: setQ, filterOption: false }}
      options={rows.map(place => ({ value: place.id, label: place.name }))}
    />
  );
}
