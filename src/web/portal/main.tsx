/** @jsxImportSource preact */
/** The residents' portal: light pages, no account. Each page but the first two is fetched when it is opened. */
import { type ComponentType, render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask, speak } from './api.ts';
import { type Language, LanguageContext, Link, PageContext, useAsked, useWords } from './pieces.tsx';
import { Raise } from './raise.tsx';
import { Track } from './track.tsx';
import type { Word } from './words.ts';
import './style.css';

const later: Record<string, () => Promise<{ default: ComponentType }>> = {
  contacts: () => import('./contacts.tsx'),
  services: () => import('./services.tsx'),
  open: () => import('./open.tsx'),
  wishes: () => import('./wishes.tsx'),
  alerts: () => import('./alerts.tsx'),
  mediators: () => import('./mediators.tsx'),
  tip: () => import('./tip.tsx'),
  ballot: () => import('./ballot.tsx'),
};
const tiles = [
  'contacts',
  'services',
  'open',
  'wishes',
  'alerts',
  'mediators',
  'tip',
] as const satisfies readonly Word[];

function usePath(): string {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const moved = () => setPath(location.pathname);
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }, []);
  return path;
}

function Later({ name }: { name: string }) {
  const { data, view } = useAsked(() => later[name]!(), [name]);
  const Page = data?.default;
  return Page ? <Page /> : <>{view}</>;
}

function Start({ county }: { county: string }) {
  const { t } = useWords();
  const { data: home } = useAsked(() => ask('home', 'GET', `/${county}`), [county]);
  return (
    <>
      <h1>{t('lead')}</h1>
      <p>{t('leadHint')}</p>
      <Link to={`/portal/${county}/raise`} class="button main wide">
        {t('raise')}
      </Link>
      <Link to={`/portal/${county}/track`} class="button wide">
        {t('track')}
      </Link>
      <p class="say late">{t('emergency')}</p>
      <nav aria-label={t('title')}>
        <ul class="tiles">
          {tiles.map(one => (
            <li key={one}>
              <Link to={`/portal/${county}/${one}`}>
                {one === 'alerts' && home?.alerts ? t('alertsNow', { n: home.alerts }) : t(one)}
              </Link>
            </li>
          ))}
          <li>
            <a href={`tel:${home?.setting.hotline ?? '12345'}`}>
              {t('hotline')} {home?.setting.hotline ?? '12345'}
            </a>
          </li>
        </ul>
      </nav>
    </>
  );
}

function County({ county, page }: { county: string; page: string | undefined }) {
  const { t, language } = useWords();
  const { data: home, view } = useAsked(() => ask('home', 'GET', `/${county}`), [county]);
  useEffect(() => {
    if (home) document.title = `${home.name} · ${t('title')}`;
  }, [home, t]);
  if (!home) return <>{page ? view : <Start county={county} />}</>;
  const name = page?.split('/')[0];
  return (
    <PageContext.Provider value={{ county, home, language }}>
      {name === 'raise' ? (
        <Raise />
      ) : name === 'track' ? (
        <Track />
      ) : name && name in later ? (
        <Later name={name} />
      ) : (
        <Start county={county} />
      )}
    </PageContext.Provider>
  );
}

function Choose() {
  const { t } = useWords();
  const { data, view } = useAsked(() => ask('counties', 'GET', ''), []);
  useEffect(() => {
    if (data?.counties.length === 1) location.replace(`/portal/${data.counties[0]!.county}`);
  }, [data]);
  return (
    <>
      <h1>{t('chooseCounty')}</h1>
      {view}
      <ul class="tiles">
        {data?.counties.map(one => (
          <li key={one.county}>
            <Link to={`/portal/${one.county}`}>{one.name}</Link>
          </li>
        ))}
      </ul>
    </>
  );
}

const kept = (key: string): string | null => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};
const keep = (key: string, value: string) => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A browser that keeps nothing shows the choice for this visit.
  }
};

function Portal() {
  const path = usePath();
  const [language, setLanguage] = useState<Language>(
    (kept('language') as Language) ?? (navigator.language.startsWith('en') ? 'en' : 'zh'),
  );
  const [senior, setSenior] = useState(kept('senior') === 'yes');
  speak(language);
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.documentElement.classList.toggle('senior', senior);
    keep('language', language);
    keep('senior', senior ? 'yes' : 'no');
  }, [language, senior]);
  const [, county, page] = /^\/portal\/(\d{6})(?:\/(.+))?$/.exec(path) ?? [];
  return (
    <LanguageContext.Provider value={language}>
      <Top language={language} onLanguage={setLanguage} senior={senior} onSenior={setSenior} county={county} />
      <main id="main">{county ? <County key={county} county={county} page={page} /> : <Choose />}</main>
    </LanguageContext.Provider>
  );
}

function Top({
  language,
  onLanguage,
  senior,
  onSenior,
  county,
}: {
  language: Language;
  onLanguage(to: Language): void;
  senior: boolean;
  onSenior(to: boolean): void;
  county: string | undefined;
}) {
  const { t } = useWords();
  return (
    <header class="top">
      <Link to={county ? `/portal/${county}` : '/portal'}>
        {t('brand')} · {t('title')}
      </Link>
      <span>
        <button type="button" aria-pressed={senior} onClick={() => onSenior(!senior)}>
          {senior ? t('standard') : t('senior')}
        </button>
        <button
          type="button"
          lang={language === 'zh' ? 'en' : 'zh-CN'}
          onClick={() => onLanguage(language === 'zh' ? 'en' : 'zh')}
        >
          {t('other')}
        </button>
      </span>
    </header>
  );
}

const root = document.getElementById('root')!;
root.textContent = '';
render(<Portal />, root);
