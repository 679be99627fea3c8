/** @jsxImportSource preact */
/** Shared pieces of the portal: words, where one is, one way of asking and of saying what went wrong. */
import { type ComponentChildren, createContext } from 'preact';
import { useCallback, useContext, useEffect, useRef, useState } from 'preact/hooks';
import { Refused, type Reply } from './api.ts';
import { type Word, words } from './words.ts';

export type Language = 'zh' | 'en';
export type Home = Reply<'home'>;
export type Page = { county: string; home: Home; language: Language };
export const PageContext = createContext<Page | undefined>(undefined);
export const usePage = (): Page => useContext(PageContext)!;
export const LanguageContext = createContext<Language>('zh');

export type Say = (word: Word, more?: Record<string, string | number>) => string;
export function useWords(): { t: Say; language: Language } {
  const language = useContext(LanguageContext);
  const t: Say = (word, more) =>
    words[word][language === 'zh' ? 0 : 1].replace(/\{(\w+)\}/g, (_, key: string) => String(more?.[key] ?? ''));
  return { t, language };
}

/** A word whose name is put together from data; the data itself where there is none. */
export const named = (t: Say, set: string, value: string): string =>
  `${set}_${value}` in words ? t(`${set}_${value}` as Word) : value;

export function go(path: string): void {
  history.pushState(null, '', path);
  dispatchEvent(new PopStateEvent('popstate'));
  scrollTo(0, 0);
}
/** A link within the portal: works without script too, and then loads the page. */
export const Link = ({ to, class: name, children }: { to: string; class?: string; children: ComponentChildren }) => (
  <a
    href={to}
    class={name}
    onClick={event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go(to);
    }}
  >
    {children}
  </a>
);

export const wrongOf = (error: unknown, t: Say, hotline = '12345'): string =>
  error instanceof Refused
    ? error.code === 'offline'
      ? t('offline')
      : error.message || t('broken', { n: hotline })
    : t('broken', { n: hotline });

/** Reads once; says that it loads, that it failed, and offers to try again. */
export function useAsked<T>(
  read: () => Promise<T>,
  keys: unknown[],
): { data: T | undefined; view: ComponentChildren; again(): void } {
  const { t } = useWords();
  const [data, setData] = useState<T>();
  const [wrong, setWrong] = useState<unknown>();
  const latest = useRef(read);
  latest.current = read;
  const again = useCallback(() => {
    setWrong(undefined);
    latest.current().then(setData, setWrong);
  }, []);
  const key = keys.join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked is named by its keys
  useEffect(again, [again, key]);
  const view = wrong ? (
    <section role="alert">
      <p>{wrongOf(wrong, t)}</p>
      <button type="button" onClick={again}>
        {t('again')}
      </button>
    </section>
  ) : data === undefined ? (
    <p role="status">{t('loading')}</p>
  ) : null;
  return { data, view, again };
}

/** Sends: busy meanwhile, then what went wrong or what was done. */
export function useSending() {
  const { t } = useWords();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState('');
  const [said, setSaid] = useState('');
  const send = async (work: () => Promise<string | undefined>): Promise<boolean> => {
    setBusy(true);
    setWrong('');
    setSaid('');
    try {
      setSaid((await work()) ?? '');
      return true;
    } catch (error) {
      setWrong(wrongOf(error, t));
      return false;
    } finally {
      setBusy(false);
    }
  };
  const word = (
    <div aria-live="polite">
      {wrong && (
        <p role="alert" class="say late">
          {wrong}
        </p>
      )}
      {said && <p class="say">{said}</p>}
    </div>
  );
  return { busy, send, word, refuse: setWrong };
}

export const dayTime = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
export const clock = (at: number) => dayTime(at).slice(11);

export function Field({
  label,
  value,
  onInput,
  ...more
}: { label: string; value: string; onInput(value: string): void } & Record<string, unknown>) {
  return (
    <label>
      {label}
      <input value={value} onInput={event => onInput(event.currentTarget.value)} {...more} />
    </label>
  );
}
export function Area({
  label,
  value,
  onInput,
  ...more
}: { label: string; value: string; onInput(value: string): void } & Record<string, unknown>) {
  return (
    <label>
      {label}
      <textarea value={value} onInput={event => onInput(event.currentTarget.value)} {...more} />
    </label>
  );
}
/** One of few: radio buttons large enough for a thumb. */
export function OneOf<T extends string>({
  legend,
  name,
  options,
  value,
  onPick,
}: {
  legend: string;
  name: string;
  options: readonly (readonly [T, string])[];
  value: T | undefined;
  onPick(value: T): void;
}) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {options.map(([one, label]) => (
        <label key={one} class="pick">
          <input type="radio" name={name} checked={value === one} onChange={() => onPick(one)} />
          {label}
        </label>
      ))}
    </fieldset>
  );
}
/** Township, then village: the nearest that everybody knows by name. */
export function PlacePicker({ region, onPick }: { region: string; onPick(region: string): void }) {
  const { t } = useWords();
  const { home } = usePage();
  const township = home.places.find(one => region.startsWith(one.code.slice(0, 9)));
  return (
    <>
      <label>
        {t('township')}
        <select value={township?.code ?? ''} onChange={event => onPick(event.currentTarget.value)}>
          <option value="">{t('choose')}</option>
          {home.places.map(one => (
            <option key={one.code} value={one.code}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
      {township && township.villages.length > 0 && (
        <label>
          {t('village')}
          <select value={region.slice(0, 12)} onChange={event => onPick(event.currentTarget.value)}>
            <option value={township.code}>{t('choose')}</option>
            {township.villages.map(one => (
              <option key={one.code} value={one.code}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}
