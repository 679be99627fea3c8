/** The page of one side of a mediation, opened by its link: consent, choice, agreement, signature. Light enough for an old phone. */
import { StrictMode, useCallback, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { v7 as uuid } from 'uuid';
import { SignaturePad } from '../ui/pad.tsx';
import { type SideWord, sideWords } from './words.ts';
import './style.css';

type View = {
  number: string;
  committee: string;
  me: { name: string; role: string };
  other: { name: string; role: string }[];
  consents: boolean | null;
  choice: string[];
  directory: {
    id: string;
    name: string;
    committee: string;
    specialities: string[];
    languages: string[];
    free: string;
    photo: boolean;
  }[];
  mediators: { id: string; name: string; state: 'asked' | 'accepted' | 'declined' | 'recused'; interest: boolean }[];
  sittings: { at: number; room: string | null; state: 'planned' | 'held' | 'adjourned' | 'cancelled' }[];
  agreement: {
    text: string;
    clauses: string[];
    hash: string;
    signed: boolean;
    inForceAt: number | null;
    total: number;
    instalments: { clause: number; from: string; to: string; due: string; fen: number; paid: number }[];
  } | null;
  outcome: 'agreed' | 'failed' | 'refused' | 'withdrawn' | null;
};

const token = location.hash.slice(1);
const language = navigator.language.startsWith('en') ? 1 : 0;
const t = (word: SideWord) => sideWords[word][language];
const day = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
const yuan = (fen: number) => (fen / 100).toFixed(2);
async function ask<T>(path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/v1/side${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'x-side': token,
        'accept-language': language ? 'en' : 'zh',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Error(t('offline'));
  }
  const answer = await response.json();
  if (!response.ok) throw new Error(response.status === 404 ? t('noLink') : answer.error.message);
  return answer as T;
}

function Page() {
  const [view, setView] = useState<View>();
  const [wrong, setWrong] = useState('');
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const look = useCallback(
    () =>
      ask<View>('')
        .then(seen => {
          setView(seen);
          setWrong('');
        })
        .catch(error => setWrong(error.message)),
    [],
  );
  useEffect(() => {
    void look();
    const timer = setInterval(look, 8000);
    return () => clearInterval(timer);
  }, [look]);
  const send = async (path: string, body: unknown) => {
    setBusy(true);
    setSaid('');
    setWrong('');
    try {
      await ask(path, body);
      setSaid(t('saved'));
      await look();
    } catch (error) {
      setWrong((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  const act = (what: object) => send('/actions', { id: uuid(), do: what });
  if (!view)
    return (
      <main>
        <p role={wrong ? 'alert' : 'status'}>{wrong || t('loading')}</p>
      </main>
    );
  const running = view.outcome === null;
  return (
    <main>
      <h1>{view.committee}</h1>
      <p className="quiet">
        {view.number}　{t('you')}：{t(view.me.role as SideWord)} {view.me.name}　{t('other')}：
        {view.other.map(one => one.name).join('、')}
      </p>
      {wrong && (
        <p role="alert" className="say late">
          {wrong}
        </p>
      )}
      {said && (
        <p role="status" className="say">
          {said}
        </p>
      )}
      {view.outcome && (
        <section>
          <h2>
            {t('ended')}
            {t(view.outcome)}
          </h2>
          {view.outcome !== 'agreed' && <p>{t('routes')}</p>}
        </section>
      )}
      {running && (
        <section>
          <h2>{t('rights')}</h2>
          <p>{t('rightsText')}</p>
          {view.consents ? (
            <p className="say">{t('agreedTo')}</p>
          ) : (
            <>
              <p>
                <strong>{t('ask')}</strong>
              </p>
              <button
                type="button"
                className="main"
                disabled={busy}
                onClick={() => act({ what: 'consent', yes: true })}
              >
                {t('yes')}
              </button>
            </>
          )}
          <button
            type="button"
            disabled={busy}
            onClick={() => window.confirm(t('sure')) && act({ what: 'consent', yes: false })}
          >
            {t('no')}
          </button>
        </section>
      )}
      {running && !view.agreement && (
        <Choose
          key={view.choice.join()}
          view={view}
          busy={busy}
          onSend={mediators => act({ what: 'choose', mediators })}
        />
      )}
      {view.mediators.length > 0 && (
        <section>
          <h2>{t('mediators')}</h2>
          {view.mediators.map(one => (
            <div key={one.id}>
              {one.name}　<span className="quiet">{t(one.state)}</span>
              {one.interest && <span className="late">　⚠ {t('interest')}</span>}
              {running && (one.state === 'asked' || one.state === 'accepted') && (
                <button type="button" disabled={busy} onClick={() => act({ what: 'object', mediator: one.id })}>
                  {t('object')}
                </button>
              )}
            </div>
          ))}
        </section>
      )}
      {view.sittings.length > 0 && (
        <section>
          <h2>{t('sittings')}</h2>
          {view.sittings.map(one => (
            <div key={one.at}>
              {day(one.at)} {one.room}　<span className="quiet">{t(one.state)}</span>
            </div>
          ))}
        </section>
      )}
      {view.agreement && (
        <Agreement
          key={view.agreement.hash}
          agreement={view.agreement}
          busy={busy}
          running={running}
          onSign={png =>
            send('/signature', { id: uuid(), file: uuid(), attach: uuid(), hash: view.agreement!.hash, png })
          }
        />
      )}
    </main>
  );
}

function Choose({ view, busy, onSend }: { view: View; busy: boolean; onSend(mediators: string[]): void }) {
  const [picked, setPicked] = useState(view.choice);
  return (
    <section>
      <h2>{t('choose')}</h2>
      <p className="quiet">{t('chooseHint')}</p>
      {view.directory.map(one => (
        <label key={one.id} className="pick">
          <input
            type="checkbox"
            checked={picked.includes(one.id)}
            onChange={event =>
              setPicked(event.target.checked ? [...picked, one.id] : picked.filter(id => id !== one.id))
            }
          />
          {one.photo && <img src={`/api/v1/mediators/${one.id}/photo`} alt="" />}
          <span>
            <strong>{one.name}</strong>　{one.committee}
            <br />
            <span className="quiet">
              {[...one.specialities, ...one.languages, one.free].filter(Boolean).join('、')}
            </span>
          </span>
        </label>
      ))}
      <button type="button" className="main" disabled={busy || picked.length > 9} onClick={() => onSend(picked)}>
        {t('save')}
      </button>
    </section>
  );
}

function Agreement({
  agreement,
  busy,
  running,
  onSign,
}: {
  agreement: NonNullable<View['agreement']>;
  busy: boolean;
  running: boolean;
  onSign(png: string): void;
}) {
  const [png, setPng] = useState<string>();
  return (
    <section>
      <h2>{t('agreement')}</h2>
      <p>{agreement.text}</p>
      <ol>
        {agreement.clauses.map((clause, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a clause is its place in the agreement
          <li key={i}>{clause}</li>
        ))}
      </ol>
      {agreement.instalments.length > 0 && (
        <table>
          <thead>
            <tr>
              <th>{t('due')}</th>
              <th>{t('pays')}</th>
              <th>{t('amount')}</th>
              <th>{t('paid')}</th>
            </tr>
          </thead>
          <tbody>
            {agreement.instalments.map(one => (
              <tr key={`${one.clause}${one.due}`}>
                <td>{one.due}</td>
                <td>
                  {one.from} → {one.to}
                </td>
                <td>{yuan(one.fen)}</td>
                <td>{yuan(one.paid)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p>
        {t('total')} <strong>{yuan(agreement.total)}</strong>
      </p>
      {agreement.inForceAt && (
        <p className="say">
          {t('inForce')}
          {day(agreement.inForceAt)}
        </p>
      )}
      {agreement.signed ? (
        <p className="say">{t('signed')}</p>
      ) : (
        running && (
          <>
            <p>{t('readFirst')}</p>
            <p>{t('signHere')}</p>
            <SignaturePad label={t('signHere')} again={t('again')} onChange={setPng} />
            <button type="button" className="main" disabled={busy || !png} onClick={() => png && onSign(png)}>
              {t('sign')}
            </button>
          </>
        )
      )}
    </section>
  );
}

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
