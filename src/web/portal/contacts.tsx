/** @jsxImportSource preact */
/** Who is responsible for a place, from the grid worker up, with numbers to press. */
import { useState } from 'preact/hooks';
import { ask } from './api.ts';
import { named, PlacePicker, useAsked, usePage, useWords } from './pieces.tsx';

export default function Contacts() {
  const { t } = useWords();
  const { county } = usePage();
  const [region, setRegion] = useState('');
  const { data, view } = useAsked(
    () => (region ? ask('contacts', 'GET', `/${county}/contacts/${region}`) : Promise.resolve(null)),
    [region],
  );
  return (
    <>
      <h1>{t('contacts')}</h1>
      <section>
        <PlacePicker region={region} onPick={setRegion} />
      </section>
      {view}
      {data && (
        <section aria-live="polite">
          <h2>{data.path.join(' / ')}</h2>
          {data.contacts.map(one => (
            <p key={one.what + one.unit + one.person}>
              <span class="quiet">{named(t, 'contact', one.what)}</span>
              <br />
              <strong>{one.person ?? one.unit}</strong> {one.person && one.unit}
              <br />
              {one.phone ? (
                <a class="button" href={`tel:${one.phone}`}>{`${t('call')} ${one.phone}`}</a>
              ) : (
                <span class="quiet">{t('noPhone')}</span>
              )}
            </p>
          ))}
          {!data.contacts.length && <p>{t('noneYet')}</p>}
        </section>
      )}
    </>
  );
}
