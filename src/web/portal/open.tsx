/** @jsxImportSource preact */
/** Figures and answers, each released by a second person; nobody stands in them. */
import { ask } from './api.ts';
import { dayTime, named, useAsked, usePage, useWords } from './pieces.tsx';

export default function Open() {
  const { t } = useWords();
  const { county } = usePage();
  const figures = useAsked(() => ask('open', 'GET', `/${county}/open?sort=figures`), [county]);
  const answers = useAsked(() => ask('open', 'GET', `/${county}/open?sort=answer`), [county]);
  const latest = figures.data?.rows[0];
  const shares = Object.entries((latest?.body.figures ?? {}) as Record<string, { part: number; whole: number }>);
  return (
    <>
      <h1>{t('open')}</h1>
      {figures.view}
      {latest && (
        <section>
          <h2>
            {t('figures')} {latest.title}
          </h2>
          {shares.map(([name, { part, whole }]) => (
            <p key={name}>
              <strong>
                {named(t, 'figure', name)} {((100 * part) / whole).toFixed(1)} %
              </strong>{' '}
              <span class="quiet">{t('ofAll', { a: part, b: whole })}</span>
              <meter min={0} max={whole} value={part} aria-label={named(t, 'figure', name)} />
            </p>
          ))}
        </section>
      )}
      <h2>{t('answers')}</h2>
      {answers.view}
      {answers.data && !answers.data.rows.length && <p>{t('noneYet')}</p>}
      {answers.data?.rows.map(one => (
        <section key={one.id}>
          <h2>{one.title}</h2>
          <dl>
            <dt>{t('askedQ')}</dt>
            <dd>{String(one.body.question ?? '')}</dd>
            <dt>{t('answeredA')}</dt>
            <dd>{String(one.body.answer ?? '')}</dd>
          </dl>
          <p class="quiet">{dayTime(one.at)}</p>
        </section>
      ))}
    </>
  );
}
