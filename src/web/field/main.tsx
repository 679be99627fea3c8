/** The app of the field: locked or open, five screens, one line that says how things stand. */

import { registerSW } from 'virtual:pwa-register';
import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Redirect, Route, Router, Switch, useLocation } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { minuteOf } from '../../matters/clocks.ts';
import { DutyPage } from './duty.tsx';
import { Find, PlacePage } from './find.tsx';
import { Log } from './log.tsx';
import { MatterPage } from './matter.tsx';
import { Mine } from './mine.tsx';
import { SessionContext, useSession } from './pieces.tsx';
import { Report } from './report.tsx';
import { Session } from './session.ts';
import { SetPin, SignIn, Unlock } from './sign-in.tsx';
import { Tasks } from './tasks.tsx';
import './style.css';

const session = new Session();
const tabs = ['tasks', 'find', 'report', 'log', 'mine'] as const;

/** A new version waits until it is asked for; what is being typed lies in the vault, and is there again afterwards. */
function useUpdate(): (() => void) | undefined {
  const [update, setUpdate] = useState<() => void>();
  useEffect(() => {
    if (!('serviceWorker' in navigator)) return;
    const renew = registerSW({ onNeedRefresh: () => setUpdate(() => () => void renew(true)) });
  }, []);
  return update;
}

function Status() {
  const { session: s, hold, t } = useSession();
  const at = hold.head.syncedAt;
  const line = s.syncing
    ? t('syncing')
    : s.trouble
      ? t(s.trouble)
      : at
        ? t('online', { time: minuteOf(at).slice(5) })
        : t('neverSynced');
  return (
    <div className="status" role="status">
      <span className={s.trouble ? 'warn' : ''}>{line}</span>
      {s.waiting > 0 && <a href="#/log">{t('unsent', { n: s.waiting })}</a>}
      {s.refused > 0 && (
        <a href="#/log" className="late">
          ⚠ {t('refusedN', { n: s.refused })}
        </a>
      )}
      {s.stale && <p className="say warn">{t('stale')}</p>}
    </div>
  );
}

function App() {
  const { session: s, t, language } = useSession();
  const [path] = useLocation();
  const update = useUpdate();
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  }, [language]);
  const renew = update && (
    <p className="renew">
      {t('newVersion')}{' '}
      <button type="button" onClick={update}>
        {t('update')}
      </button>
    </p>
  );
  if (s.phase === 'starting') return <p role="status">{t('loading')}</p>;
  if (s.phase === 'new') return <SignIn />;
  if (s.phase === 'pin') return <SetPin />;
  if (s.phase === 'locked')
    return (
      <>
        {renew}
        <Unlock />
      </>
    );
  return (
    <>
      {renew}
      <Status />
      <Switch>
        <Route path="/tasks">
          <Tasks />
        </Route>
        <Route path="/report">
          <Report />
        </Route>
        <Route path="/found/:duty">{({ duty }) => <Report duty={duty} key={duty} />}</Route>
        <Route path="/at/:place">{({ place }) => <Report place={place} key={place} />}</Route>
        <Route path="/find">
          <Find />
        </Route>
        <Route path="/log">
          <Log />
        </Route>
        <Route path="/mine">
          <Mine />
        </Route>
        <Route path="/duty/:id">{({ id }) => <DutyPage id={id} key={id} />}</Route>
        <Route path="/matter/:id">{({ id }) => <MatterPage id={id} key={id} />}</Route>
        <Route path="/place/:id">{({ id }) => <PlacePage id={id} key={id} />}</Route>
        <Route>
          <Redirect to="/tasks" replace />
        </Route>
      </Switch>
      <nav className="tabs" aria-label={t('app')}>
        {tabs.map(tab => (
          <a
            key={tab}
            href={`#/${tab}`}
            className={tab === 'report' ? 'act' : ''}
            aria-current={path === `/${tab}` ? 'page' : undefined}
          >
            {t(tab)}
          </a>
        ))}
      </nav>
    </>
  );
}

void session.start();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <SessionContext value={session}>
      <Router hook={useHashLocation}>
        <App />
      </Router>
    </SessionContext>
  </StrictMode>,
);
