/** 热线与窗口: calls with what is known of them, answers with one key; numbers at the window; lost codes; figures. */
import { useQuery } from '@tanstack/react-query';
import { App, Button, Checkbox, DatePicker, Form, Input, Table, Tabs } from 'antd';
import type { Dayjs } from 'dayjs';
import { useEffect, useRef, useState } from 'react';
import { v7 as uuid } from 'uuid';
import { Link, useLocation } from 'wouter';
import { hotlineContracts } from '../../hotline/contract.ts';
import { portalDesk } from '../../portal/desk-contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { Await, dateTime, Nothing, StateTag, useMe } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { callDraft } from './call-draft.ts';
import { useRested } from './intake-parts.tsx';
import { CardReader } from './reader.tsx';
import { FormDialog, useNeeded, useSending } from './sending.tsx';

type Call = Answer<typeof hotlineContracts.calls>['rows'][number];
type Outcome = NonNullable<Call['outcome']>;

function Calls() {
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
        <Await query={query}>
          {data => (
            <Table
              size="small"
              rowKey="id"
              pagination={false}
              dataSource={data.rows}
              locale={{ emptyText: <Nothing title={t('noCalls')} hint="" /> }}
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
                      <Button
                        size="small"
                        type={row.id === open?.id ? 'default' : 'primary'}
                        onClick={() => setOpen(row)}
                      >
                        {t('takeCall')}
                      </Button>
                    ),
                },
              ]}
            />
          )}
        </Await>
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

function Queue() {
  const { t, language } = useWords();
  const { modal } = App.useApp();
  const me = useMe();
  const county = me.counties[0]!;
  const unit = me.posts[0]!.unit;
  const params = { county, unit };
  const [counter, setCounter] = useState('1');
  const query = useQuery({
    queryKey: ['queue'],
    queryFn: () => call(hotlineContracts.queue, { params }),
    refetchInterval: 3000,
  });
  const draw = useSending(
    async () => {
      const { number, before } = await call(hotlineContracts.draw, { params, body: { id: uuid(), line: 'A' } });
      modal.info({
        title: number,
        content: `${t('waitingBefore')} ${before}`,
        okText: t('printIt'),
        onOk: () => print(),
      });
    },
    ['queue'],
    () => {},
  );
  const next = useSending(
    () => call(hotlineContracts.call, { params, body: { counter } }),
    ['queue'],
    () => {},
  );
  const end = useSending(
    ({ ticket, to }: { ticket: string; to: 'served' | 'gone' | 'waiting' }) =>
      call(hotlineContracts.endTicket, { params: { ...params, ticket }, body: { to } }),
    ['queue'],
    () => {},
  );
  return (
    <>
      <div className="bar">
        <Button onClick={() => draw.mutate(undefined)}>{t('drawNumber')}</Button>
        <Input
          aria-label={t('counterOf')}
          addonBefore={t('counterOf')}
          value={counter}
          onChange={event => setCounter(event.target.value)}
          style={{ width: 160 }}
          maxLength={20}
        />
        <Button type="primary" onClick={() => next.mutate(undefined)} disabled={!counter.trim()}>
          {t('callNext')}
        </Button>
        <Link href={`/hall/${county}/${unit}`}>{t('hallScreen')}</Link>
      </div>
      <Await query={query}>
        {data => (
          <Table
            size="small"
            rowKey="id"
            dataSource={data.rows}
            locale={{ emptyText: <Nothing title={t('noTickets')} hint="" /> }}
            columns={[
              { title: t('number'), key: 'n', render: (_, row) => `${row.line}${String(row.n).padStart(3, '0')}` },
              { title: t('madeAt'), key: 'at', render: (_, row) => dateTime(row.at).slice(-5) },
              { title: t('state'), key: 'state', render: (_, row) => optionName('ticketState', row.state, language) },
              { title: t('counterOf'), dataIndex: 'counter' },
              {
                title: t('action'),
                key: 'do',
                render: (_, row) =>
                  row.state === 'called' && (
                    <>
                      <Button size="small" type="primary" onClick={() => end.mutate({ ticket: row.id, to: 'served' })}>
                        {t('servedOf')}
                      </Button>{' '}
                      <Button size="small" onClick={() => end.mutate({ ticket: row.id, to: 'gone' })}>
                        {t('notThere')}
                      </Button>{' '}
                      <Button size="small" onClick={() => end.mutate({ ticket: row.id, to: 'waiting' })}>
                        {t('callAgain')}
                      </Button>
                    </>
                  ),
              },
            ]}
          />
        )}
      </Await>
    </>
  );
}

/** What hangs in the hall: numbers and counters, large. */
export function Hall({ county, unit }: { county: string; unit: string }) {
  const { t } = useWords();
  const query = useQuery({
    queryKey: ['board', unit],
    queryFn: () => call(hotlineContracts.board, { params: { county, unit } }),
    refetchInterval: 2000,
  });
  return (
    <Await query={query}>
      {data => (
        <section className="panel" style={{ fontSize: 40, lineHeight: 1.5 }} aria-live="polite">
          <h1 style={{ fontSize: 40 }}>{data.unit}</h1>
          {data.called.map(one => (
            <div key={one.number}>
              <strong>{one.number}</strong> → {one.counter}
            </div>
          ))}
          <div className="quiet">
            {t('waitingBefore')} {data.waiting}
          </div>
        </section>
      )}
    </Await>
  );
}

type Known = Answer<typeof hotlineContracts.knowledge>['rows'][number];

function Knowledge() {
  const { t } = useWords();
  const me = useMe();
  const county = me.counties[0]!;
  const [typed, setTyped] = useState('');
  const q = useRested(typed, 300);
  const [editing, setEditing] = useState<Known | 'new'>();
  const query = useQuery({
    queryKey: ['knowledge', q],
    queryFn: () => call(hotlineContracts.knowledge, { query: { county, q } }),
  });
  const mayWrite = me.posts.some(post => post.role === 'clerk' || post.role === 'leader');
  return (
    <>
      <div className="bar">
        {mayWrite && (
          <Button type="primary" onClick={() => setEditing('new')}>
            {t('addKnowledge')}
          </Button>
        )}
        <Input.Search
          aria-label={t('knowledgeTitle')}
          placeholder={t('knowledgeTitle')}
          value={typed}
          onChange={event => setTyped(event.target.value)}
          style={{ width: 320 }}
        />
      </div>
      <Await query={query}>
        {data => (
          <Table
            size="small"
            rowKey="id"
            dataSource={data.rows}
            locale={{ emptyText: <Nothing title={t('noKnowledge')} hint="" /> }}
            columns={[
              {
                title: t('knowledgeTitle'),
                key: 'title',
                render: (_, row) => (
                  <>
                    <strong>{row.title}</strong>
                    <div className="quiet" style={{ whiteSpace: 'pre-line' }}>
                      {row.answer}
                    </div>
                  </>
                ),
              },
              { title: t('knowledgeBasis'), dataIndex: 'basis', width: 220 },
              { title: t('knowledgeUntil'), dataIndex: 'until', width: 110 },
              { title: t('usedTimes'), dataIndex: 'used', width: 70, align: 'right' },
              {
                title: t('action'),
                key: 'do',
                width: 90,
                render: (_, row) =>
                  row.ended
                    ? t('outOfUse')
                    : mayWrite && (
                        <Button size="small" onClick={() => setEditing(row)}>
                          {t('setIt')}
                        </Button>
                      ),
              },
            ]}
          />
        )}
      </Await>
      {editing && (
        <KnowledgeForm
          county={county}
          one={editing === 'new' ? undefined : editing}
          onDone={() => setEditing(undefined)}
        />
      )}
    </>
  );
}

function KnowledgeForm({ county, one, onDone }: { county: string; one: Known | undefined; onDone(): void }) {
  const { t } = useWords();
  const needed = useNeeded();
  const send = useSending(
    ({
      title,
      answer,
      basis = '',
      until,
      ended = false,
    }: {
      title: string;
      answer: string;
      basis?: string;
      until?: Dayjs;
      ended?: boolean;
    }) =>
      call(hotlineContracts.putKnowledge, {
        params: { county, id: one?.id ?? uuid() },
        body: {
          title,
          answer,
          basis,
          until: until ? until.format('YYYY-MM-DD') : (one?.until ?? null),
          ended,
          open: false,
        },
      }),
    ['knowledge'],
    onDone,
  );
  return (
    <FormDialog
      title={t('addKnowledge')}
      send={send}
      onCancel={onDone}
      initial={one ? { title: one.title, answer: one.answer, basis: one.basis } : {}}
      width={640}
    >
      <Form.Item name="title" label={t('knowledgeTitle')} rules={needed}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="answer" label={t('knowledgeAnswer')} rules={needed}>
        <Input.TextArea rows={5} maxLength={5000} />
      </Form.Item>
      <Form.Item name="basis" label={t('knowledgeBasis')}>
        <Input maxLength={500} />
      </Form.Item>
      <Form.Item name="until" label={t('knowledgeUntil')}>
        <DatePicker style={{ width: '100%' }} />
      </Form.Item>
      {one && (
        <Form.Item name="ended" valuePropName="checked">
          <Checkbox>{t('outOfUse')}</Checkbox>
        </Form.Item>
      )}
    </FormDialog>
  );
}

function Restore() {
  const { t } = useWords();
  const needed = useNeeded();
  const county = useMe().counties[0]!;
  const [form] = Form.useForm<{ identity: string; name: string }>();
  const [rows, setRows] = useState<{ number: string; receipt: string; received: number }[]>();
  const send = useSending(
    async (values: { identity: string; name: string }) =>
      setRows((await call(portalDesk.restore, { body: { county, ...values } })).rows),
    [],
    () => {},
  );
  return (
    <>
      <p className="quiet">{t('restoreHint')}</p>
      <Form form={form} layout="inline" onFinish={send.mutate}>
        <Form.Item name="identity" label={t('identity')} rules={needed}>
          <Input maxLength={18} autoComplete="off" />
        </Form.Item>
        <Form.Item name="name" label={t('name')} rules={needed}>
          <Input maxLength={60} autoComplete="off" />
        </Form.Item>
        <CardReader onCard={card => form.setFieldsValue({ identity: card.identity, name: card.name })} />
        <Button type="primary" htmlType="submit" loading={send.isPending} style={{ marginLeft: 8 }}>
          {t('restoreIt')}
        </Button>
      </Form>
      {rows && (
        <Table
          size="small"
          rowKey="number"
          style={{ marginTop: 12 }}
          pagination={false}
          dataSource={rows}
          locale={{ emptyText: <Nothing title={t('nothingFound')} hint="" /> }}
          columns={[
            { title: t('number'), dataIndex: 'number' },
            { title: t('receiptOf'), dataIndex: 'receipt' },
            { title: t('receivedAt'), key: 'at', render: (_, row) => dateTime(row.received) },
          ]}
        />
      )}
    </>
  );
}

function Figures() {
  const { t, language } = useWords();
  const county = useMe().counties[0]!;
  const [days, setDays] = useState(1);
  const query = useQuery({
    queryKey: ['call-figures', days],
    queryFn: () =>
      call(hotlineContracts.figures, { query: { county, from: Date.now() - days * 86_400_000, to: Date.now() } }),
  });
  const share = (part: number, whole: number) =>
    `${part} / ${whole}${whole ? `（${((100 * part) / whole).toFixed(1)} %）` : ''}`;
  return (
    <>
      <div className="bar">
        {[1, 7, 30].map(n => (
          <Button key={n} type={n === days ? 'primary' : 'default'} onClick={() => setDays(n)}>
            {n} {optionName('timeUnit', 'day', language)}
          </Button>
        ))}
      </div>
      <Await query={query}>
        {data => (
          <Table
            size="small"
            rowKey="k"
            pagination={false}
            dataSource={[
              { k: t('callsTab'), v: String(data.calls) },
              { k: t('takeCall'), v: share(data.answered, data.calls) },
              { k: t('quickShare'), v: share(data.quick, data.calls) },
              { k: t('spotShare'), v: share(data.onTheSpot, data.calls) },
              { k: t('dayShare'), v: share(data.within24h, data.matters) },
            ]}
            columns={[
              { title: t('callFigures'), dataIndex: 'k' },
              { title: t('content'), dataIndex: 'v' },
            ]}
          />
        )}
      </Await>
    </>
  );
}
export default function Hotline() {
  const { t } = useWords();
  return (
    <>
      <h1 style={{ fontSize: 18, marginTop: 0 }}>{t('hotline')}</h1>
      <Tabs
        destroyOnHidden
        items={[
          { key: 'calls', label: t('callsTab'), children: <Calls /> },
          { key: 'queue', label: t('queueTab'), children: <Queue /> },
          { key: 'knowledge', label: t('knowledgeTab'), children: <Knowledge /> },
          { key: 'restore', label: t('restoreTab'), children: <Restore /> },
          { key: 'figures', label: t('callFigures'), children: <Figures /> },
        ]}
      />
    </>
  );
}
