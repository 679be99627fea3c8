/** @jsxImportSource preact */
/** Mediators one may choose from. */
import { ask } from './api.ts';
import { go, useAsked, usePage, useWords } from './pieces.tsx';
import { startDraft } from './raise.tsx';

export default function Mediators() {
  const { t } = useWords();
  const { county } = usePage();
  const { data, view } = useAsked(() => ask('mediators', 'GET', `/${county}/mediators`), [county]);
  return (
    <>
      <h1>{t('mediators')}</h1>
      <p>{t('mediatorsHint')}</p>
      {view}
      {data && !data.mediators.length && <p>{t('noneYet')}</p>}
      {data?.mediators.map(one => (
        <section key={one.id}>
          <h2>{one.name}</h2>
          <p>
            {one.committee}
            <br />
            <span class="quiet">{[...one.specialities, ...one.languages, one.free].filter(Boolean).join(' · ')}</span>
          </p>
          <button
            type="button"
            onClick={() => {
              startDraft({ kind: 'dispute', wanted: [one.id] });
              go(`/portal/${county}/raise`);
            }}
          >
            {t('wantMediation')}
          </button>
        </section>
      ))}
    </>
  );
}
