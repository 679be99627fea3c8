/** Numbers at the window, and the screen that hangs in the hall. */
import { useQuery } from '@tanstack/react-query';
import { App, Button, Input } from 'antd';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { Link } from 'wouter';
import { hotlineContracts } from '../../hotline/contract.ts';
import { call } from '../ui/api.ts';
import { Await, dateTime, useMe } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { Rows } from './rows.tsx';
import { useSending } from './sending.tsx';

export function Queue() {
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
      <Rows
        query={query}
        rows={data => data.rows}
        empty={t('noTickets')}
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
