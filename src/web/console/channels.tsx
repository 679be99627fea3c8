/** 渠道与对接: how a county's words leave the house, what became of them, and which systems it speaks with. */
import { useQuery } from '@tanstack/react-query';
import { App, Button, Checkbox, Form, Input, Popconfirm, Select, Switch, Table, Tabs, Typography } from 'antd';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { Link } from 'wouter';
import { channelContracts, eventNames } from '../../channels/contract.ts';
import { type ChannelName, channelNames, type TemplateName, templates } from '../../channels/words.ts';
import { portalDesk } from '../../portal/desk-contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { Await, dateTime, messageOf, Nothing, useMe } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { FormDialog, useNeeded, useSending } from './sending.tsx';

/** What each way out wants to know; the shape is checked where it arrives. */
const examples: Record<ChannelName, object> = {
  email: { host: 'smtp.example.cn', port: 465, secure: true, user: 'zz', from: 'zz@example.cn' },
  sms: { url: 'http://127.0.0.1:1999/sms/tmpsubmit', enterprise: '', account: '', sign: '' },
  wecom: { url: 'http://127.0.0.1', corp: '', agent: 1 },
  official: { url: 'http://127.0.0.1', app: '' },
};

function Settings() {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const me = useMe();
  const county = me.counties[0]!;
  const system = me.posts.some(post => post.role === 'system-admin');
  const security = me.posts.some(post => post.role === 'security-admin');
  const query = useQuery({ queryKey: ['settings'], queryFn: () => call(portalDesk.settings, { params: { county } }) });
  const set = useSending(
    async (parts: [name: 'portal' | 'quiet' | 'factor', value: unknown][]) => {
      for (const [name, value] of parts)
        await call(portalDesk.setSetting, { params: { county, name }, body: { value } });
      message.success(t('savedIt'));
    },
    ['settings'],
    () => {},
  );
  return (
    <Await query={query}>
      {data => {
        const { portal, quiet, factor } = data.settings as {
          portal: { open: boolean; phoneCode: boolean; anonymous: string[]; hotline: string };
          quiet: { from: string; to: string };
          factor: { roles: string[] };
        };
        return (
          <Form
            layout="vertical"
            style={{ maxWidth: 520 }}
            initialValues={{ ...portal, ...quiet, roles: factor.roles }}
            onFinish={({ open, phoneCode, anonymous, hotline, from, to, roles }) =>
              set.mutate([
                ...(system
                  ? ([
                      ['portal', { open, phoneCode, anonymous, hotline }],
                      ['quiet', { from, to }],
                    ] as ['portal' | 'quiet', unknown][])
                  : []),
                ...(security ? ([['factor', { roles }]] as ['factor', unknown][]) : []),
              ])
            }
          >
            {system && (
              <>
                <Form.Item name="open" label={t('portalOpen')} valuePropName="checked">
                  <Switch aria-label={t('portalOpen')} />
                </Form.Item>
                <Form.Item name="phoneCode" label={t('phoneCodeOn')} valuePropName="checked">
                  <Switch aria-label={t('phoneCodeOn')} />
                </Form.Item>
                <Form.Item name="anonymous" label={t('anonymousKinds')}>
                  <Select mode="multiple" options={choices('anonymousKind', language)} />
                </Form.Item>
                <Form.Item name="hotline" label={t('hotlineNumber')}>
                  <Input maxLength={40} />
                </Form.Item>
                <Form.Item name="from" label={t('quietFrom')}>
                  <Input pattern="([01]\d|2[0-3]):[0-5]\d" maxLength={5} />
                </Form.Item>
                <Form.Item name="to" label={t('quietTo')}>
                  <Input pattern="([01]\d|2[0-3]):[0-5]\d" maxLength={5} />
                </Form.Item>
              </>
            )}
            {security && (
              <Form.Item name="roles" label={t('factorRoles')}>
                <Select mode="multiple" options={choices('postRole', language)} />
              </Form.Item>
            )}
            <Button type="primary" htmlType="submit" loading={set.isPending}>
              {t('saveIt')}
            </Button>
          </Form>
        );
      }}
    </Await>
  );
}

function Ways() {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const county = useMe().counties[0]!;
  const [editing, setEditing] = useState<ChannelName>();
  const [writing, setWriting] = useState(false);
  const query = useQuery({
    queryKey: ['channels'],
    queryFn: () => call(channelContracts.channels, { params: { county } }),
  });
  const set = useSending(
    ({ config, secret, enabled = false }: { config: string; secret?: string; enabled?: boolean }) => {
      let parsed: unknown;
      try {
        parsed = JSON.parse(config);
      } catch (error) {
        message.error(messageOf(error));
        return Promise.reject(error);
      }
      return call(channelContracts.setChannel, {
        params: { county, name: editing! },
        body: { config: parsed, enabled, ...(secret && { secret }) },
      });
    },
    ['channels'],
    () => setEditing(undefined),
  );
  return (
    <Await query={query}>
      {data => {
        const known = (name: ChannelName) => data.channels.find(one => one.name === name);
        return (
          <>
            <Table
              size="small"
              rowKey="name"
              pagination={false}
              dataSource={channelNames.map(name => ({ name, ...known(name) }))}
              columns={[
                {
                  title: t('channelsTab'),
                  key: 'name',
                  width: 120,
                  render: (_, row) => optionName('channelName', row.name, language),
                },
                { title: t('enabledOf'), key: 'on', width: 80, render: (_, row) => (row.enabled ? '✓' : '') },
                {
                  title: t('secretOf'),
                  key: 'secret',
                  width: 110,
                  render: (_, row) => (row.hasSecret ? t('hasSecret') : t('noSecret')),
                },
                {
                  title: t('configOf'),
                  key: 'config',
                  render: (_, row) => <code>{row.config ? JSON.stringify(row.config) : ''}</code>,
                },
                {
                  title: t('action'),
                  key: 'do',
                  width: 80,
                  render: (_, row) => (
                    <Button size="small" onClick={() => setEditing(row.name)}>
                      {t('setIt')}
                    </Button>
                  ),
                },
              ]}
            />
            <div className="bar" style={{ marginTop: 16 }}>
              <h2 style={{ margin: 0 }}>{t('templatesTab')}</h2>
              <Button onClick={() => setWriting(true)}>{t('addTemplate')}</Button>
            </div>
            <Table
              size="small"
              rowKey={row => `${row.name}${row.channel}${row.language}`}
              pagination={false}
              dataSource={data.templates}
              columns={[
                {
                  title: t('templateName'),
                  key: 'n',
                  width: 110,
                  render: (_, row) => optionName('templateName', row.name, language),
                },
                {
                  title: t('channelsTab'),
                  key: 'c',
                  width: 100,
                  render: (_, row) => optionName('channelName', row.channel, language),
                },
                { title: t('languageOf'), dataIndex: 'language', width: 50 },
                { title: t('carrierNumber'), dataIndex: 'carrier', width: 140 },
                { title: t('content'), dataIndex: 'body' },
              ]}
            />
            {editing && (
              <FormDialog
                title={optionName('channelName', editing, language)}
                send={set}
                onCancel={() => setEditing(undefined)}
                initial={{
                  config: JSON.stringify(known(editing)?.config ?? examples[editing], null, 2),
                  enabled: known(editing)?.enabled ?? true,
                }}
              >
                <Form.Item name="config" label={t('configOf')}>
                  <Input.TextArea rows={8} style={{ fontFamily: 'monospace' }} />
                </Form.Item>
                <Form.Item name="secret" label={t('secretOf')}>
                  <Input.Password autoComplete="new-password" />
                </Form.Item>
                <Form.Item name="enabled" valuePropName="checked">
                  <Checkbox>{t('enabledOf')}</Checkbox>
                </Form.Item>
              </FormDialog>
            )}
            {writing && <TemplateForm county={county} onDone={() => setWriting(false)} />}
          </>
        );
      }}
    </Await>
  );
}

function TemplateForm({ county, onDone }: { county: string; onDone(): void }) {
  const { t, language } = useWords();
  const needed = useNeeded();
  const [form] = Form.useForm();
  const name = Form.useWatch('name', form) as TemplateName | undefined;
  const send = useSending(
    (values: {
      name: TemplateName;
      channel: ChannelName;
      language: 'zh' | 'en';
      carrier?: string;
      title?: string;
      body: string;
    }) =>
      call(channelContracts.setTemplate, {
        params: { county },
        body: { ...values, carrier: values.carrier || null, title: values.title ?? '' },
      }),
    ['channels'],
    onDone,
  );
  return (
    <FormDialog
      title={t('addTemplate')}
      send={send}
      onCancel={onDone}
      form={form}
      initial={{ channel: 'sms', language: 'zh' }}
    >
      <Form.Item name="name" label={t('templateName')} rules={needed}>
        <Select options={choices('templateName', language)} />
      </Form.Item>
      <Form.Item name="channel" label={t('channelsTab')} rules={needed}>
        <Select options={choices('channelName', language)} />
      </Form.Item>
      <Form.Item name="language" label={t('languageOf')} rules={needed}>
        <Select options={choices('language2', language)} />
      </Form.Item>
      <Form.Item name="carrier" label={t('carrierNumber')}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="title" label={t('title')}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item
        name="body"
        label={t('content')}
        rules={needed}
        extra={name && `${t('placesAllowed')}：${templates[name].map(one => `{${one}}`).join(' ')}`}
      >
        <Input.TextArea rows={4} maxLength={500} />
      </Form.Item>
    </FormDialog>
  );
}

export function Outbox() {
  const { t, language } = useWords();
  const county = useMe().counties[0]!;
  const [state, setState] = useState<'dead' | 'unknown' | 'waiting' | 'sent' | 'withheld'>();
  const query = useQuery({
    queryKey: ['outbox', state],
    queryFn: () => call(channelContracts.outbox, { params: { county }, query: state ? { state } : {} }),
    refetchInterval: 10_000,
  });
  const decide = useSending(
    ({ id, again }: { id: string; again: boolean }) =>
      call(channelContracts.decideOut, { params: { county, id }, body: { again } }),
    ['outbox'],
    () => {},
  );
  return (
    <>
      <div className="bar">
        <Select
          allowClear
          aria-label={t('state')}
          placeholder={t('state')}
          style={{ width: 160 }}
          value={state}
          onChange={setState}
          options={(['waiting', 'sent', 'dead', 'unknown', 'withheld'] as const).map(value => ({
            value,
            label: `${optionName('outState', value, language)} ${query.data?.counts[value] ?? 0}`,
          }))}
        />
      </div>
      <Await query={query}>
        {data => (
          <Table
            size="small"
            rowKey="id"
            dataSource={data.rows}
            locale={{ emptyText: <Nothing title={t('noMessages')} hint="" /> }}
            columns={[
              { title: t('madeAt'), key: 'at', width: 140, render: (_, row) => dateTime(row.madeAt) },
              {
                title: t('channelsTab'),
                key: 'c',
                width: 100,
                render: (_, row) => optionName('channelName', row.channel, language),
              },
              {
                title: t('templateName'),
                key: 't',
                width: 100,
                render: (_, row) => optionName('templateName', row.template, language),
              },
              {
                title: t('number'),
                key: 'n',
                render: (_, row) =>
                  row.number && row.matter && <Link href={`/matters/${county}/${row.matter}`}>{row.number}</Link>,
              },
              {
                title: t('state'),
                key: 's',
                width: 100,
                render: (_, row) => optionName('outState', row.state, language),
              },
              { title: t('reason'), dataIndex: 'reason' },
              { title: t('triesOf'), dataIndex: 'tries', width: 60 },
              {
                title: t('action'),
                key: 'do',
                width: 160,
                render: (_, row) =>
                  (row.state === 'dead' || row.state === 'unknown') && (
                    <>
                      <Button size="small" type="primary" onClick={() => decide.mutate({ id: row.id, again: true })}>
                        {t('sendAgain')}
                      </Button>{' '}
                      <Button size="small" onClick={() => decide.mutate({ id: row.id, again: false })}>
                        {t('letRest')}
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

function Hooks() {
  const { t, language } = useWords();
  const { modal, message } = App.useApp();
  const needed = useNeeded();
  const county = useMe().counties[0]!;
  const [adding, setAdding] = useState(false);
  const query = useQuery({
    queryKey: ['hooks'],
    queryFn: () => call(channelContracts.hooks, { params: { county } }),
    refetchInterval: 10_000,
  });
  const add = useSending(
    async ({ url, events = [] }: { url: string; events?: string[] }) => {
      const { secret } = await call(channelContracts.addHook, {
        params: { county },
        body: { id: uuid(), url, events },
      });
      modal.info({
        width: 620,
        title: t('hookSecretOnce'),
        okText: t('ok'),
        content: (
          <Typography.Text copyable code>
            {secret}
          </Typography.Text>
        ),
      });
    },
    ['hooks'],
    () => setAdding(false),
  );
  const end = useSending(
    (id: string) => call(channelContracts.endHook, { params: { county, id } }),
    ['hooks'],
    () => {},
  );
  const replay = useSending(
    async (id: string) =>
      message.info(
        String(
          (
            await call(channelContracts.replayHook, {
              params: { county, id },
              body: { since: Date.now() - 86_400_000 },
            })
          ).again,
        ),
      ),
    ['hooks'],
    () => {},
  );
  return (
    <>
      <div className="bar">
        <Button type="primary" onClick={() => setAdding(true)}>
          {t('addHook')}
        </Button>
      </div>
      <Await query={query}>
        {data => (
          <>
            <Table
              size="small"
              rowKey="id"
              pagination={false}
              dataSource={data.hooks}
              locale={{ emptyText: <Nothing title={t('noHooks')} hint="" /> }}
              columns={[
                { title: t('hookUrl'), dataIndex: 'url' },
                { title: t('hookEvents'), key: 'e', render: (_, row) => row.events.join('、') || '*' },
                { title: optionName('outState', 'waiting', language), dataIndex: 'waiting', width: 70 },
                { title: optionName('outState', 'dead', language), dataIndex: 'dead', width: 70 },
                {
                  title: t('action'),
                  key: 'do',
                  width: 240,
                  render: (_, row) =>
                    row.ended ? (
                      t('stopped')
                    ) : (
                      <>
                        <Button size="small" onClick={() => replay.mutate(row.id)}>
                          {t('replayDay')}
                        </Button>{' '}
                        <Popconfirm
                          title={`${t('stopHook')}？`}
                          okText={t('ok')}
                          cancelText={t('cancel')}
                          onConfirm={() => end.mutate(row.id)}
                        >
                          <Button size="small" danger>
                            {t('stopHook')}
                          </Button>
                        </Popconfirm>
                      </>
                    ),
                },
              ]}
            />
            <h2>{t('deliveriesOf')}</h2>
            <Table
              size="small"
              rowKey="id"
              dataSource={data.deliveries}
              locale={{ emptyText: <Nothing title={t('noMessages')} hint="" /> }}
              columns={[
                { title: t('madeAt'), key: 'at', width: 150, render: (_, row) => dateTime(row.at) },
                { title: t('hookEvents'), dataIndex: 'type' },
                {
                  title: t('state'),
                  key: 's',
                  render: (_, row) => `${optionName('outState', row.state, language)} ${row.status ?? ''}`,
                },
                { title: t('triesOf'), dataIndex: 'tries', width: 70 },
              ]}
            />
          </>
        )}
      </Await>
      {adding && (
        <FormDialog title={t('addHook')} send={add} onCancel={() => setAdding(false)}>
          <Form.Item name="url" label={t('hookUrl')} rules={needed}>
            <Input maxLength={500} />
          </Form.Item>
          <Form.Item name="events" label={t('hookEvents')}>
            <Select mode="multiple" options={eventNames.map(value => ({ value, label: value }))} />
          </Form.Item>
        </FormDialog>
      )}
    </>
  );
}

type Peer = Answer<typeof channelContracts.peers>['peers'][number];

export function Peers() {
  const { t, language } = useWords();
  const { message, modal } = App.useApp();
  const needed = useNeeded();
  const me = useMe();
  const county = me.counties[0]!;
  const admin = me.posts.some(post => post.role === 'system-admin');
  const desk = me.posts.some(post => post.role === 'clerk' || post.role === 'leader');
  const [adding, setAdding] = useState(false);
  const query = useQuery({
    queryKey: ['peers'],
    queryFn: () => call(channelContracts.peers, { params: { county } }),
    refetchInterval: 15_000,
  });
  const add = useSending(
    ({ keys, url, ...values }: { name: string; system: Peer['system']; keys: string; url?: string; pulls?: boolean }) =>
      call(channelContracts.addPeer, {
        params: { county },
        body: { id: uuid(), ...values, system: values.system as 'other', keys: JSON.parse(keys), url: url || null },
      }),
    ['peers'],
    () => setAdding(false),
  );
  const end = useSending(
    (id: string) => call(channelContracts.endPeer, { params: { county, id } }),
    ['peers'],
    () => {},
  );
  const save = (name: string, text: string) => {
    const link = Object.assign(document.createElement('a'), {
      href: URL.createObjectURL(new Blob([text])),
      download: name,
    });
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const exportFile = useSending(
    async (peer: Peer) => {
      const { lines, packages } = await call(channelContracts.exportPackages, { params: { county, id: peer.id } });
      if (!packages) return void message.info(t('noMessages'));
      save(`${peer.name}-${new Date().toISOString().slice(0, 10)}.yd`, lines);
    },
    ['peers'],
    () => {},
  );
  const importFile = useSending(
    async (file: File) => {
      const { taken, refused, acknowledged, unreadable, back } = await call(channelContracts.importPackages, {
        body: { lines: await file.text() },
      });
      const words = t('importedOf')
        .replace('{a}', String(taken))
        .replace('{b}', String(refused))
        .replace('{c}', String(acknowledged))
        .replace('{d}', String(unreadable));
      modal.info({
        title: words,
        okText: t('ok'),
        content: back && <Button onClick={() => save('ack.yd', back)}>{t('carryBack')}</Button>,
      });
    },
    ['peers'],
    () => {},
  );
  return (
    <>
      <div className="bar">
        {admin && (
          <Button type="primary" onClick={() => setAdding(true)}>
            {t('addPeer')}
          </Button>
        )}
        {desk && (
          <label
            className="ant-btn ant-btn-default"
            style={{ lineHeight: '30px', padding: '0 15px', border: '1px solid #d9d6cf', borderRadius: 6 }}
          >
            {t('importFile')}
            <input
              type="file"
              accept=".yd,text/plain"
              style={{ position: 'absolute', opacity: 0, width: 1 }}
              onChange={event => {
                const file = event.target.files?.[0];
                if (file) importFile.mutate(file);
                event.target.value = '';
              }}
            />
          </label>
        )}
      </div>
      <Await query={query}>
        {data => (
          <>
            <Table
              size="small"
              rowKey="id"
              pagination={false}
              dataSource={data.peers}
              locale={{ emptyText: <Nothing title={t('noPeers')} hint="" /> }}
              columns={[
                { title: t('peerName'), dataIndex: 'name' },
                {
                  title: t('peerSystem'),
                  key: 's',
                  width: 110,
                  render: (_, row) => optionName('peerSystem', row.system, language),
                },
                {
                  title: t('peerUrl'),
                  key: 'u',
                  render: (_, row) => `${row.url ?? '—'}${row.pulls ? `（${t('peerPulls')}）` : ''}`,
                },
                { title: t('waitingOut'), dataIndex: 'waiting', width: 80 },
                { title: optionName('outState', 'dead', language), dataIndex: 'dead', width: 70 },
                {
                  title: t('action'),
                  key: 'do',
                  width: 210,
                  render: (_, row) =>
                    row.ended ? (
                      t('stopped')
                    ) : (
                      <>
                        {desk && (
                          <Button size="small" onClick={() => exportFile.mutate(row)}>
                            {t('exportFile')}
                          </Button>
                        )}{' '}
                        {admin && (
                          <Popconfirm
                            title={`${t('stopHook')}？`}
                            okText={t('ok')}
                            cancelText={t('cancel')}
                            onConfirm={() => end.mutate(row.id)}
                          >
                            <Button size="small" danger>
                              {t('stopHook')}
                            </Button>
                          </Popconfirm>
                        )}
                      </>
                    ),
                },
              ]}
            />
            <h2>{t('ownKeys')}</h2>
            <Typography.Text copyable code>
              {JSON.stringify(data.own)}
            </Typography.Text>
          </>
        )}
      </Await>
      {adding && (
        <FormDialog
          title={t('addPeer')}
          send={add}
          onCancel={() => setAdding(false)}
          initial={{ system: 'other', pulls: false }}
        >
          <Form.Item name="name" label={t('peerName')} rules={needed}>
            <Input maxLength={60} />
          </Form.Item>
          <Form.Item name="system" label={t('peerSystem')} rules={needed}>
            <Select options={choices('peerSystem', language)} />
          </Form.Item>
          <Form.Item name="keys" label={t('peerKeys')} rules={needed}>
            <Input.TextArea rows={4} style={{ fontFamily: 'monospace' }} />
          </Form.Item>
          <Form.Item name="url" label={t('peerUrl')}>
            <Input maxLength={300} />
          </Form.Item>
          <Form.Item name="pulls" valuePropName="checked">
            <Checkbox>{t('peerPulls')}</Checkbox>
          </Form.Item>
        </FormDialog>
      )}
    </>
  );
}

export default function Channels() {
  const { t } = useWords();
  const me = useMe();
  const admin = me.posts.some(post => post.role === 'system-admin');
  const desk = me.posts.some(post => post.role === 'clerk' || post.role === 'leader');
  const security = me.posts.some(post => post.role === 'security-admin');
  return (
    <>
      <h1 style={{ fontSize: 18, marginTop: 0 }}>{t('channels')}</h1>
      <Tabs
        destroyOnHidden
        items={[
          ...(admin || security ? [{ key: 'settings', label: t('settingsTab'), children: <Settings /> }] : []),
          ...(admin ? [{ key: 'ways', label: t('channelsTab'), children: <Ways /> }] : []),
          ...(admin || desk ? [{ key: 'outbox', label: t('outboxTab'), children: <Outbox /> }] : []),
          ...(admin ? [{ key: 'hooks', label: t('hooksTab'), children: <Hooks /> }] : []),
          ...(admin || desk ? [{ key: 'peers', label: t('peersTab'), children: <Peers /> }] : []),
        ]}
      />
    </>
  );
}
