/** 渠道与对接: how a county's words leave the house, what became of them, and which systems it speaks with. */
import { useQuery } from '@tanstack/react-query';
import { App, Button, Checkbox, Form, Input, Select, Switch, Table, Tabs } from 'antd';
import { useState } from 'react';
import { channelContracts } from '../../channels/contract.ts';
import { type ChannelName, channelNames, type TemplateName, templates } from '../../channels/words.ts';
import { portalDesk } from '../../portal/desk-contract.ts';
import { call } from '../ui/api.ts';
import { Await, messageOf, useMe } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { Hooks } from './hooks.tsx';
import { Outbox } from './outbox.tsx';
import { Peers } from './peers.tsx';
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
