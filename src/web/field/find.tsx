/** 查找: over everything the phone holds, as one types. */
import { useDeferredValue, useMemo, useState } from 'react';
import { sortNames } from '../../rounds/words.ts';
import { search } from './hold.ts';
import { Empty, Rows, Screen, useSession } from './pieces.tsx';

export function Find() {
  const { hold, t } = useSession();
  const [typed, setTyped] = useState('');
  const wanted = useDeferredValue(typed);
  const { places } = hold;
  // biome-ignore lint/correctness/useExhaustiveDependencies: places come a moment after the rest
  const hits = useMemo(() => search(hold, wanted), [hold, wanted, places]);
  return (
    <Screen title={t('find')}>
      <label>
        {t('find')}
        <input type="search" value={typed} placeholder={t('searchHint')} onChange={e => setTyped(e.target.value)} />
      </label>
      {wanted.trim() && hits.length === 0 && <Empty title={t('noHits')} />}
      <Rows rows={hits}>
        {hit => (
          <li key={hit.id}>
            <a href={`#/${hit.type}/${hit.id}`}>
              <span className="tag">{t(hit.type === 'duty' ? 'tasks' : hit.type)}</span> <strong>{hit.title}</strong>
              <span className="line quiet">{hit.line}</span>
            </a>
          </li>
        )}
      </Rows>
    </Screen>
  );
}

export function PlacePage({ id }: { id: string }) {
  const { hold, t, language } = useSession();
  const place = hold.place(id);
  const form = hold.form(place?.kind ?? null);
  if (!place)
    return (
      <Screen title={t('place')} back="/find">
        <Empty title={t('noHits')} />
      </Screen>
    );
  const duties = hold.duties.filter(one => one.place === id);
  return (
    <Screen title={place.name} back="/find">
      <section>
        <p>
          <span className="tag">{form?.[language]}</span> {place.code}
        </p>
        <p className="quiet">{hold.regionName(place.region)}</p>
      </section>
      <a className="button main big" href={`#/at/${id}`}>
        {t('report')}
      </a>
      <Rows rows={duties}>
        {duty => (
          <li key={duty.id}>
            <a href={`#/duty/${duty.id}`}>
              <span className="tag">{sortNames[language][duty.sort]}</span> <strong>{duty.name}</strong>
            </a>
          </li>
        )}
      </Rows>
    </Screen>
  );
}
