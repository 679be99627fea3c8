/** Systems that matters travel to and from; files to carry across separated networks. */
import { useQuery } from '@tanstack/react-query';
import { App, Button, Checkbox, Form, Input, Select, Typography } from 'antd';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { channelContracts } from '../../channels/contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { AskFirst, useMe } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { Rows } from './rows.tsx';
import { FormDialog, useNeeded, useSending } from './sending.tsx';

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
      <Rows
        query={query}
        whole
        rows={data => data.peers}
        empty={t('noPeers')}
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
                    <AskFirst title={`${t('stopHook')}？`} onConfirm={() => end.mutate(row.id)} danger>
                      {t('stopHook')}
                    </AskFirst>
                  )}
                </>
              ),
          },
        ]}
      />
      {query.data && (
        <>
          <h2>{t('ownKeys')}</h2>
          <Typography.Text copyable code>
            {JSON.stringify(query.data.own)}
          </Typography.Text>
        </>
      )}
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
