/** Alerts to areas and groups, with how many read them; and the yearly public review. */
import { useQuery } from '@tanstack/react-query';
import { App, Button, Checkbox, DatePicker, Form, Input, InputNumber, Select, Table } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { portalDesk } from '../../portal/desk-contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { AskFirst, dateTime, useDirectory, useMe } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { Rows } from './rows.tsx';
import { FormDialog, useNeeded, useSending } from './sending.tsx';

type Level = 'red' | 'orange' | 'yellow' | 'blue';

export function Alerts() {
  const { t, language } = useWords();
  const directory = useDirectory();
  const county = useMe().counties[0]!;
  const [making, setMaking] = useState(false);
  const query = useQuery({
    queryKey: ['alerts'],
    queryFn: () => call(portalDesk.alerts, { params: { county } }),
    refetchInterval: 30_000,
  });
  const end = useSending(
    (id: string) => call(portalDesk.endAlert, { params: { county, id } }),
    ['alerts'],
    () => {},
  );
  const name = (code: string) => directory.regions.find(region => region.code === code)?.name ?? code;
  return (
    <>
      <div className="bar">
        <Button type="primary" onClick={() => setMaking(true)}>
          {t('newAlert')}
        </Button>
      </div>
      <Rows
        query={query}
        rows={data => data.rows}
        empty={t('noAlerts')}
        columns={[
          {
            title: t('alertLevel'),
            key: 'level',
            width: 80,
            render: (_, row) => <strong>⚠ {optionName('alertLevel', row.level, language)}</strong>,
          },
          {
            title: t('alertSort'),
            key: 'sort',
            width: 90,
            render: (_, row) => optionName('alertSort', row.sort, language),
          },
          {
            title: t('alertTitle'),
            key: 'title',
            render: (_, row) => (
              <>
                <strong>{row.title}</strong>
                <div className="quiet">{row.body}</div>
              </>
            ),
          },
          { title: t('alertRegions'), key: 'regions', render: (_, row) => row.regions.map(name).join('、') },
          {
            title: t('alertAudience'),
            key: 'audience',
            render: (_, row) => row.audience.map(one => optionName('audience', one, language)).join('、'),
          },
          { title: t('alertUntil'), key: 'until', width: 140, render: (_, row) => dateTime(row.until) },
          {
            title: t('seenBy'),
            key: 'seen',
            width: 150,
            render: (_, row) => (
              <>
                {row.seen}
                <div className="quiet">
                  {Object.entries(row.seenBy)
                    .map(([code, n]) => `${code ? name(code) : '—'} ${n}`)
                    .join('、')}
                </div>
              </>
            ),
          },
          {
            title: t('action'),
            key: 'do',
            width: 90,
            render: (_, row) =>
              row.ended || row.until < Date.now() ? (
                ''
              ) : (
                <AskFirst title={`${t('endAlert')}？`} onConfirm={() => end.mutate(row.id)}>
                  {t('endAlert')}
                </AskFirst>
              ),
          },
        ]}
      />
      {making && <AlertForm county={county} onDone={() => setMaking(false)} />}
    </>
  );
}

function AlertForm({ county, onDone }: { county: string; onDone(): void }) {
  const { t, language } = useWords();
  const needed = useNeeded();
  const me = useMe();
  const directory = useDirectory();
  const mine = me.posts.flatMap(post => post.oversees);
  type Values = {
    sort: 'fraud';
    level: Level;
    title: string;
    body: string;
    regions: string[];
    audience?: 'everybody'[];
    until: Dayjs;
    broadcast?: boolean;
  };
  const send = useSending(
    ({ until, audience = [], broadcast = false, ...values }: Values) =>
      call(portalDesk.makeAlert, {
        params: { county },
        body: { id: uuid(), ...values, audience, broadcast, until: until.valueOf() },
      }),
    ['alerts'],
    onDone,
  );
  return (
    <FormDialog
      title={t('newAlert')}
      send={send}
      onCancel={onDone}
      initial={{ level: 'yellow', sort: 'fraud', regions: mine.slice(0, 1) }}
      width={600}
    >
      <Form.Item name="sort" label={t('alertSort')} rules={needed}>
        <Select options={choices('alertSort', language)} />
      </Form.Item>
      <Form.Item name="level" label={t('alertLevel')} rules={needed}>
        <Select options={choices('alertLevel', language)} />
      </Form.Item>
      <Form.Item name="title" label={t('alertTitle')} rules={needed}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="body" label={t('alertBody')} rules={needed}>
        <Input.TextArea rows={4} maxLength={2000} />
      </Form.Item>
      <Form.Item name="regions" label={t('alertRegions')} rules={needed}>
        <Select
          mode="multiple"
          showSearch={{ optionFilterProp: 'label' }}
          options={directory.regions
            .filter(one => one.code.length === 12)
            .map(one => ({ value: one.code, label: one.name }))}
        />
      </Form.Item>
      <Form.Item name="audience" label={t('alertAudience')}>
        <Select mode="multiple" options={choices('audience', language)} />
      </Form.Item>
      <Form.Item name="until" label={t('alertUntil')} rules={needed}>
        <DatePicker format="YYYY-MM-DD HH:mm" showTime={{ format: 'HH:mm' }} style={{ width: '100%' }} />
      </Form.Item>
      <Form.Item name="broadcast" valuePropName="checked">
        <Checkbox>{t('broadcast')}</Checkbox>
      </Form.Item>
    </FormDialog>
  );
}

type Review = Answer<typeof portalDesk.reviews>['rows'][number];

export function Reviews() {
  const { t } = useWords();
  const me = useMe();
  const directory = useDirectory();
  const county = me.counties[0]!;
  const [making, setMaking] = useState(false);
  const query = useQuery({ queryKey: ['reviews'], queryFn: () => call(portalDesk.reviews, { params: { county } }) });
  const name = (code: string) => directory.regions.find(region => region.code === code)?.name ?? code;
  const results = (row: Review) => (
    <Table
      size="small"
      rowKey="unit"
      pagination={false}
      dataSource={row.units}
      columns={[
        { title: t('unit'), key: 'unit', render: (_, one) => directory.unitName(one.unit) },
        { title: t('usedOf'), key: 'n', render: (_, one) => one.n ?? t('notYet') },
        {
          title: t('meanOf'),
          key: 'mean',
          render: (_, one) =>
            one.n === null ? t('notYet') : one.mean === null ? t('tooFewBallots') : one.mean.toFixed(2),
        },
      ]}
    />
  );
  return (
    <>
      <div className="bar">
        {me.posts.some(post => post.role === 'leader') && (
          <Button type="primary" onClick={() => setMaking(true)}>
            {t('newReview')}
          </Button>
        )}
      </div>
      <Rows
        query={query}
        rows={data => data.rows}
        whole
        empty={t('noReviews')}
        expandable={{
          expandedRowRender: results,
          defaultExpandAllRows: true,
          columnTitle: t('reviewUnits'),
          columnWidth: 100,
        }}
        columns={[
          { title: t('reviewYear'), dataIndex: 'year', width: 80 },
          { title: t('reviewTitle'), dataIndex: 'title' },
          {
            title: t('reviewSpan'),
            key: 'span',
            render: (_, row) => `${dateTime(row.from)} – ${dateTime(row.until)}`,
          },
          { title: t('usedOf'), key: 'used', width: 110, render: (_, row) => `${row.used} / ${row.sent}` },
          {
            title: t('drawnOf'),
            key: 'drawn',
            render: (_, row) => `${row.sample.drawn.map(name).join('、')}（${row.sample.seed}）`,
          },
        ]}
      />
      {making && <ReviewForm county={county} onDone={() => setMaking(false)} />}
    </>
  );
}

function ReviewForm({ county, onDone }: { county: string; onDone(): void }) {
  const { t } = useWords();
  const { modal } = App.useApp();
  const needed = useNeeded();
  const directory = useDirectory();
  const send = useSending(
    async ({
      span,
      ...values
    }: {
      year: number;
      title: string;
      units: string[];
      span: [Dayjs, Dayjs];
      villages: number;
      tickets: number;
      seed: string;
    }) => {
      const id = uuid();
      const { tickets } = await call(portalDesk.makeReview, {
        params: { county },
        body: { id, ...values, from: span[0].valueOf(), until: span[1].valueOf() },
      });
      const villageName = (code: string) => directory.regions.find(one => one.code === code)?.name ?? code;
      modal.info({
        width: 720,
        title: t('ticketsOnce'),
        okText: t('ok'),
        content: (
          <pre style={{ maxHeight: 420, overflow: 'auto' }}>
            {tickets
              .map(
                one =>
                  `${villageName(one.stratum)}  ${one.ticket}  ${location.origin}/portal/${county}/ballot/${id}#${one.ticket}`,
              )
              .join('\n')}
          </pre>
        ),
      });
    },
    ['reviews'],
    onDone,
  );
  return (
    <FormDialog
      title={t('newReview')}
      send={send}
      onCancel={onDone}
      initial={{ year: new Date().getFullYear(), villages: 2, tickets: 20 }}
      width={600}
    >
      <Form.Item name="year" label={t('reviewYear')} rules={needed}>
        <InputNumber min={2020} max={2100} />
      </Form.Item>
      <Form.Item name="title" label={t('reviewTitle')} rules={needed}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="units" label={t('reviewUnits')} rules={needed}>
        <Select
          mode="multiple"
          showSearch={{ optionFilterProp: 'label' }}
          options={directory.units.map(unit => ({ value: unit.id, label: unit.name }))}
        />
      </Form.Item>
      <Form.Item name="span" label={t('reviewSpan')} rules={needed}>
        <DatePicker.RangePicker format="YYYY-MM-DD HH:mm" showTime={{ format: 'HH:mm' }} style={{ width: '100%' }} />
      </Form.Item>
      <Form.Item name="villages" label={t('villagesEach')} rules={needed}>
        <InputNumber min={1} max={50} />
      </Form.Item>
      <Form.Item name="tickets" label={t('ticketsEach')} rules={needed}>
        <InputNumber min={1} max={500} />
      </Form.Item>
      <Form.Item name="seed" label={t('seedOf')} rules={needed}>
        <Input maxLength={100} />
      </Form.Item>
    </FormDialog>
  );
}
