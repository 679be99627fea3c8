/** Webhooks: who is told of what happens, and the last deliveries. */
import { useQuery } from '@tanstack/react-query';
import { App, Button, Form, Input, Select, Typography } from 'antd';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { channelContracts, eventNames } from '../../channels/contract.ts';
import { call } from '../ui/api.ts';
import { AskFirst, dateTime, useMe } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { Rows } from './rows.tsx';
import { FormDialog, useNeeded, useSending } from './sending.tsx';

export function Hooks() {
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
      <Rows
        query={query}
        whole
        rows={data => data.hooks}
        empty={t('noHooks')}
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
                  <AskFirst title={`${t('stopHook')}？`} onConfirm={() => end.mutate(row.id)} danger>
                    {t('stopHook')}
                  </AskFirst>
                </>
              ),
          },
        ]}
      />
      {query.data && (
        <>
          <h2>{t('deliveriesOf')}</h2>
          <Rows
            query={query}
            rows={data => data.deliveries}
            empty={t('noMessages')}
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
