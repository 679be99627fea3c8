/** Calls: what is known of the number, what is written while they speak, answers with one key. */
import { useQuery } from '@tanstack/react-query';
import { App, Button, Form, Input } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { v7 as uuid } from 'uuid';
import { Link, useLocation } from 'wouter';
import { hotlineContracts } from '../../hotline/contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { Await, dateTime, StateTag, useMe } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { callDraft } from './call-draft.ts';
import { Rows } from './rows.tsx';
import { FormDialog, useNeeded, useSending } from './sending.tsx';
import { useRested } from './use-rested.ts';

type Call = Answer<typeof hotlineContracts.calls>['rows'][number];
type Outcome = NonNullable<Call['outcome']>;

export function Calls() {
  const { t, language } = useWords();
  const county = useMe().counties[0]!;
  const [open, setOpen] = useState<Call>();
  const [typing, setTyping] = useState(false);
  const query = useQuery({
    queryKey: ['calls'],
    queryFn: () => call(hotlineContracts.calls, { query: { county } }),
    refetchInterval: 2000,
  });
  const type = useSending(
    ({ phone }: { phone: string }) => call(hotlineContracts.typed, { body: { id: uuid(), county, phone } }),
    ['calls'],
    () => setTyping(false),
  );
  return (
    <div style={{ display: 'grid', gridTemplateColumns: 'minmax(380px, 1fr) minmax(420px, 1.2fr)', gap: 16 }}>
      <section>
        <div className="bar">
          <Button onClick={() => setTyping(true)}>{t('typeCall')}</Button>
        </div>
        <Rows
          query={query}
          rows={data => data.rows}
          whole
          empty={t('noCalls')}
          columns={[
            { title: t('callNumber'), dataIndex: 'masked' },
            { title: t('madeAt'), key: 'at', render: (_, row) => dateTime(row.arrivedAt).slice(-5) },
            {
              title: t('state'),
              key: 'state',
              render: (_, row) =>
                row.outcome ? optionName('callOutcome', row.outcome, language) : (row.operator ?? ''),
            },
            {
              title: t('action'),
              key: 'do',
              render: (_, row) =>
                !row.outcome &&
                (!row.operator || row.mine) && (
                  <Button size="small" type={row.id === open?.id ? 'default' : 'primary'} onClick={() => setOpen(row)}>
                    {t('takeCall')}
                  </Button>
                ),
            },
          ]}
        />
      </section>
      {open && <Taken key={open.id} county={county} one={open} onDone={() => setOpen(undefined)} />}
      {typing && <TypeCall send={type} onCancel={() => setTyping(false)} />}
    </div>
  );
}

function TypeCall({
  send,
  onCancel,
}: {
  send: { mutate(values: { phone: string }): void; isPending: boolean };
  onCancel(): void;
}) {
  const { t } = useWords();
  const needed = useNeeded();
  return (
    <FormDialog title={t('typeCall')} send={send} onCancel={onCancel}>
      <Form.Item name="phone" label={t('callNumber')} rules={needed}>
        <Input maxLength={30} autoFocus />
      </Form.Item>
    </FormDialog>
  );
}

/** A call that was taken: written while they speak; what fits appears by itself. */
function Taken({ county, one, onDone }: { county: string; one: Call; onDone(): void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const [, go] = useLocation();
  const [notes, setNotes] = useState('');
  const said = useRested(notes, 400);
  const known = useQuery({
    queryKey: ['call', one.id],
    queryFn: () => call(hotlineContracts.open, { params: { county, id: one.id } }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const answers = useQuery({
    queryKey: ['knowledge', said],
    queryFn: () => call(hotlineContracts.knowledge, { query: { county, q: said } }),
    enabled: said.trim().length > 1,
  });
  const close = useSending(
    (body: { outcome: Outcome; matter?: string; knowledge?: string }) =>
      call(hotlineContracts.close, { params: { county, id: one.id }, body }),
    ['calls'],
    () => {
      message.success(t('callOver'));
      onDone();
    },
  );
  const offered = said.trim().length > 1 ? (answers.data?.rows ?? []) : [];
  const latest = useRef((_: number) => {});
  latest.current = n => offered[n] && close.mutate({ outcome: 'answered', knowledge: offered[n].id });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.altKey && /^[1-8]$/.test(event.key)) {
        event.preventDefault();
        latest.current(Number(event.key) - 1);
      }
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
  const register = () => {
    sessionStorage.setItem(
      callDraft,
      JSON.stringify({ county, call: one.id, text: notes, phone: known.data?.phone ?? '' }),
    );
    go('/new');
  };
  return (
    <section className="panel">
      <h2>
        {known.data?.phone ?? one.masked} <span className="quiet">{dateTime(one.arrivedAt)}</span>
      </h2>
      <Input.TextArea
        autoFocus
        rows={6}
        aria-label={t('callNotes')}
        placeholder={t('callNotes')}
        value={notes}
        onChange={event => setNotes(event.target.value)}
      />
      <div className="bar" style={{ marginTop: 8 }}>
        <Button type="primary" onClick={register}>
          {t('makeMatter')}
        </Button>
        <Button onClick={() => close.mutate({ outcome: 'answered' })}>{t('answerOnSpot')}</Button>
        <Button onClick={() => close.mutate({ outcome: 'silent' })}>{t('callSilent')}</Button>
        <Button onClick={() => close.mutate({ outcome: 'wrong' })}>{t('callWrong')}</Button>
      </div>
      {offered.length > 0 && (
        <>
          <h2>{t('answersFit')}</h2>
          {offered.map((row, n) => (
            <div key={row.id} className="panel">
              <Button size="small" onClick={() => close.mutate({ outcome: 'answered', knowledge: row.id })}>
                Alt+{n + 1}
              </Button>{' '}
              <strong>{row.title}</strong>
              <div style={{ whiteSpace: 'pre-line' }}>{row.answer}</div>
              <div className="quiet">{row.basis}</div>
            </div>
          ))}
        </>
      )}
      <h2>{t('earlierMatters')}</h2>
      <Await query={known}>
        {data => (
          <>
            <div className="quiet">
              {t('callsBefore')}：{data.calls}
            </div>
            {data.matters.map(row => (
              <div key={row.id}>
                <StateTag state={row.state} /> <Link href={`/matters/${row.county}/${row.id}`}>{row.number}</Link>{' '}
                {row.summary}{' '}
                <Button size="small" onClick={() => close.mutate({ outcome: 'known', matter: row.id })}>
                  {t('knownMatter')}
                </Button>
              </div>
            ))}
          </>
        )}
      </Await>
    </section>
  );
}
