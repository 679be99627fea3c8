/** A duty at its place: guide, proof of presence, checklist, what was found, the host's signature. */
import { useRef, useState } from 'react';
import { v7 as uuid } from 'uuid';
import { type Answer, answers, metresBetween, nearMetres } from '../../places/kinds.ts';
import type { Duty, outcomes } from '../../rounds/contract.ts';
import { sortNames } from '../../rounds/words.ts';
import { SignaturePad } from '../ui/pad.tsx';
import { whereAmI } from './here.ts';
import { canScan, codeIn } from './media.ts';
import { DraftNote, Due, Empty, go, Screen, useDraft, useSession } from './pieces.tsx';
import { Told } from './session.ts';

type Outcome = (typeof outcomes)[number];
type Draft = {
  outcome?: Outcome;
  matters?: string[];
  answers?: Record<string, Answer>;
  proof?: { code?: string; metres?: number };
  note?: string;
  host?: string;
  signature?: string;
  minutes?: string;
};

export function DutyPage({ id }: { id: string }) {
  const { session, hold, t, language } = useSession();
  const key = `draft:duty:${id}`;
  const [draft, setDraft, state] = useDraft<Draft>(key, {});
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const camera = useRef<HTMLInputElement>(null);
  const duty = hold.duties.find(one => one.id === id);
  if (!duty)
    return (
      <Screen title={t('tasks')} back="/tasks">
        <Empty title={t('noHits')} />
      </Screen>
    );
  const set = (more: Partial<Draft>) => setDraft({ ...draft, ...more });
  const form = hold.form(duty.placeKind);
  const matters = draft.matters ?? [];
  const outcome = draft.outcome;

  const nearby = async () => {
    setWrong('');
    if (duty.lng === null || duty.lat === null) return setWrong(t('noPlacePoint'));
    const here = await whereAmI();
    if (!here) return setWrong(t('noPosition'));
    const metres = Math.round(metresBetween(here, { lng: duty.lng, lat: duty.lat }));
    // Only how near it was leaves this function; where it was does not.
    if (metres > nearMetres) setWrong(t('farAway', { n: metres }));
    else set({ proof: { ...draft.proof, metres } });
  };
  const scan = async (file: File | undefined) => {
    const code = file && (await codeIn(file).catch(() => undefined));
    if (code) set({ proof: { ...draft.proof, code } });
    else setWrong(t('badPhoto'));
  };
  const submit = async () => {
    if (!outcome) return setWrong(t('choose'));
    if (outcome === 'findings' && !matters.length) return setWrong(t('needFinding'));
    setBusy(true);
    const entry = uuid();
    try {
      await session.send(
        [
          {
            title: duty.name,
            item: {
              do: 'enter',
              id: entry,
              input: {
                id: entry,
                county: duty.county,
                duty: duty.id,
                sort: duty.sort,
                region: duty.region,
                place: duty.place,
                outcome,
                matters: outcome === 'findings' ? matters : [],
                answers: draft.answers ?? {},
                proof: draft.proof ?? {},
                minutes: Number(draft.minutes) || null,
                words: {
                  ...(draft.note?.trim() && { note: draft.note.trim() }),
                  ...(draft.host?.trim() && { host: draft.host.trim() }),
                  ...(draft.signature && { signature: draft.signature }),
                },
              },
            },
          },
        ],
        [],
        key,
      );
      // Done as far as this phone knows; the server says so with the next pull.
      hold.duties = hold.duties.filter(one => one.id !== id);
      go('/log');
    } catch (error) {
      setWrong(error instanceof Told && error.code === 'full' ? t('full') : (error as Error).message);
      setBusy(false);
    }
  };
  if (state === 'unread') return null;
  const proven = Boolean(draft.proof?.code || draft.proof?.metres !== undefined);
  return (
    <Screen title={sortNames[language][duty.sort]} back="/tasks">
      <section>
        <h2>{duty.name}</h2>
        <p>
          {hold.regionName(duty.region)}　{duty.placeName ?? ''}
        </p>
        <Due at={duty.dueAt} now={Date.now()} />
      </section>
      {duty.state === 'missed' && <Reason duty={duty} />}
      {duty.guide && (
        <section>
          <h2>{t('guide')}</h2>
          <p className="pre">{duty.guide}</p>
        </section>
      )}
      {duty.place && (
        <section>
          <h2>{t('presence')}</h2>
          {proven ? (
            <p className="say good">✓ {t('proven')}</p>
          ) : (
            <>
              <div className="pair">
                {canScan() && (
                  <button type="button" onClick={() => camera.current?.click()}>
                    {t('scan')}
                  </button>
                )}
                <button type="button" onClick={() => void nearby()}>
                  {t('prove')}
                </button>
              </div>
              <input
                ref={camera}
                type="file"
                accept="image/*"
                capture="environment"
                hidden
                aria-label={t('scan')}
                onChange={e => void scan(e.target.files?.[0])}
              />
              <label>
                {t('typeCode')}
                <input
                  autoCapitalize="none"
                  onChange={e =>
                    e.target.value.startsWith('yd:') &&
                    e.target.value.length > 40 &&
                    set({ proof: { ...draft.proof, code: e.target.value.trim() } })
                  }
                />
              </label>
            </>
          )}
        </section>
      )}
      {form && form.checklist.length > 0 && (
        <section>
          <h2>{t('checklist')}</h2>
          {form.checklist.map(item => (
            <fieldset key={item.key}>
              <legend>{item.title}</legend>
              <div className="choice">
                {answers.map(answer => (
                  <button
                    key={answer}
                    type="button"
                    aria-pressed={draft.answers?.[item.key] === answer}
                    onClick={() => set({ answers: { ...draft.answers, [item.key]: answer } })}
                  >
                    {t(answer)}
                  </button>
                ))}
              </div>
            </fieldset>
          ))}
        </section>
      )}
      <fieldset>
        <legend>{t('result')}</legend>
        <div className="choice">
          {(duty.sort === 'visit'
            ? (['nothing', 'findings', 'nobody-there'] as const)
            : (['nothing', 'findings'] as const)
          ).map(one => (
            <button key={one} type="button" aria-pressed={outcome === one} onClick={() => set({ outcome: one })}>
              {t(one)}
            </button>
          ))}
        </div>
      </fieldset>
      {outcome === 'findings' && (
        <section>
          {matters.length > 0 && <p className="say good">{t('foundN', { n: matters.length })}</p>}
          <button type="button" onClick={() => go(`/found/${id}`)}>
            {t('addFinding')}
          </button>
        </section>
      )}
      <label>
        {duty.sort === 'visit' ? t('heard') : t('note')}
        <textarea rows={3} value={draft.note ?? ''} maxLength={4000} onChange={e => set({ note: e.target.value })} />
      </label>
      {duty.sort === 'visit' && outcome !== 'nobody-there' && (
        <section>
          <label>
            {t('host')}
            <input
              value={draft.host ?? ''}
              maxLength={40}
              autoComplete="off"
              onChange={e => set({ host: e.target.value })}
            />
          </label>
          <h2>{t('sign')}</h2>
          <SignaturePad
            label={t('sign')}
            again={t('clearDraft')}
            onChange={png => set({ signature: png ? `data:image/png;base64,${png}` : '' })}
          />
          {draft.signature && <p className="say good">✓ {t('sign')}</p>}
        </section>
      )}
      {duty.sort === 'task' && (
        <label>
          {t('minutes')}
          <input
            inputMode="numeric"
            value={draft.minutes ?? ''}
            onChange={e => set({ minutes: e.target.value.replace(/\D/g, '').slice(0, 4) })}
          />
        </label>
      )}
      <div className="foot">
        {wrong && (
          <p role="alert" className="say late">
            {wrong}
          </p>
        )}
        <button type="button" className="main big" disabled={busy} onClick={() => void submit()}>
          {t('finish')}
        </button>
        <DraftNote state={state} typed={Object.keys(draft).length > 0} />
      </div>
    </Screen>
  );
}

/** Why a duty was missed: said with a network, at once. */
function Reason({ duty }: { duty: Duty }) {
  const { session, t } = useSession();
  const [text, setText] = useState(duty.reason ?? '');
  const [said, setSaid] = useState('');
  const send = () =>
    session.ask('POST', `duties/${duty.county}/${duty.id}`, { step: 'reason', text }).then(
      () => setSaid(t('reasonSent')),
      error => setSaid(error.code === 'offline' ? t('offline') : error.message),
    );
  return (
    <section>
      <p className="say late">{t('missed')}</p>
      <label>
        {t('reason')}
        <input value={text} maxLength={500} onChange={e => setText(e.target.value)} />
      </label>
      <button type="button" disabled={text.trim().length < 2} onClick={() => void send()}>
        {t('sayReason')}
      </button>
      {said && <p role="status">{said}</p>}
    </section>
  );
}
