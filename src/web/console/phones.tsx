/** My phones, and what they sent that waits for me. */
import { useQuery } from '@tanstack/react-query';
import { App, Button, Table } from 'antd';
import { minuteOf } from '../../matters/clocks.ts';
import { actionNames } from '../../matters/words.ts';
import { syncContracts } from '../../sync/contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { AskFirst, dateTime } from '../ui/pieces.tsx';
import { useWords } from '../ui/words.ts';
import { Rows } from './rows.tsx';
import { useSending } from './sending.tsx';

type Held = Answer<typeof syncContracts.held>['items'][number];

/** What somebody wrote, whatever became of it. */
function textOf({ item }: Held): string {
  if (item.do === 'register') return item.input.text;
  if (item.do === 'enter') return item.input.words.note ?? '';
  if (item.do === 'attach') return item.name;
  return (item.action.words as { text?: string }).text ?? '';
}

export function Phones() {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const devices = useQuery({ queryKey: ['devices'], queryFn: () => call(syncContracts.devices, {}) });
  const held = useQuery({ queryKey: ['held'], queryFn: () => call(syncContracts.held, {}) });
  const end = useSending(
    ({ device, lost }: { device: string; lost: boolean }) =>
      call(syncContracts.endDevice, { params: { device }, query: { lost: lost ? 'true' : 'false' } }),
    ['devices'],
    () => {},
  );
  const settle = useSending(
    async ({ item, send }: { item: Held; send: boolean }) => {
      const result = await call(syncContracts.settle, { params: { county: item.county, id: item.id }, body: { send } });
      if (result.result === 'refused') throw new Error(result.message);
    },
    ['held'],
    () => void message.success(t('done')),
  );
  const nameOf = ({ item }: Held) =>
    item.do === 'act'
      ? actionNames[language][item.action.type]
      : t(item.do === 'register' ? 'newMatter' : item.do === 'attach' ? 'files' : 'entriesTab');
  return (
    <section className="panel">
      <h2>{t('phonesOf')}</h2>
      <Rows
        query={devices}
        whole
        rows={data => data.devices}
        empty={t('noPhones')}
        columns={[
          { title: t('name'), dataIndex: 'name' },
          { title: t('since'), key: 'm', width: 150, render: (_, d) => dateTime(d.madeAt) },
          { title: t('lastSeen'), key: 's', width: 150, render: (_, d) => dateTime(d.seenAt) },
          {
            title: t('action'),
            key: 'a',
            width: 200,
            render: (_, d) =>
              d.endedBy === 'revoked' ? (
                t('phoneRevoked')
              ) : (
                <>
                  {d.endedAt ? (
                    `${t('phoneSignedOut')} `
                  ) : (
                    <Button size="small" onClick={() => end.mutate({ device: d.id, lost: false })}>
                      {t('signPhoneOut')}
                    </Button>
                  )}{' '}
                  <AskFirst title={t('reportLost')} onConfirm={() => end.mutate({ device: d.id, lost: true })} danger>
                    {t('reportLost')}
                  </AskFirst>
                </>
              ),
          },
        ]}
      />
      {held.data && held.data.items.length > 0 && (
        <>
          <h2>{t('heldOf')}</h2>
          <p className="quiet">{t('heldHint')}</p>
          <Table
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={held.data.items}
            columns={[
              { title: t('time'), key: 't', width: 140, render: (_, h) => minuteOf(h.deviceAt) },
              { title: t('kind'), key: 'k', width: 100, render: (_, h) => nameOf(h) },
              { title: t('content'), key: 'c', render: (_, h) => textOf(h) },
              { title: t('reasonWord'), dataIndex: 'message' },
              {
                title: t('action'),
                key: 'a',
                width: 160,
                render: (_, h) => (
                  <>
                    <Button size="small" type="primary" onClick={() => settle.mutate({ item: h, send: true })}>
                      {t('submitHeld')}
                    </Button>{' '}
                    <AskFirst title={t('dropHeld')} onConfirm={() => settle.mutate({ item: h, send: false })}>
                      {t('dropHeld')}
                    </AskFirst>
                  </>
                ),
              },
            ]}
          />
        </>
      )}
    </section>
  );
}
