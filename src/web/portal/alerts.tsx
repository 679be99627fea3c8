/** @jsxImportSource preact */
/** Alerts in force. A reader is counted once for each, by a token made for that alert alone. */
import { useState } from 'preact/hooks';
import { ask, mint } from './api.ts';
import { dayTime, named, PlacePicker, useAsked, usePage, useWords } from './pieces.tsx';

export default function Alerts() {
  const { t } = useWords();
  const { county } = usePage();
  const [region, setRegion] = useState('');
  const [read, setRead] = useState<string[]>([]);
  const { data, view } = useAsked(
    () => ask('alerts', 'GET', `/${county}/alerts${region ? `?region=${region}` : ''}`),
    [region],
  );
  return (
    <>
      <h1>{t('alerts')}</h1>
      <section>
        <PlacePicker region={region} onPick={setRegion} />
      </section>
      {view}
      {data && !data.alerts.length && <p role="status">{t('noAlerts')}</p>}
      {data?.alerts.map(one => (
        <section key={one.id}>
          <span class={`level ${one.level}`}>
            ⚠ {named(t, 'level', one.level)} · {named(t, 'sort', one.sort)}
          </span>
          <h2>{one.title}</h2>
          <p class="pre">{one.body}</p>
          <p class="quiet">
            {one.audience.map(who => named(t, 'audience', who)).join('、')} {t('validUntil')} {dayTime(one.until)}
          </p>
          <button
            type="button"
            disabled={read.includes(one.id)}
            onClick={() => {
              setRead([...read, one.id]);
              void ask('seen', 'POST', `/${county}/alerts/${one.id}/seen`, {
                token: mint(),
                ...(region && { region }),
              }).catch(() => {});
            }}
          >
            {read.includes(one.id) ? t('readDone') : t('read')}
          </button>
        </section>
      ))}
    </>
  );
}
