/** 上报: photo, voice or words; the place by itself; sent in a few taps, kept when there is no network. */
import { useEffect, useRef, useState } from 'react';
import { v7 as uuid } from 'uuid';
import { suggestCategories, suggestKinds } from '../../insight/suggest.ts';
import { base64, unbase64 } from '../../kernel/bytes.ts';
import { kinds, type RaisedKind, raisedKinds } from '../../kinds/kinds.ts';
import { gridAt, whereAmI } from './here.ts';
import { type Recording, record, reduced } from './media.ts';
import type { NewFile, NewItem } from './outbox.ts';
import { DraftNote, go, Screen, useDraft, useSession } from './pieces.tsx';
import { Told } from './session.ts';

type Attached = { id: string; action: string; name: string; voice: boolean };
type Draft = {
  id: string;
  action: string;
  text: string;
  kind: RaisedKind | '';
  region: string;
  grid: string | null;
  location: { lng: number; lat: number } | null;
  address: string;
  name: string;
  phone: string;
  other: string;
  files: Attached[];
};
const fresh = (): Draft => ({
  id: uuid(),
  action: uuid(),
  text: '',
  kind: '',
  region: '',
  grid: null,
  location: null,
  address: '',
  name: '',
  phone: '',
  other: '',
  files: [],
});

/** `duty`: what is found belongs to it. */
export function Report({ duty, place }: { duty?: string; place?: string }) {
  const { session, hold, t, language } = useSession();
  const key = duty ? `draft:found:${duty}` : 'draft:report';
  const [first] = useState(fresh);
  const [draft, setDraft, state] = useDraft<Draft>(key, first);
  const read = state !== 'unread';
  const [pictures, setPictures] = useState<Record<string, Uint8Array>>({});
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const [recording, setRecording] = useState<Recording>();
  const camera = useRef<HTMLInputElement>(null);
  const latest = useRef(draft);
  latest.current = draft;
  const at = hold.place(place ?? hold.duties.find(one => one.id === duty)?.place ?? null);
  const set = (more: Partial<Draft>) => {
    latest.current = { ...latest.current, ...more };
    setDraft(latest.current);
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the draft was read
  useEffect(() => {
    if (!read) return;
    for (const file of draft.files)
      void session.drafts.get<string>(`${key}:${file.id}`).then(bytes => {
        if (bytes) setPictures(old => ({ ...old, [file.id]: unbase64(bytes) }));
      });
    if (draft.region) return;
    if (at) {
      set({
        region: at.region.slice(0, 12),
        grid: at.region.length > 12 ? at.region : null,
        location: at.lng === null ? null : { lng: at.lng, lat: at.lat! },
      });
      return;
    }
    void Promise.all([whereAmI(), session.ready]).then(([point]) => {
      const grid = point && gridAt(hold, point);
      // What was chosen by hand meanwhile stays.
      if (point && grid && !latest.current.region)
        set({ grid, region: grid.slice(0, 12), location: { lng: point.lng, lat: point.lat } });
      else if (point && !latest.current.location) set({ location: { lng: point.lng, lat: point.lat } });
    });
  }, [read]);

  const villages = hold.regions.filter(([code]) => code.length === 12 && !code.endsWith('000'));
  // At a lamp or a camera the words need not say that it is to be repaired.
  const broken = at && ['facility', 'camera', 'alarm'].includes(at.kind);
  const kind = draft.kind || (broken ? 'repair' : suggestKinds(draft.text)[0]!.value);
  const keep = async (bytes: Uint8Array, voice: boolean) => {
    const file: Attached = {
      id: uuid(),
      action: uuid(),
      voice,
      name: `${voice ? t('voice') : t('photo')}${latest.current.files.length + 1}`,
    };
    setPictures(old => ({ ...old, [file.id]: bytes }));
    const kept = session.keep(`${key}:${file.id}`, base64(bytes));
    set({ files: [...latest.current.files, file] });
    await kept.catch(() => setWrong(t('full')));
  };
  const take = async (files: FileList | null) => {
    setWrong('');
    for (const file of files ?? []) await keep(await reduced(file), false).catch(() => setWrong(t('badPhoto')));
    if (camera.current) camera.current.value = '';
  };
  const speak = async () => {
    setWrong('');
    if (recording) {
      setRecording(undefined);
      await keep(await recording.stop(), true);
    } else await record().then(setRecording, () => setWrong(t('noMicrophone')));
  };
  const remove = async (file: Attached) => {
    set({ files: latest.current.files.filter(one => one.id !== file.id) });
    await session.drafts.store.blocks.delete(`${key}:${file.id}`);
  };

  const send = async () => {
    const spoken = draft.files.some(file => file.voice);
    if (!draft.text.trim() && !draft.files.length) return setWrong(t('needText'));
    if (!draft.region) return setWrong(t('needPlace'));
    setBusy(true);
    setWrong('');
    const text = draft.text.trim() || (spoken ? t('voiceReport') : t('photoReport'));
    const county = hold.county;
    const categories = (hold.names[0]?.categories[kind] ?? []).map(([code, name, words]) => ({ code, name, words }));
    const suggested = suggestCategories(text, categories as never, [])[0]?.value ?? null;
    const party = (role: 'applicant' | 'respondent', name: string, phone = '') => ({
      id: uuid(),
      role,
      anonymous: false,
      ...(name && { name }),
      ...(phone && { phone }),
    });
    const register: NewItem = {
      title: text.slice(0, 60),
      item: {
        do: 'register',
        id: draft.action,
        input: {
          id: draft.id,
          action: draft.action,
          kind,
          text,
          category: suggested,
          source: 'grid',
          region: draft.region,
          grid: draft.grid,
          location: draft.location,
          ...(draft.address.trim() && { address: draft.address.trim() }),
          fields: at && (kind === 'hazard' || kind === 'repair') ? { place: at.id } : {},
          parties: [
            ...(draft.name || draft.phone ? [party('applicant', draft.name, draft.phone)] : []),
            ...(kind === 'dispute' && draft.other ? [party('respondent', draft.other)] : []),
          ],
          externals: [],
          sensitive: false,
          excludedUnits: [],
          excludedPeople: [],
          links: [],
        },
      },
    };
    const files: NewFile[] = draft.files.flatMap(file => {
      const bytes = pictures[file.id];
      return bytes ? [{ id: file.id, bytes, title: file.name }] : [];
    });
    const attaching: NewItem[] = draft.files.map(file => ({
      title: file.name,
      after: [draft.action, file.id],
      item: {
        do: 'attach',
        id: file.action,
        county,
        matter: draft.id,
        file: file.id,
        name: `${file.name}${file.voice ? '.webm' : '.jpg'}`,
        audience: 'participants',
      },
    }));
    try {
      if (duty) {
        const found = await session.draft<{ matters?: string[] }>(`draft:duty:${duty}`);
        await session.keep(`draft:duty:${duty}`, {
          ...found,
          outcome: 'findings',
          matters: [...new Set([...(found?.matters ?? []), draft.id])],
        });
      }
      await session.send([register, ...attaching], files, key);
      go(duty ? `/duty/${duty}` : '/log');
    } catch (error) {
      setWrong(error instanceof Told && error.code === 'full' ? t('full') : (error as Error).message);
      setBusy(false);
    }
  };

  if (!read) return null;
  return (
    <Screen title={t('report')} {...(duty && { back: `/duty/${duty}` })}>
      <p className="say warn">{t('urgent')}</p>
      <label>
        {t('what')}
        <textarea
          rows={4}
          value={draft.text}
          placeholder={t('whatHint')}
          onChange={e => set({ text: e.target.value })}
          maxLength={4000}
        />
      </label>
      <div className="pair">
        <button type="button" className="big" onClick={() => camera.current?.click()}>
          {t('photo')}
        </button>
        <button type="button" className="big" aria-pressed={Boolean(recording)} onClick={speak}>
          {recording ? t('stopVoice') : t('voice')}
        </button>
      </div>
      <input
        ref={camera}
        type="file"
        accept="image/*"
        capture="environment"
        multiple
        hidden
        aria-label={t('photo')}
        onChange={e => void take(e.target.files)}
      />
      {draft.files.length > 0 && (
        <ul className="shots" aria-label={t('photos')}>
          {draft.files.map(file => (
            <li key={file.id}>
              {file.voice ? <span>{file.name}</span> : <Shot bytes={pictures[file.id]} name={file.name} />}
              <button type="button" onClick={() => void remove(file)}>
                {t('remove')}
              </button>
            </li>
          ))}
        </ul>
      )}
      <label>
        {t('where')}
        <select value={draft.region} onChange={e => set({ region: e.target.value, grid: null })}>
          <option value="">{t('choosePlace')}</option>
          {villages.map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {draft.grid && <p className="quiet">{t('hereGrid', { name: hold.regionName(draft.grid) })}</p>}
      <label>
        {t('kind')}
        <select value={draft.kind} onChange={e => set({ kind: e.target.value as RaisedKind | '' })}>
          <option value="">
            {kinds[kind].label[language]}（{t('byWords')}）
          </option>
          {raisedKinds.map(one => (
            <option key={one} value={one}>
              {kinds[one].label[language]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('address')}
        <input value={draft.address} onChange={e => set({ address: e.target.value })} maxLength={200} />
      </label>
      <details>
        <summary>{t('who')}</summary>
        <label>
          {t('name')}
          <input value={draft.name} onChange={e => set({ name: e.target.value })} maxLength={40} autoComplete="off" />
        </label>
        <label>
          {t('phone')}
          <input
            value={draft.phone}
            inputMode="tel"
            onChange={e => set({ phone: e.target.value })}
            maxLength={20}
            autoComplete="off"
          />
        </label>
        {kind === 'dispute' && (
          <label>
            {t('other')}
            <input
              value={draft.other}
              onChange={e => set({ other: e.target.value })}
              maxLength={40}
              autoComplete="off"
            />
          </label>
        )}
      </details>
      <div className="foot">
        {wrong && (
          <p role="alert" className="say late">
            {wrong}
          </p>
        )}
        <button type="button" className="main big" disabled={busy} onClick={() => void send()}>
          {busy ? t('sending') : t('send')}
        </button>
        <DraftNote state={state} typed={Boolean(draft.text || draft.files.length)} />
      </div>
    </Screen>
  );
}

function Shot({ bytes, name }: { bytes: Uint8Array | undefined; name: string }) {
  const [url, setUrl] = useState('');
  useEffect(() => {
    if (!bytes) return;
    const made = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes]);
  return url ? <img src={url} alt={name} width={96} height={72} /> : <span>{name}</span>;
}
