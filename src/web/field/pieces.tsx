/** Shared pieces of the phone's screens. */
import { createContext, type ReactNode, useContext, useEffect, useRef, useState, useSyncExternalStore } from 'react';
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

/** How a draft stands: not read yet, what is seen is kept, it is being sealed, it did not fit. */
export type DraftState = 'unread' | 'kept' | 'keeping' | 'full';

/** What a block of the vault holds while something is typed, kept with every change. */
export function useDraft<T>(id: string, empty: T): [T, (next: T) => void, DraftState] {
  const { session } = useSession();
  const [value, setValue] = useState(empty);
  const [state, setState] = useState<DraftState>('unread');
  const last = useRef<T>(empty);
  useEffect(() => {
    let here = true;
    session
      .draft<T>(id)
      .then(found => {
        if (!here) return;
        if (found) setValue(found);
        setState('kept');
      })
      .catch(() => setState('kept'));
    return () => {
      here = false;
    };
  }, [session, id]);
  const keep = (next: T) => {
    setValue(next);
    setState('keeping');
    last.current = next;
    const told = (state: DraftState) => last.current === next && setState(state);
    void session.keep(id, next).then(
      () => told('kept'),
      () => told('full'),
    );
  };
  return [value, keep, state];
}

/** Says whether what was typed would outlive the app; that it would not is said in any case. */
export function DraftNote({ state, typed }: { state: DraftState; typed: boolean }) {
  const { t } = useSession();
  if (state === 'full')
    return (
      <p role="alert" className="say late">
        {t('draftFull')}
      </p>
    );
  return typed && <span className="quiet">{t(state === 'keeping' ? 'draftKeeping' : 'draftKept')}</span>;
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
