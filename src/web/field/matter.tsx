/** A matter as the phone holds it, and the steps that can be done in the field. */
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { kinds } from '../../kinds/kinds.ts';
import type { Action } from '../../matters/actions.ts';
import { minuteOf } from '../../matters/clocks.ts';
import { actionNames, stateNames } from '../../matters/words.ts';
import type { fieldActions, PhoneMatter } from '../../sync/contract.ts';
import { choices } from '../ui/words.ts';
import { reduced } from './media.ts';
import { DraftNote, Due, Empty, go, Screen, useDraft, useSession } from './pieces.tsx';
import { Told } from './session.ts';

type Step = (typeof fieldActions)[number];
/** What each step asks for besides words: a choice by its name in the word lists. */
const asks: Partial<Record<Step, { name: string; of: 'way' | 'result' | 'ground' | 'outcome' | 'danger' }>> = {
  contact: { name: 'way', of: 'way' },
  report: { name: 'result', of: 'result' },
  return: { name: 'ground', of: 'ground' },
  followUp: { name: 'outcome', of: 'outcome' },
  urgent: { name: 'danger', of: 'danger' },
};
const needsWords: readonly Step[] = ['note', 'contact', 'report', 'return', 'rectify', 'reinspect'];

export function MatterPage({ id }: { id: string }) {
  const { hold, t, language } = useSession();
  const [step, setStep] = useState<Step>();
  const matter = hold.matters.get(id);
  if (!matter)
    return (
      <Screen title={t('matter')} back="/tasks">
        <Empty title={t('noHits')} />
      </Screen>
    );
  return (
    <Screen title={matter.number} back="/tasks">
      <section>
        <p>
          <span className="tag">{kinds[matter.kind].label[language]}</span> {stateNames[language][matter.state]}
        </p>
        {matter.sensitive ? <p className="say warn">{t('sensitive')}</p> : <p className="pre">{matter.text}</p>}
        <p className="quiet">
          {t('place')}：
          {matter.path
            .slice(1)
            .map(code => hold.regionName(code))
            .join(' ')}
        </p>
        {matter.parties.length > 0 && <People matter={matter} />}
        <p className="quiet">{hold.unitName(matter.unit)}</p>
        <Due at={matter.dueAt} now={Date.now()} />
      </section>
      {matter.told && (
        <section>
          <h2>{t('told')}</h2>
          <p className="pre">{matter.told}</p>
        </section>
      )}
      <section>
        <h2>{t('steps')}</h2>
        <div className="choice">
          {(matter.abilities as Step[]).map(one => (
            <button key={one} type="button" aria-pressed={step === one} onClick={() => setStep(one)}>
              {actionNames[language][one]}
            </button>
          ))}
        </div>
        <p className="quiet">{t('deskOnly')}</p>
      </section>
      {step && <StepForm key={step} matter={matter} step={step} />}
    </Screen>
  );
}

/** Who is concerned: masked; a number is shown with a network only, for a reason that goes on record. */
function People({ matter }: { matter: PhoneMatter }) {
  const { session, t } = useSession();
  const [shown, setShown] = useState<Record<string, string>>({});
  const show = (party: string) =>
    session
      .ask<{ phone?: string }>('POST', `matters/${matter.county}/${matter.id}/reveal`, { party, reason: t('toCall') })
      .then(
        ({ phone }) => phone ?? t('noPhone'),
        error => (error.code === 'offline' ? t('offline') : error.message),
      )
      .then(text => setShown(old => ({ ...old, [party]: text })));
  return (
    <ul className="plain" aria-label={t('people')}>
      {matter.parties.map(party => (
        <li key={party.id}>
          {party.name}{' '}
          {shown[party.id] === undefined ? (
            <button type="button" onClick={() => void show(party.id)}>
              {t('showPhone')}
            </button>
          ) : /^[\d+ -]+$/.test(shown[party.id]!) ? (
            <a className="button" href={`tel:${shown[party.id]}`}>
              {shown[party.id]}
            </a>
          ) : (
            shown[party.id]
          )}
        </li>
      ))}
    </ul>
  );
}

function StepForm({ matter, step }: { matter: PhoneMatter; step: Step }) {
  const { session, hold, t, language } = useSession();
  const key = `draft:step:${matter.id}:${step}`;
  const [draft, setDraft, state] = useDraft(key, { text: '', choice: '', yes: true });
  const [photo, setPhoto] = useState<Uint8Array>();
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const ask = asks[step];
  const send = async () => {
    if (ask && !draft.choice) return setWrong(t('choose'));
    if (needsWords.includes(step) && !draft.text.trim()) return setWrong(t('needText'));
    if (step === 'rectify' && !photo) return setWrong(t('rectifyPhoto'));
    setBusy(true);
    const file = uuid();
    const attach = uuid();
    const data = {
      ...(ask && { [ask.name]: draft.choice }),
      ...(step === 'contact' && { reached: draft.yes }),
      ...(step === 'reinspect' && { passed: draft.yes }),
      ...(step === 'rectify' && { file }),
      ...(step === 'urgent' && { told: [{ who: '110', at: Date.now() }] }),
    };
    const action = { type: step, data, words: draft.text.trim() ? { text: draft.text.trim() } : {} } as Action;
    const name = actionNames[language][step];
    const on = { county: matter.county, matter: matter.id };
    try {
      await session.send(
        [
          ...(photo
            ? [
                {
                  title: `${name} · ${t('photo')}`,
                  after: [file],
                  item: {
                    do: 'attach' as const,
                    id: attach,
                    ...on,
                    file,
                    name: `${name}.jpg`,
                    audience: 'participants' as const,
                  },
                },
              ]
            : []),
          {
            title: `${name} · ${matter.title || matter.number}`,
            ...(photo && { after: [attach] }),
            item: { do: 'act', id: uuid(), ...on, saw: matter.seq, action },
          },
        ],
        photo ? [{ id: file, bytes: photo, title: name }] : [],
        key,
      );
      // Until the server has said so, this step is not offered again.
      hold.matters.set(matter.id, {
        ...matter,
        abilities: matter.abilities.filter(one => one !== step || one === 'note' || one === 'contact'),
      });
      go('/log');
    } catch (error) {
      setWrong(error instanceof Told && error.code === 'full' ? t('full') : (error as Error).message);
      setBusy(false);
    }
  };
  if (state === 'unread') return null;
  const set = (more: Partial<typeof draft>) => setDraft({ ...draft, ...more });
  return (
    <section>
      <h2>{actionNames[language][step]}</h2>
      {ask && (
        <label>
          {t('choose')}
          <select value={draft.choice} onChange={e => set({ choice: e.target.value })}>
            <option value="">{t('choose')}</option>
            {choices(ask.of, language).map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      )}
      {(step === 'contact' || step === 'reinspect') && (
        <div className="choice">
          {[true, false].map(yes => (
            <button key={String(yes)} type="button" aria-pressed={draft.yes === yes} onClick={() => set({ yes })}>
              {t(step === 'contact' ? (yes ? 'reached' : 'notReached') : yes ? 'passed' : 'notPassed')}
            </button>
          ))}
        </div>
      )}
      {step === 'rectify' && (
        <label>
          {t('rectifyPhoto')}
          <input
            type="file"
            accept="image/*"
            capture="environment"
            onChange={async e => e.target.files?.[0] && setPhoto(await reduced(e.target.files[0]))}
          />
        </label>
      )}
      <label>
        {t('words')}
        <textarea rows={3} value={draft.text} maxLength={4000} onChange={e => set({ text: e.target.value })} />
      </label>
      {wrong && (
        <p role="alert" className="say late">
          {wrong}
        </p>
      )}
      <button type="button" className="main big" disabled={busy} onClick={() => void send()}>
        {t('send')}
      </button>
      <DraftNote state={state} typed={Boolean(draft.text)} />
    </section>
  );
}

/** What the server says of a matter now, in words. */
export const presentOf = (
  language: 'zh' | 'en',
  present: { state: keyof (typeof stateNames)['zh']; dueAt: number | null },
) => `${stateNames[language][present.state]}${present.dueAt ? `　${minuteOf(present.dueAt)}` : ''}`;
