/** Shared pieces of the phone's screens. */
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { minuteOf } from '../../matters/clocks.ts';
import type { Session } from './session.ts';
import { type FieldWord, word } from './words.ts';

export const SessionContext = createContext<Session | undefined>(undefined);
export function useSession() {
  const session = useContext(SessionContext)!;
  useSyncExternalStore(session.subscribe, () => session.version);
  const t = (key: FieldWord, fill?: Record<string, string | number>) => word(session.language, key, fill);
  return { session, hold: session.hold!, t, language: session.language };
}

export const go = (path: string) => {
  location.hash = path;
};

export function Screen({ title, back, children }: { title: string; back?: string; children: ReactNode }) {
  const { t } = useSession();
  return (
    <main id="main">
      <header className="head">
        {back && (
          <a href={`#${back}`} className="back">
            {t('back')}
          </a>
        )}
        <h1>{title}</h1>
      </header>
      {children}
    </main>
  );
}

/** A deadline in words and never by colour alone. */
export function Due({ at, now }: { at: number | null; now: number }) {
  const { t } = useSession();
  if (at === null) return null;
  const late = at < now;
  return (
    <span className={late ? 'late' : 'quiet'}>
      {late ? `⚠ ${t('late')}` : t('due')} {minuteOf(at)}
    </span>
  );
}

/** What a block of the vault holds while something is typed, kept with every change. */
export function useDraft<T>(id: string, empty: T): [T, (next: T) => void, boolean] {
  const { session } = useSession();
  const [value, setValue] = useState(empty);
  const [read, setRead] = useState(false);
  useEffect(() => {
    let here = true;
    session.drafts
      .get<T>(id)
      .then(found => {
        if (!here) return;
        if (found) setValue(found);
        setRead(true);
      })
      .catch(() => setRead(true));
    return () => {
      here = false;
    };
  }, [session, id]);
  const keep = (next: T) => {
    setValue(next);
    void session.drafts.put(id, next).catch(() => {});
  };
  return [value, keep, read];
}

export function Empty({ title, hint }: { title: string; hint?: string }) {
  return (
    <div className="empty">
      <p>{title}</p>
      {hint && <p className="quiet">{hint}</p>}
    </div>
  );
}

/** A long list, fifty at a time: twenty thousand rows are never drawn at once. */
export function Rows<T>({ rows, children }: { rows: readonly T[]; children: (row: T) => ReactNode }) {
  const { t } = useSession();
  const [shown, setShown] = useState(50);
  return (
    <>
      <ul className="rows">{rows.slice(0, shown).map(children)}</ul>
      {rows.length > shown && (
        <button type="button" onClick={() => setShown(shown + 50)}>
          {t('more')}
        </button>
      )}
    </>
  );
}
