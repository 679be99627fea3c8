/** 我的: posts, what the phone holds, notices, locking and signing out. */
import { useEffect, useState } from 'react';
import { minuteOf } from '../../matters/clocks.ts';
import { Empty, Screen, useSession } from './pieces.tsx';
import { isWord } from './words.ts';

export function Mine() {
  const { session, hold, t } = useSession();
  const [used, setUsed] = useState(0);
  useEffect(() => {
    void navigator.storage?.estimate?.().then(({ usage = 0 }) => setUsed(usage));
  }, []);
  const noticeOf = (what: string) => {
    const key = `notice.${what}`;
    return t(isWord(key) ? key : 'notice.other');
  };
  return (
    <Screen title={t('mine')}>
      <section>
        <h2>{hold.me?.name}</h2>
        {hold.me?.posts.map(post => (
          <p key={`${post.unit}${post.role}`}>
            {post.unitName}　{hold.regionName(post.region)}
          </p>
        ))}
      </section>
      <section>
        <h2>{t('held')}</h2>
        <p>{t('heldCount', { m: hold.matters.size, d: hold.duties.length, p: hold.places.length })}</p>
        <p className="quiet">{t('storage', { used: (used / 1e6).toFixed(1) })}</p>
        {hold.head.held > 0 && <p className="say warn">{t('heldN', { n: hold.head.held })}</p>}
        <div className="pair">
          <button type="button" onClick={() => void session.sync()} disabled={session.syncing}>
            {t('syncNow')}
          </button>
          <button type="button" onClick={() => session.lock()}>
            {t('lockNow')}
          </button>
        </div>
      </section>
      <section>
        <h2>{t('notices')}</h2>
        {hold.head.told.length === 0 && <Empty title={t('noNotices')} />}
        <ul className="rows">
          {hold.head.told.map(one => (
            <li key={one.id}>
              <a href={one.matter ? `#/matter/${one.matter}` : '#/tasks'}>
                <strong>{noticeOf(one.what)}</strong>
                <span className="line quiet">
                  {one.number} {minuteOf(one.at)}
                </span>
              </a>
            </li>
          ))}
        </ul>
      </section>
      <button
        type="button"
        className="late"
        onClick={() => confirm(t('signOutSure', { n: session.waiting + session.refused })) && void session.signOut()}
      >
        {t('signOut')}
      </button>
    </Screen>
  );
}
