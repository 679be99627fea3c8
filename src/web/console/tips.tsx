/** 举报线索: opened in this browser by the organ's passphrase; the server hands over ciphertext and takes back sealed answers. */
import { useQuery } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal, Select, Table } from 'antd';
import { useEffect, useState } from 'react';
import { tipContracts } from '../../tips/contract.ts';
import { newOrganKey, openTip, sealAnswer, sealTip, type Tip, unlock } from '../../tips/sealing.ts';
import { type Answer, call } from '../ui/api.ts';
import { Await, Nothing, useDirectory, useMe } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { FormDialog, useNeeded, useSending } from './sending.tsx';

type Keys = Answer<typeof tipContracts.keys>;
type Row = Answer<typeof tipContracts.list>['rows'][number];
type Open = Row & { tip: Tip | undefined };

export default function Tips() {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const keys = useQuery({ queryKey: ['tip-keys'], queryFn: () => call(tipContracts.keys, {}) });
  const [making, setMaking] = useState(false);
  const [asking, setAsking] = useState(false);
  const [opened, setOpened] = useState<Map<string, CryptoKey>>(new Map());
  const open = useSending(
    async ({ passphrase }: { passphrase: string }) => {
      const fresh = new Map<string, CryptoKey>();
      // Older keys may have had another passphrase: whatever opens is opened.
      for (const key of keys.data?.keys ?? []) {
        const mine = await unlock(key.locked, passphrase).catch(() => undefined);
        if (mine) fresh.set(`${key.unit} ${key.n}`, mine);
      }
      if (!fresh.size) return void message.error(t('passphraseWrong'));
      setOpened(now => new Map([...now, ...fresh]));
      setAsking(false);
    },
    [],
    () => {},
  );
  return (
    <>
      <h1 style={{ fontSize: 18, marginTop: 0 }}>{t('tips')}</h1>
      <Await query={keys}>
        {data => (
          <>
            <div className="bar">
              <Button onClick={() => setMaking(true)}>{t('newTipKey')}</Button>
              {data.keys.length > 0 && (
                <Button type="primary" onClick={() => setAsking(true)}>
                  {t('unlock')}
                </Button>
              )}
              <span className="quiet">
                {data.keys
                  .filter(key => !key.ended)
                  .map(key => `${t('tipKeys')} ${key.n} · ${optionName('tipSort', key.sort, language)}`)
                  .join('　') || t('noTipKey')}
              </span>
            </div>
            <List keys={data} opened={opened} />
          </>
        )}
      </Await>
      {making && <KeyForm onDone={() => setMaking(false)} />}
      {asking && <Ask send={open} onCancel={() => setAsking(false)} />}
    </>
  );
}

function Ask({
  send,
  onCancel,
}: {
  send: { mutate(values: { passphrase: string }): void; isPending: boolean };
  onCancel(): void;
}) {
  const { t } = useWords();
  const needed = useNeeded();
  return (
    <FormDialog title={t('unlock')} send={send} onCancel={onCancel}>
      <Form.Item name="passphrase" label={t('passphrase')} rules={needed}>
        <Input.Password autoFocus autoComplete="off" />
      </Form.Item>
    </FormDialog>
  );
}

function KeyForm({ onDone }: { onDone(): void }) {
  const { t, language } = useWords();
  const me = useMe();
  const directory = useDirectory();
  const needed = useNeeded();
  const units = me.posts
    .filter(post => post.needToKnow)
    .map(post => ({ value: post.unit, label: directory.unitName(post.unit) }));
  const send = useSending(
    async ({ unit, sort, passphrase }: { unit: string; sort: 'crime' | 'official'; passphrase: string }) =>
      call(tipContracts.makeKey, { body: { county: me.counties[0]!, unit, sort, ...(await newOrganKey(passphrase)) } }),
    ['tip-keys'],
    onDone,
  );
  return (
    <FormDialog title={t('newTipKey')} send={send} onCancel={onDone} initial={{ unit: units[0]?.value, sort: 'crime' }}>
      <p>{t('tipKeyHint')}</p>
      <Form.Item name="unit" label={t('unit')} rules={needed}>
        <Select options={units} />
      </Form.Item>
      <Form.Item name="sort" label={t('tipSort')} rules={needed}>
        <Select options={choices('tipSort', language)} />
      </Form.Item>
      <Form.Item
        name="passphrase"
        label={t('passphrase')}
        rules={[{ required: true, min: 12, message: t('tipKeyHint') }]}
      >
        <Input.Password autoComplete="off" />
      </Form.Item>
      <Form.Item
        name="again"
        label={t('again')}
        rules={[
          ({ getFieldValue }) => ({
            validator: async (_, value) => {
              if (value !== getFieldValue('passphrase')) throw new Error(t('notSame'));
            },
          }),
        ]}
      >
        <Input.Password autoComplete="off" />
      </Form.Item>
    </FormDialog>
  );
}

function List({ keys, opened }: { keys: Keys; opened: Map<string, CryptoKey> }) {
  const { t, language } = useWords();
  const query = useQuery({
    queryKey: ['tip-list'],
    queryFn: () => call(tipContracts.list, {}),
    refetchInterval: 60_000,
  });
  const [texts, setTexts] = useState<Map<string, Tip>>(new Map());
  const [reading, setReading] = useState<Open>();
  useEffect(() => {
    let live = true;
    (async () => {
      const fresh = new Map<string, Tip>();
      for (const row of query.data?.rows ?? []) {
        const key = opened.get(`${row.unit} ${row.n}`);
        const tip = key && (await openTip(key, row.sealed).catch(() => undefined));
        if (tip) fresh.set(row.id, tip);
      }
      if (live) setTexts(fresh);
    })();
    return () => {
      live = false;
    };
  }, [query.data, opened]);
  return (
    <Await query={query}>
      {data => (
        <>
          <Table
            size="small"
            rowKey="id"
            dataSource={data.rows.map(row => ({ ...row, tip: texts.get(row.id) }))}
            locale={{ emptyText: <Nothing title={t('noTips')} hint="" /> }}
            columns={[
              { title: t('madeAt'), dataIndex: 'day', width: 120 },
              {
                title: t('state'),
                key: 'state',
                width: 100,
                render: (_, row) => optionName('tipState', row.state, language),
              },
              { title: t('tipTextOf'), key: 'text', render: (_, row) => row.tip?.text.slice(0, 60) ?? '●●●●●●' },
              {
                title: t('action'),
                key: 'do',
                width: 100,
                render: (_, row) => (
                  <Button size="small" disabled={!row.tip} onClick={() => setReading(row)}>
                    {t('unlock')}
                  </Button>
                ),
              },
            ]}
          />
          {reading?.tip && (
            <Read one={{ ...reading, tip: reading.tip }} others={keys.others} onDone={() => setReading(undefined)} />
          )}
        </>
      )}
    </Await>
  );
}

function Read({ one, others, onDone }: { one: Row & { tip: Tip }; others: Keys['others']; onDone(): void }) {
  const { t, language } = useWords();
  const directory = useDirectory();
  const [reply, setReply] = useState('');
  const [to, setTo] = useState<string>();
  const params = { county: one.county, id: one.id };
  const move = useSending(
    async (state: 'opened' | 'taken' | 'not-taken' | 'passed-on') => {
      const other = others.find(organ => organ.unit === to);
      return call(tipContracts.move, {
        params,
        body: {
          state,
          ...(reply.trim() && { reply: await sealAnswer(one.tip.answer, reply.trim()) }),
          ...(state === 'passed-on' &&
            other && { to: { unit: other.unit, n: other.n, sealed: await sealTip(other.key, one.tip) } }),
        },
      });
    },
    ['tip-list'],
    onDone,
  );
  return (
    <Modal open title={t('tipTextOf')} footer={null} onCancel={onDone} width={680}>
      <p style={{ whiteSpace: 'pre-line' }}>{one.tip.text}</p>
      <p style={{ whiteSpace: 'pre-line' }}>{one.tip.about}</p>
      <p className="quiet">{one.tip.contact}</p>
      <Input.TextArea
        rows={3}
        aria-label={t('tipReply')}
        placeholder={t('tipReply')}
        value={reply}
        onChange={event => setReply(event.target.value)}
      />
      <div className="bar" style={{ marginTop: 12 }}>
        {(['opened', 'taken', 'not-taken'] as const).map(state => (
          <Button
            key={state}
            type={state === 'taken' ? 'primary' : 'default'}
            onClick={() => move.mutate(state)}
            loading={move.isPending}
          >
            {optionName('tipState', state, language)}
          </Button>
        ))}
        <Select
          aria-label={t('passOn')}
          placeholder={t('passOn')}
          style={{ minWidth: 180 }}
          value={to}
          onChange={setTo}
          options={others.map(organ => ({ value: organ.unit, label: directory.unitName(organ.unit) }))}
        />
        <Button disabled={!to} onClick={() => move.mutate('passed-on')}>
          {t('passOn')}
        </Button>
      </div>
    </Modal>
  );
}
