/** Intake at the desk: what happened first, then who and where; suggestions and duplicates appear while typing. Keyboard throughout. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, App, Button, Checkbox, DatePicker, Input, Modal, Select, Space, Upload } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { v7 as uuid } from 'uuid';
import { Link } from 'wouter';
import { hotlineContracts } from '../../hotline/contract.ts';
import { type KindName, kinds, raisedKinds } from '../../kinds/kinds.ts';
import type { PartyInput, RegisterInput } from '../../matters/actions.ts';
import { matterContracts } from '../../matters/contract.ts';
import { stateNames } from '../../matters/words.ts';
import { regionContracts } from '../../regions/contract.ts';
import { call, upload } from '../ui/api.ts';
import { messageOf, useDirectory, useMe } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { callDraft } from './call-draft.ts';
import { Hint, type Place, PlaceSearch, Urgent } from './intake-parts.tsx';
import { type Own, OwnForm } from './own-fields.tsx';
import { PartyRow } from './party-row.tsx';
import { DocumentCamera } from './reader.tsx';
import { useRested } from './use-rested.ts';

const MapPick = lazy(() => import('./map-pick.tsx'));

type Draft = {
  kind: KindName | undefined;
  title: string;
  text: string;
  category: string | null;
  source: RegisterInput['source'];
  place: Place | undefined;
  address: string;
  location: { lng: number; lat: number } | null;
  parties: PartyInput[];
  receivedAt: Dayjs | null;
  receivedReason: string;
  sensitive: boolean;
  excludedUnits: string[];
  external: string;
  purpose: string | undefined;
  links: string[];
  files: File[];
  /** The county's own fields. */
  own: Own;
};

const blank = (): Draft => ({
  kind: undefined,
  title: '',
  text: '',
  category: null,
  source: 'window',
  place: undefined,
  address: '',
  location: null,
  parties: [{ id: uuid(), role: 'applicant', anonymous: false }],
  receivedAt: null,
  receivedReason: '',
  sensitive: false,
  excludedUnits: [],
  external: '',
  purpose: undefined,
  links: [],
  files: [],
  own: {},
});

type TakenCall = { county: string; call: string; text: string; phone: string };
/** What the hotline left for this form; read once. */
function takenCall(): TakenCall | undefined {
  const left = sessionStorage.getItem(callDraft);
  return left ? JSON.parse(left) : undefined;
}
function fromCall({ text, phone }: TakenCall): Draft {
  const empty = blank();
  return { ...empty, text, source: 'hotline', parties: [{ ...empty.parties[0]!, phone }] };
}

const purposes: Partial<Record<KindName, string[]>> = {
  request: ['help', 'complaint', 'consult', 'errand'],
  petition: ['appeal', 'suggestion', 'against-official'],
};
export default function Intake() {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const me = useMe();
  const directory = useDirectory();
  // A call that became a matter brings its words and its number along.
  const [taken] = useState(takenCall);
  useEffect(() => sessionStorage.removeItem(callDraft), []);
  const [draft, setDraft] = useState(() => (taken ? fromCall(taken) : blank()));
  const [urgent, setUrgent] = useState(false);
  const [mapOpen, setMapOpen] = useState(false);
  const [told, setTold] = useState<{
    danger: 'violence' | 'self-harm' | 'child';
    told: { who: string; at: number }[];
  }>();
  const ids = useRef({ id: uuid(), action: uuid(), urgent: uuid() });
  const first = useRef<HTMLTextAreaElement>(null);
  const set = (changes: Partial<Draft>) => setDraft(old => ({ ...old, ...changes }));

  const text = useRested(draft.text, 350);
  const suggestion = useQuery({
    queryKey: ['suggest', text, draft.place?.code, draft.kind, draft.excludedUnits],
    queryFn: () =>
      call(matterContracts.suggest, {
        body: {
          text,
          ...(draft.place && { region: draft.place.grid ?? draft.place.code }),
          ...(draft.kind && { kind: draft.kind }),
          excludedUnits: draft.excludedUnits,
        },
      }),
    enabled: text.trim().length >= 6,
    placeholderData: old => old,
  });
  const phone = useRested(draft.parties[0]?.phone ?? '', 400);
  const earlier = useQuery({
    queryKey: ['find', phone],
    queryFn: () => call(matterContracts.find, { body: { typed: phone } }),
    enabled: phone.replace(/\D/g, '').length >= 7,
  });

  const kind = draft.kind ?? suggestion.data?.kinds[0]?.value ?? 'request';
  const category = draft.category ?? null;
  const valid = draft.text.trim() && draft.place;
  const register = useMutation({
    mutationFn: async () => {
      const body: RegisterInput = {
        id: ids.current.id,
        action: ids.current.action,
        kind,
        text: draft.text,
        ...(draft.title.trim() && { title: draft.title }),
        category,
        source: draft.source,
        region: draft.place!.code,
        grid: draft.place!.grid,
        location: draft.location,
        ...(draft.address.trim() && { address: draft.address }),
        ...(draft.receivedAt && { receivedAt: draft.receivedAt.valueOf() }),
        ...(draft.receivedReason.trim() && { receivedReason: draft.receivedReason }),
        fields: {
          ...(draft.purpose && purposes[kind]?.includes(draft.purpose) && { purpose: draft.purpose }),
          ...(directory.fields[kind].length > 0 && { own: draft.own }),
        },
        parties: draft.parties.filter(p => p.anonymous || p.name || p.phone || p.unit),
        externals: draft.external.trim() ? [{ system: 'hotline', number: draft.external }] : [],
        sensitive: draft.sensitive,
        excludedUnits: draft.excludedUnits,
        excludedPeople: [],
        links: draft.links.map(matter => ({ matter, relation: 'repeat' })),
      };
      const done = await call(matterContracts.register, { body });
      if (told)
        await call(matterContracts.act, {
          params: { county: done.county, id: done.id },
          body: { id: ids.current.urgent, action: { type: 'urgent', data: told as never, words: {} } },
        });
      if (taken)
        await call(hotlineContracts.close, {
          params: { county: taken.county, id: taken.call },
          body: { outcome: 'matter', matter: done.id },
        }).catch(error => void message.warning(messageOf(error)));
      for (const file of draft.files)
        await upload(
          matterContracts.upload,
          { params: { county: done.county, id: done.id } },
          { id: uuid(), action: uuid() },
          file,
        ).catch(() => void message.warning(`${file.name}: ${t('uploading')}`));
      return done;
    },
    onError: error => void message.error(messageOf(error)),
  });
  const next = () => {
    ids.current = { id: uuid(), action: uuid(), urgent: uuid() };
    setDraft(blank());
    setTold(undefined);
    register.reset();
    setTimeout(() => first.current?.focus(), 0);
  };
  const submit = () => valid && !register.isPending && !register.isSuccess && register.mutate();
  // On the document and before all others: a button just pressed and disabled leaves the focus nowhere, and an open list
  // of choices keeps Enter for itself.
  const take = (n: number) => {
    const suggested = suggestion.data?.categories[n];
    if (suggested) set({ kind, category: suggested.value });
  };
  const latest = useRef({ submit, take });
  latest.current = { submit, take };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey && event.key === 'Enter') latest.current.submit();
      if (event.altKey && /^[1-3]$/.test(event.key)) latest.current.take(Number(event.key) - 1);
    };
    document.addEventListener('keydown', press, true);
    return () => document.removeEventListener('keydown', press, true);
  }, []);

  const duplicates = suggestion.data?.duplicates ?? [];
  const alarm = suggestion.data?.urgent ?? [];
  return (
    <form onSubmit={event => event.preventDefault()}>
      <div className="bar">
        <h1 style={{ fontSize: 18, margin: 0 }}>{t('newMatter')}</h1>
        <span style={{ flex: 1 }} />
        <Button danger type={alarm.length ? 'primary' : 'default'} onClick={() => setUrgent(true)}>
          {t('urgent')}
        </Button>
        <Button type="primary" onClick={submit} disabled={!valid} loading={register.isPending}>
          {t('registerIt')}
        </Button>
      </div>
      {alarm.length > 0 && (
        <Alert
          type="error"
          showIcon
          style={{ marginBottom: 12 }}
          title={alarm
            .map(a => `${optionName('danger', a.danger, language)}：${t('urgentWords')}“${a.words.join('、')}”`)
            .join('；')}
          action={
            <Button size="small" danger onClick={() => setUrgent(true)}>
              {t('urgent')}
            </Button>
          }
        />
      )}
      <div className="intake">
        <div>
          <section className="panel" aria-labelledby="what">
            <h2 id="what">{t('what')}</h2>
            <Input.TextArea
              ref={node => {
                first.current = node?.resizableTextArea?.textArea ?? null;
              }}
              autoFocus
              aria-label={t('narrative')}
              placeholder={t('narrativeHint')}
              value={draft.text}
              onChange={event => set({ text: event.target.value })}
              autoSize={{ minRows: 5, maxRows: 14 }}
              maxLength={20000}
            />
            <div style={{ display: 'grid', gridTemplateColumns: '2fr 1fr 1fr 1.4fr', gap: 8, marginTop: 8 }}>
              <Input
                aria-label={t('title')}
                placeholder={`${t('title')}：${t('titleHint')}`}
                value={draft.title}
                maxLength={200}
                onChange={event => set({ title: event.target.value })}
              />
              <Select
                aria-label={t('kind')}
                value={kind}
                onChange={value => set({ kind: value, category: null })}
                options={raisedKinds.map(value => ({ value, label: kinds[value].label[language] }))}
              />
              {purposes[kind] ? (
                <Select
                  allowClear
                  aria-label={t('kind')}
                  placeholder={optionName('purpose', purposes[kind][0], language)}
                  value={draft.purpose}
                  onChange={value => set({ purpose: value, ...(value === 'against-official' && { sensitive: true }) })}
                  options={choices('purpose', language).filter(c => purposes[kind]?.includes(c.value))}
                />
              ) : (
                <span />
              )}
              <Select
                allowClear
                showSearch={{ optionFilterProp: 'label' }}
                aria-label={t('category')}
                placeholder={t('category')}
                value={category}
                onChange={value => set({ category: value ?? null })}
                options={directory.categories[kind].map(c => ({ value: c.code, label: c.name }))}
              />
            </div>
            {directory.fields[kind].length > 0 && (
              <div style={{ marginTop: 8 }}>
                <OwnForm fields={directory.fields[kind]} value={draft.own} onChange={own => set({ own })} />
              </div>
            )}
          </section>
          <section className="panel" aria-labelledby="who">
            <h2 id="who">{t('who')}</h2>
            {draft.parties.map((party, i) => (
              <PartyRow
                key={party.id}
                party={party}
                others={draft.parties}
                onChange={changed => set({ parties: draft.parties.map(p => (p.id === party.id ? changed : p)) })}
                onRemove={i ? () => set({ parties: draft.parties.filter(p => p.id !== party.id) }) : undefined}
              />
            ))}
            <Button
              size="small"
              onClick={() =>
                set({
                  parties: [
                    ...draft.parties,
                    { id: uuid(), role: kind === 'dispute' ? 'respondent' : 'representative', anonymous: false },
                  ],
                })
              }
            >
              {t('addParty')}
            </Button>
          </section>
          <section className="panel" aria-labelledby="where">
            <h2 id="where">{t('where')}</h2>
            <div style={{ display: 'grid', gridTemplateColumns: '1.4fr 1.4fr auto', gap: 8 }}>
              <PlaceSearch value={draft.place} onChange={place => set({ place })} />
              <Input
                aria-label={t('detail')}
                placeholder={t('detail')}
                value={draft.address}
                maxLength={300}
                onChange={event => set({ address: event.target.value })}
              />
              <Button onClick={() => setMapOpen(!mapOpen)}>{t('map')}</Button>
            </div>
            {mapOpen && (
              <Suspense fallback={t('loading')}>
                <p className="ground">{t('mapHint')}</p>
                <MapPick
                  county={me.counties[0] ?? ''}
                  point={draft.location}
                  onPick={async location => {
                    const found = await call(regionContracts.locate, { query: location });
                    set({
                      location: found.location,
                      ...(found.grid && {
                        place: {
                          code: found.grid.parent ?? found.grid.code,
                          grid: found.grid.code,
                          label: found.grid.name,
                          path: found.path,
                        },
                      }),
                    });
                  }}
                />
              </Suspense>
            )}
          </section>
          <section className="panel">
            <div style={{ display: 'grid', gridTemplateColumns: '1fr 1.2fr 1.4fr 1.2fr', gap: 8 }}>
              <Select
                aria-label={t('source')}
                value={draft.source}
                onChange={source => set({ source })}
                options={choices('source', language).filter(c => c.value !== 'import')}
              />
              <DatePicker
                aria-label={t('receivedAt')}
                placeholder={t('receivedAt')}
                showTime={{ format: 'HH:mm' }}
                format="YYYY-MM-DD HH:mm"
                value={draft.receivedAt}
                disabledDate={day => day.isAfter(dayjs())}
                onChange={receivedAt => set({ receivedAt })}
              />
              <Input
                aria-label={t('receivedReason')}
                placeholder={t('receivedReason')}
                disabled={!draft.receivedAt}
                value={draft.receivedReason}
                onChange={event => set({ receivedReason: event.target.value })}
              />
              <Input
                aria-label={t('externals')}
                placeholder={t('externals')}
                value={draft.external}
                maxLength={64}
                onChange={event => set({ external: event.target.value })}
              />
            </div>
            <div
              style={{ display: 'grid', gridTemplateColumns: '1.4fr 1fr', gap: 8, marginTop: 8, alignItems: 'center' }}
            >
              <Checkbox checked={draft.sensitive} onChange={event => set({ sensitive: event.target.checked })}>
                {t('sensitiveMark')}
              </Checkbox>
              <Select
                mode="multiple"
                showSearch={{ optionFilterProp: 'label' }}
                aria-label={t('complainedOf')}
                placeholder={t('complainedOf')}
                value={draft.excludedUnits}
                onChange={excludedUnits => set({ excludedUnits })}
                options={directory.units.map(u => ({ value: u.id, label: u.name }))}
              />
            </div>
            <div style={{ marginTop: 8, display: 'flex', gap: 8, alignItems: 'start' }}>
              <Upload
                multiple
                fileList={draft.files.map(file => ({ uid: file.name + file.size, name: file.name }))}
                beforeUpload={file => {
                  setDraft(old => ({ ...old, files: [...old.files, file] }));
                  return false;
                }}
                onRemove={gone => set({ files: draft.files.filter(file => file.name + file.size !== gone.uid) })}
              >
                <Button size="small">{t('addFile')}</Button>
              </Upload>
              <DocumentCamera onPage={file => setDraft(old => ({ ...old, files: [...old.files, file] }))} />
            </div>
          </section>
        </div>
        <aside aria-label={t('suggested')} aria-live="polite">
          <section className="panel">
            <h2>{t('suggested')}</h2>
            {!suggestion.data && <span className="quiet">{t('narrativeHint')}</span>}
            {suggestion.data && !suggestion.data.categories.length && !suggestion.data.units.length && (
              <span className="quiet">{t('noSuggestion')}</span>
            )}
            {suggestion.data?.sensitive.length ? (
              <p className="late">
                ⚠ {t('sensitive')}：“{suggestion.data.sensitive.join('、')}”{' '}
                {!draft.sensitive && (
                  <Button size="small" onClick={() => set({ sensitive: true })}>
                    {t('accept1')}
                  </Button>
                )}
              </p>
            ) : null}
            {suggestion.data?.kinds
              .filter(k => k.score > 0)
              .slice(0, 1)
              .map(k => (
                <Hint
                  key={k.value}
                  label={`${t('kind')}：${kinds[k.value].label[language]}`}
                  grounds={k.grounds}
                  used={kind === k.value}
                  onUse={() => set({ kind: k.value })}
                />
              ))}
            {suggestion.data?.categories.map((c, i) => (
              <Hint
                key={c.value}
                label={`${t('category')}：${directory.categoryName(kind, c.value)}`}
                keys={`Alt+${i + 1}`}
                grounds={c.grounds}
                used={category === c.value}
                onUse={() => set({ kind, category: c.value })}
              />
            ))}
            {suggestion.data?.units.map(u => (
              <Hint
                key={u.value}
                label={`${t('unitSuggestion')}：${directory.unitName(u.value)}`}
                grounds={u.grounds}
              />
            ))}
          </section>
          {duplicates.length > 0 && (
            <section className="panel">
              <h2>
                {t('duplicates')}（{duplicates.length}）
              </h2>
              {duplicates.map(d => (
                <div key={d.id} style={{ marginBottom: 8 }}>
                  <Link href={`/matters/${d.county}/${d.id}`} target="_blank">
                    {d.summary}
                  </Link>
                  <div className="ground">
                    {stateNames[language][d.state]} · {directory.unitName(d.unit)} · {t('grounds')}：
                    {d.shared.slice(0, 4).join('、')}
                  </div>
                  <Button
                    size="small"
                    disabled={draft.links.includes(d.id)}
                    onClick={() => set({ links: [...draft.links, d.id] })}
                  >
                    {draft.links.includes(d.id) ? t('linked') : t('linkIt')}
                  </Button>
                </div>
              ))}
            </section>
          )}
          {earlier.data && earlier.data.rows.length > 0 && (
            <section className="panel">
              <h2>
                {t('earlier')}（{earlier.data.rows.length}）
              </h2>
              {earlier.data.rows.slice(0, 5).map(row => (
                <div key={row.id}>
                  <Link href={`/matters/${row.county}/${row.id}`} target="_blank">
                    {row.summary}
                  </Link>{' '}
                  <span className="ground">{stateNames[language][row.state]}</span>
                </div>
              ))}
            </section>
          )}
        </aside>
      </div>
      <Urgent
        open={urgent}
        alarm={alarm[0]?.danger}
        onClose={() => setUrgent(false)}
        onTold={value => {
          setTold(value);
          setUrgent(false);
        }}
      />
      <Modal
        open={register.isSuccess}
        title={t('registeredOk')}
        closable={false}
        footer={
          <Space>
            <Link href={`/matters/${register.data?.county}/${register.data?.id}`}>
              <Button>{t('openIt')}</Button>
            </Link>
            <Button type="primary" autoFocus onClick={next}>
              {t('registerNext')}
            </Button>
          </Space>
        }
      >
        <p style={{ fontSize: 16 }}>
          {t('number')}　<strong>{register.data?.number}</strong>
        </p>
        <p>{t('giveReceipt')}</p>
        <p style={{ fontSize: 26, letterSpacing: 2 }}>
          <strong>{register.data?.receipt.replace(/(\d{4})(?=\d)/g, '$1 ')}</strong>
        </p>
      </Modal>
    </form>
  );
}
