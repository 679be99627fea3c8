/** 点位与设施: the register of places with its labels, enterprises under close supervision, footage, officers' certificates. */
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  App,
  Button,
  DatePicker,
  Form,
  Input,
  InputNumber,
  Modal,
  Popconfirm,
  Select,
  Table,
  Tabs,
  Upload,
} from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { matterContracts } from '../../matters/contract.ts';
import { placeContracts } from '../../places/contract.ts';
import type { PlaceKind } from '../../places/kinds.ts';
import { type Answer, call, download, upload, urlOf } from '../ui/api.ts';
import { Await, dateTime, More, messageOf, Nothing, useDirectory, useMe } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { type Place as Found, PlaceSearch } from './intake-parts.tsx';
import { useSending } from './sending.ts';

type Place = Answer<typeof placeContracts.list>['rows'][number];
type Listing = Answer<typeof placeContracts.listings>['rows'][number];

export default function Places() {
  const { t } = useWords();
  return (
    <>
      <h1 style={{ fontSize: 18, margin: 0 }}>{t('places')}</h1>
      <Tabs
        destroyOnHidden
        items={[
          { key: 'r', label: t('registerTab'), children: <Register /> },
          { key: 's', label: t('summaryTab'), children: <Summary /> },
          { key: 'l', label: t('listingsTab'), children: <Listings /> },
          { key: 'f', label: t('footageTab'), children: <Footage /> },
          { key: 'c', label: t('certificatesTab'), children: <Certificates /> },
        ]}
      />
    </>
  );
}

const usePlaces = (kind: PlaceKind | undefined, q: string, state?: Place['state']) =>
  useInfiniteQuery({
    queryKey: ['places', kind, q, state],
    queryFn: ({ pageParam }) =>
      call(placeContracts.list, {
        query: {
          limit: 100,
          ...(kind && { kind }),
          ...(q && { q }),
          ...(state && { state }),
          ...(pageParam && { cursor: pageParam }),
        },
      }),
    initialPageParam: '',
    getNextPageParam: page => page.next,
    placeholderData: old => old,
  });

function Register() {
  const { t, language } = useWords();
  const { message, modal } = App.useApp();
  const directory = useDirectory();
  const me = useMe();
  const cache = useQueryClient();
  const [kind, setKind] = useState<PlaceKind>();
  const [state, setState] = useState<Place['state']>();
  const [q, setQ] = useState('');
  const [editing, setEditing] = useState<Place | 'new'>();
  const list = usePlaces(kind, q.trim(), state);
  const rows = list.data?.pages.flatMap(page => page.rows) ?? [];
  const end = useSending(
    (place: Place) =>
      call(placeContracts.end, { params: { county: place.county, id: place.id }, body: { reason: t('endPlace') } }),
    ['places'],
    () => {},
  );
  const take = (file: File) => {
    upload(placeContracts.import, {}, {}, file)
      .then(({ done, refused }) => {
        void cache.invalidateQueries({ queryKey: ['places'] });
        if (!refused.length) return void message.success(`${t('imported')} ${done}`);
        modal.warning({
          title: `${t('imported')} ${done}，${t('refused')} ${refused.length}`,
          width: 560,
          content: (
            <ul style={{ maxHeight: 320, overflow: 'auto' }}>
              {refused.map(one => (
                <li key={one.line}>
                  {one.line}：{one.reason}
                </li>
              ))}
            </ul>
          ),
        });
      })
      .catch(error => void message.error(messageOf(error), 6));
    return false;
  };
  const region = me.posts.find(post => post.oversees.length)?.region;
  return (
    <>
      <div className="bar">
        <Input.Search
          aria-label={t('search')}
          allowClear
          placeholder={t('placeName')}
          style={{ width: 220 }}
          onSearch={setQ}
        />
        <Select
          allowClear
          aria-label={t('placeKindOf')}
          placeholder={t('placeKindOf')}
          style={{ width: 150 }}
          value={kind}
          onChange={setKind}
          options={choices('placeKind', language) as { value: PlaceKind; label: string }[]}
        />
        <Select
          allowClear
          aria-label={t('placeState')}
          placeholder={t('placeState')}
          style={{ width: 110 }}
          value={state}
          onChange={setState}
          options={choices('placeState', language) as { value: Place['state']; label: string }[]}
        />
        <Button type="primary" onClick={() => setEditing('new')}>
          {t('addPlace')}
        </Button>
        <Upload showUploadList={false} accept=".xlsx,.csv" beforeUpload={take}>
          <Button>{t('importPlaces')}</Button>
        </Upload>
        <Button onClick={() => download(urlOf(placeContracts.export.path, {}, { ...(kind && { kind }) }))}>
          {t('exportPlaces')}
        </Button>
        <Button
          disabled={!kind || !region}
          onClick={() => download(urlOf(placeContracts.labels.path, {}, { kind, region }))}
        >
          {t('printLabels')}
        </Button>
      </div>
      {list.error ? <Nothing title={messageOf(list.error)} hint="" /> : null}
      <Table
        size="small"
        rowKey="id"
        pagination={false}
        loading={list.isPending}
        dataSource={rows}
        locale={{ emptyText: <Nothing title={t('noPlaces')} hint={t('noPlacesHint')} /> }}
        columns={[
          {
            title: t('placeKindOf'),
            key: 'k',
            width: 110,
            render: (_, p) => optionName('placeKind', p.kind, language),
          },
          {
            title: t('placeName'),
            key: 'n',
            render: (_, p) => (
              <>
                {p.name} {p.listed && <strong className="late">⚠ {`${t('listedUntil')} ${p.listed}`}</strong>}
              </>
            ),
          },
          { title: t('placeCode'), dataIndex: 'code', width: 130 },
          { title: t('place'), key: 'p', render: (_, p) => directory.placeName(p.path) },
          { title: t('ownerUnit'), key: 'u', width: 170, render: (_, p) => directory.unitName(p.unit) },
          {
            title: t('placeState'),
            key: 's',
            width: 80,
            render: (_, p) => optionName('placeState', p.state, language),
          },
          {
            title: t('action'),
            key: 'a',
            width: 150,
            render: (_, p) => (
              <>
                <Button size="small" onClick={() => setEditing(p)}>
                  {t('editLine')}
                </Button>{' '}
                <Popconfirm
                  title={`${t('endPlace')} ${p.name}`}
                  okText={t('ok')}
                  cancelText={t('cancel')}
                  onConfirm={() => end.mutate(p)}
                >
                  <Button size="small">{t('endPlace')}</Button>
                </Popconfirm>
              </>
            ),
          },
        ]}
      />
      <More list={list} rows={rows.length} />
      {editing && <PlaceForm place={editing === 'new' ? undefined : editing} onDone={() => setEditing(undefined)} />}
    </>
  );
}

/** Which villages have a kind of place or equipment, which have none, and what does not work. */
function Summary() {
  const { t, language } = useWords();
  const directory = useDirectory();
  const [kind, setKind] = useState<PlaceKind>('camera');
  const query = useQuery({
    queryKey: ['places', 'summary', kind],
    queryFn: () => call(placeContracts.summary, { query: { kind } }),
  });
  const names = new Map(directory.regions.map(one => [one.code, one.name]));
  return (
    <>
      <div className="bar">
        <Select
          aria-label={t('placeKindOf')}
          style={{ width: 150 }}
          value={kind}
          onChange={setKind}
          options={choices('placeKind', language) as { value: PlaceKind; label: string }[]}
        />
      </div>
      <Await query={query}>
        {data => (
          <>
            <Table
              size="small"
              rowKey="region"
              pagination={false}
              dataSource={data.rows}
              locale={{ emptyText: <Nothing title={t('noPlaces')} hint={t('noPlacesHint')} /> }}
              columns={[
                { title: t('regionOf'), key: 'r', render: (_, row) => names.get(row.region) ?? row.region },
                { title: t('placesN'), dataIndex: 'places', align: 'right', width: 120 },
                { title: t('faultyN'), dataIndex: 'faulty', align: 'right', width: 120 },
                { title: t('repairsN'), dataIndex: 'repairs', align: 'right', width: 160 },
              ]}
            />
            {data.without.length > 0 && (
              <p>
                {t('withoutAny')}：{data.without.map(code => names.get(code) ?? code).join('、')}
              </p>
            )}
          </>
        )}
      </Await>
    </>
  );
}

type PlaceValues = {
  kind: PlaceKind;
  name: string;
  code?: string;
  where?: Found;
  lng?: number;
  lat?: number;
  unit?: string;
  state: Place['state'];
};

/** The search of a region as a field of a form. */
function Where({ value, onChange = () => {} }: { value?: Found; onChange?(place: Found): void }) {
  return <PlaceSearch value={value} onChange={onChange} />;
}

function PlaceForm({ place, onDone }: { place: Place | undefined; onDone(): void }) {
  const { t, language } = useWords();
  const directory = useDirectory();
  const send = useSending(
    ({ where, lng, lat, code, unit, ...rest }: PlaceValues) =>
      call(placeContracts.put, {
        body: {
          id: place?.id ?? uuid(),
          ...rest,
          code: code || null,
          unit: unit ?? null,
          region: where ? (where.grid ?? where.code) : place!.region,
          location: lng !== undefined && lng !== null && lat !== undefined && lat !== null ? { lng, lat } : null,
          facts: place?.facts ?? {},
        },
      }),
    ['places'],
    onDone,
  );
  const needed = [{ required: true, message: t('required') }];
  return (
    <Modal open title={t(place ? 'editPlace' : 'addPlace')} footer={null} onCancel={onDone}>
      <Form
        layout="vertical"
        onFinish={send.mutate}
        initialValues={
          place
            ? {
                ...place,
                lng: place.location?.lng,
                lat: place.location?.lat,
                where: { code: place.region, grid: null, label: directory.placeName(place.path), path: place.path },
              }
            : { kind: 'facility', state: 'working' }
        }
      >
        <Form.Item name="kind" label={t('placeKindOf')} rules={needed}>
          <Select options={choices('placeKind', language)} />
        </Form.Item>
        <Form.Item name="name" label={t('placeName')} rules={needed}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="where" label={t('place')} rules={needed}>
          <Where />
        </Form.Item>
        <div style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', columnGap: 12 }}>
          <Form.Item name="lng" label={t('lngOf')}>
            <InputNumber min={-180} max={180} step={0.0001} style={{ width: '100%' }} />
          </Form.Item>
          <Form.Item name="lat" label={t('latOf')}>
            <InputNumber min={-90} max={90} step={0.0001} style={{ width: '100%' }} />
          </Form.Item>
          <Form.Item name="code" label={t('placeCode')}>
            <Input maxLength={40} />
          </Form.Item>
          <Form.Item name="state" label={t('placeState')} rules={needed}>
            <Select options={choices('placeState', language)} />
          </Form.Item>
        </div>
        <Form.Item name="unit" label={t('ownerUnit')}>
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            options={directory.units.map(unit => ({ value: unit.id, label: unit.name }))}
          />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={send.isPending}>
          {t('ok')}
        </Button>
      </Form>
    </Modal>
  );
}

type ListingStep = 'heard' | 'list' | 'not' | 'appeal' | 'uphold' | 'overturn' | 'lift';

function Listings() {
  const { t, language } = useWords();
  const me = useMe();
  const leads = me.posts.some(post => post.role === 'leader');
  const [proposing, setProposing] = useState(false);
  const [doing, setDoing] = useState<{ listing: Listing; step: ListingStep }>();
  const query = useQuery({ queryKey: ['listings'], queryFn: () => call(placeContracts.listings, {}) });
  const offered = (l: Listing): [ListingStep, Parameters<typeof t>[0]][] => {
    if (l.state === 'proposed') return [['heard', 'heardStep']];
    if (l.state === 'heard' && leads)
      return [
        ['list', 'decideList'],
        ['not', 'decideNot'],
      ];
    if (l.state !== 'listed') return [];
    return [
      ...(l.appealedAt === null ? [['appeal', 'appealStep'] as [ListingStep, 'appealStep']] : []),
      ...(leads && l.appealedAt !== null && l.upheld === null
        ? ([
            ['uphold', 'upholdStep'],
            ['overturn', 'overturnStep'],
          ] as [ListingStep, 'upholdStep'][])
        : []),
      ...(leads ? [['lift', 'liftStep'] as [ListingStep, 'liftStep']] : []),
    ];
  };
  return (
    <>
      <div className="bar">
        <Button type="primary" onClick={() => setProposing(true)}>
          {t('proposeListing')}
        </Button>
      </div>
      <Await query={query}>
        {data => (
          <Table
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={data.rows}
            locale={{ emptyText: <Nothing title={t('noListings')} hint="" /> }}
            columns={[
              { title: t('enterprise'), dataIndex: 'name' },
              {
                title: t('groundOfListing'),
                key: 'g',
                render: (_, l) => optionName('listingGround', l.ground, language),
              },
              {
                title: t('state'),
                key: 's',
                width: 180,
                render: (_, l) => optionName('listingState', l.state, language),
              },
              { title: t('untilOf'), dataIndex: 'until', width: 130 },
              {
                title: t('reasonWord'),
                key: 'w',
                render: (_, l) =>
                  Object.entries(l.words).map(([step, text]) => (
                    <div key={step} className="quiet">
                      {text}
                    </div>
                  )),
              },
              {
                title: t('action'),
                key: 'a',
                width: 220,
                render: (_, l) =>
                  offered(l).map(([step, word]) => (
                    <Button
                      key={step}
                      size="small"
                      style={{ marginRight: 4 }}
                      onClick={() => setDoing({ listing: l, step })}
                    >
                      {t(word)}
                    </Button>
                  )),
              },
            ]}
          />
        )}
      </Await>
      {proposing && <Propose onDone={() => setProposing(false)} />}
      {doing && <StepListing {...doing} onDone={() => setDoing(undefined)} />}
    </>
  );
}

/** A place by typing some of its name, as a field of a form. */
function PlaceChoice({
  kind,
  id,
  value,
  onChange,
}: {
  kind: PlaceKind;
  id?: string;
  value?: string;
  onChange?(id: string): void;
}) {
  const [q, setQ] = useState('');
  const list = usePlaces(kind, q);
  const rows = list.data?.pages.flatMap(page => page.rows) ?? [];
  return (
    <Select
      {...(id && { id })}
      {...(value && { value })}
      {...(onChange && { onChange })}
      showSearch={{ onSearch: setQ, filterOption: false }}
      options={rows.map(place => ({ value: place.id, label: place.name }))}
    />
  );
}

function Propose({ onDone }: { onDone(): void }) {
  const { t, language } = useWords();
  const me = useMe();
  const send = useSending(
    (values: { place: string; ground: 'fatal-accident'; text: string }) =>
      call(placeContracts.propose, { body: { id: uuid(), county: countyOf(me), ...values } }),
    ['listings', 'places'],
    onDone,
  );
  const needed = [{ required: true, message: t('required') }];
  return (
    <Modal open title={t('proposeListing')} footer={null} onCancel={onDone}>
      <Form layout="vertical" onFinish={send.mutate}>
        <Form.Item name="place" label={t('enterprise')} rules={needed}>
          <PlaceChoice kind="enterprise" />
        </Form.Item>
        <Form.Item name="ground" label={t('groundOfListing')} rules={needed}>
          <Select options={choices('listingGround', language)} />
        </Form.Item>
        <Form.Item name="text" label={t('reasonWord')} rules={needed}>
          <Input.TextArea rows={3} maxLength={2000} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={send.isPending}>
          {t('ok')}
        </Button>
      </Form>
    </Modal>
  );
}

/** The county of one's posts: six digits of their region. */
const countyOf = (me: { posts: { region: string }[] }) => me.posts[0]!.region.slice(0, 6);

function StepListing({ listing, step, onDone }: { listing: Listing; step: ListingStep; onDone(): void }) {
  const { t } = useWords();
  const bodies = {
    heard: () => ({ step: 'heard' as const }),
    list: (until?: Dayjs) => ({
      step: 'decide' as const,
      list: true,
      ...(until && { until: until.format('YYYY-MM-DD') }),
    }),
    not: () => ({ step: 'decide' as const, list: false }),
    appeal: () => ({ step: 'appeal' as const }),
    uphold: () => ({ step: 'rule' as const, upheld: true }),
    overturn: () => ({ step: 'rule' as const, upheld: false }),
    lift: () => ({ step: 'lift' as const }),
  };
  const send = useSending(
    ({ text, until }: { text: string; until?: Dayjs }) =>
      call(placeContracts.stepListing, {
        params: { county: listing.county, id: listing.id },
        body: { ...bodies[step](until), text },
      }),
    ['listings', 'places'],
    onDone,
  );
  const words = {
    heard: 'heardStep',
    list: 'decideList',
    not: 'decideNot',
    appeal: 'appealStep',
    uphold: 'upholdStep',
    overturn: 'overturnStep',
    lift: 'liftStep',
  } as const;
  return (
    <Modal open title={`${t(words[step])} · ${listing.name}`} footer={null} onCancel={onDone}>
      <Form layout="vertical" onFinish={send.mutate}>
        {step === 'list' && (
          <Form.Item name="until" label={t('untilOf')} rules={[{ required: true, message: t('required') }]}>
            <DatePicker />
          </Form.Item>
        )}
        <Form.Item name="text" label={t('reasonWord')} rules={[{ required: true, message: t('required') }]}>
          <Input.TextArea rows={4} maxLength={2000} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={send.isPending}>
          {t('ok')}
        </Button>
      </Form>
    </Modal>
  );
}

function Footage() {
  const { t, language } = useWords();
  const me = useMe();
  const [asking, setAsking] = useState(false);
  const query = useQuery({ queryKey: ['footage'], queryFn: () => call(placeContracts.footage, {}) });
  const step = useSending(
    ({ row, what }: { row: { county: string; id: string }; what: 'approve' | 'refuse' | 'handed' }) =>
      call(placeContracts.stepFootage, { params: { county: row.county, id: row.id }, body: { step: what } }),
    ['footage'],
    () => {},
  );
  const decides = me.posts.some(post => post.role === 'clerk' || post.role === 'leader');
  return (
    <>
      <div className="bar">
        <Button type="primary" onClick={() => setAsking(true)}>
          {t('askFootage')}
        </Button>
        <span className="quiet">{t('footageHint')}</span>
      </div>
      <Await query={query}>
        {data => (
          <Table
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={data.rows}
            locale={{ emptyText: <Nothing title={t('noFootage')} hint="" /> }}
            columns={[
              { title: t('cameraOf'), dataIndex: 'name' },
              { title: t('forMatter'), dataIndex: 'number', width: 190 },
              { title: t('spanOf'), key: 's', width: 290, render: (_, f) => `${dateTime(f.from)} – ${dateTime(f.to)}` },
              { title: t('purposeOf'), dataIndex: 'purpose' },
              { title: t('who'), dataIndex: 'askedBy', width: 90 },
              { title: t('approvals'), dataIndex: 'approved', width: 80, align: 'right' },
              {
                title: t('state'),
                key: 'z',
                width: 90,
                render: (_, f) => optionName('footageState', f.state, language),
              },
              {
                title: t('action'),
                key: 'a',
                width: 190,
                render: (_, f) => (
                  <>
                    {f.state === 'asked' && decides && !f.mine && (
                      <>
                        <Button size="small" onClick={() => step.mutate({ row: f, what: 'approve' })}>
                          {t('approveStep')}
                        </Button>{' '}
                        <Button size="small" onClick={() => step.mutate({ row: f, what: 'refuse' })}>
                          {t('refuseStep')}
                        </Button>
                      </>
                    )}
                    {f.state === 'approved' && (
                      <Button size="small" onClick={() => step.mutate({ row: f, what: 'handed' })}>
                        {t('handedStep')}
                      </Button>
                    )}
                  </>
                ),
              },
            ]}
          />
        )}
      </Await>
      {asking && <AskFootage onDone={() => setAsking(false)} />}
    </>
  );
}

function AskFootage({ onDone }: { onDone(): void }) {
  const { t } = useWords();
  const me = useMe();
  const send = useSending(
    async ({
      place,
      number,
      span,
      purpose,
    }: {
      place: string;
      number: string;
      span: [Dayjs, Dayjs];
      purpose: string;
    }) => {
      const { rows } = await call(matterContracts.find, { body: { typed: number } });
      if (!rows[0]) throw new Error(t('emptyList'));
      return call(placeContracts.askFootage, {
        body: {
          id: uuid(),
          county: countyOf(me),
          place,
          matter: rows[0].id,
          from: span[0].valueOf(),
          to: span[1].valueOf(),
          purpose,
        },
      });
    },
    ['footage'],
    onDone,
  );
  const needed = [{ required: true, message: t('required') }];
  return (
    <Modal open title={t('askFootage')} footer={null} onCancel={onDone}>
      <Form layout="vertical" onFinish={send.mutate}>
        <Form.Item name="place" label={t('cameraOf')} rules={needed}>
          <PlaceChoice kind="camera" />
        </Form.Item>
        <Form.Item name="number" label={t('forMatter')} rules={needed}>
          <Input maxLength={40} />
        </Form.Item>
        <Form.Item name="span" label={t('spanOf')} rules={needed}>
          <DatePicker.RangePicker showTime={{ format: 'HH:mm' }} />
        </Form.Item>
        <Form.Item name="purpose" label={t('purposeOf')} rules={needed}>
          <Input.TextArea rows={3} maxLength={1000} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={send.isPending}>
          {t('ok')}
        </Button>
      </Form>
    </Modal>
  );
}

function Certificates() {
  const { t } = useWords();
  const me = useMe();
  const [adding, setAdding] = useState(false);
  const query = useQuery({ queryKey: ['certificates'], queryFn: () => call(placeContracts.certificates, {}) });
  const send = useSending(
    ({ until, ...rest }: { login: string; number: string; until: Dayjs }) =>
      call(placeContracts.addCertificate, { body: { ...rest, until: until.format('YYYY-MM-DD') } }),
    ['certificates'],
    () => setAdding(false),
  );
  const needed = [{ required: true, message: t('required') }];
  return (
    <>
      {me.posts.some(post => post.role === 'leader') && (
        <div className="bar">
          <Button type="primary" onClick={() => setAdding(true)}>
            {t('addCertificate')}
          </Button>
        </div>
      )}
      <Await query={query}>
        {data => (
          <Table
            size="small"
            rowKey="number"
            pagination={false}
            dataSource={data.rows}
            locale={{ emptyText: <Nothing title={t('noCertificates')} hint="" /> }}
            columns={[
              { title: t('name'), dataIndex: 'name' },
              { title: t('certificateNumber'), dataIndex: 'number' },
              { title: t('endsOn'), dataIndex: 'until' },
            ]}
          />
        )}
      </Await>
      <Modal open={adding} title={t('addCertificate')} footer={null} onCancel={() => setAdding(false)} destroyOnHidden>
        <Form layout="vertical" onFinish={send.mutate}>
          <Form.Item name="login" label={t('login')} rules={needed}>
            <Input maxLength={60} autoComplete="off" />
          </Form.Item>
          <Form.Item name="number" label={t('certificateNumber')} rules={needed}>
            <Input maxLength={40} />
          </Form.Item>
          <Form.Item name="until" label={t('endsOn')} rules={needed}>
            <DatePicker />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={send.isPending}>
            {t('ok')}
          </Button>
        </Form>
      </Modal>
    </>
  );
}
