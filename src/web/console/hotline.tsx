/** 热线与窗口: calls with what is known of them, answers with one key; numbers at the window; lost codes; figures. */
import { useQuery } from '@tanstack/react-query';
import { Button, Form, Input, Table, Tabs } from 'antd';
import { useState } from 'react';
import { hotlineContracts } from '../../hotline/contract.ts';
import { portalDesk } from '../../portal/desk-contract.ts';
import { call } from '../ui/api.ts';
import { Await, dateTime, Nothing, useMe } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { Calls } from './calls.tsx';
import { Knowledge } from './knowledge.tsx';
import { Queue } from './queue.tsx';
import { CardReader } from './reader.tsx';
import { useNeeded, useSending } from './sending.tsx';

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
