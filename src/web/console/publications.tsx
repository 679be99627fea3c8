/** 公开审核: what everybody will read, written by one and released by another; figures; wishes and who offers to fulfil them. */
import { useQuery } from '@tanstack/react-query';
import { App, Button, Form, Input, Select, Table } from 'antd';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { matterContracts } from '../../matters/contract.ts';
import { portalDesk } from '../../portal/desk-contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { Await, dateTime, messageOf, Nothing, useMe } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { Rows } from './rows.tsx';
import { FormDialog, useNeeded, useSending } from './sending.tsx';

type Row = Answer<typeof portalDesk.publications>['rows'][number];
type Share = { part: number; whole: number };

export function Publications() {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const county = useMe().counties[0]!;
  const [writing, setWriting] = useState(false);
  const query = useQuery({
    queryKey: ['publications'],
    queryFn: () => call(portalDesk.publications, { params: { county }, query: {} }),
  });
  const decide = useSending(
    ({ id, to }: { id: string; to: 'shown' | 'refused' | 'taken-down' }) =>
      call(portalDesk.decidePublication, { params: { county, id }, body: { to } }),
    ['publications'],
    () => {},
  );
  const figures = useSending(
    () => call(portalDesk.draftFigures, { params: { county }, body: { id: uuid() } }),
    ['publications'],
    () => message.success(t('savedIt')),
  );
  const textOf = (row: Row) =>
    row.sort === 'figures'
      ? Object.entries((row.body.figures ?? {}) as Record<string, Share>)
          .map(([name, { part, whole }]) => `${name} ${part}/${whole}`)
          .join('　')
      : [row.body.question, row.body.answer].filter(Boolean).join(' — ');
  return (
    <>
      <div className="bar">
        <Button type="primary" onClick={() => setWriting(true)}>
          {t('newPublication')}
        </Button>
        <Button onClick={() => figures.mutate(undefined)} loading={figures.isPending}>
          {t('draftFigures')}
        </Button>
      </div>
      <Rows
        query={query}
        rows={data => data.rows}
        empty={t('noPublications')}
        hint={t('noPublicationsHint')}
        columns={[
          {
            title: t('publicSort'),
            key: 'sort',
            width: 90,
            render: (_, row) => optionName('publicationSort', row.sort, language),
          },
          {
            title: t('publicTitle'),
            key: 'title',
            render: (_, row) => (
              <>
                <strong>{row.title}</strong>
                <div className="quiet">{textOf(row)}</div>
              </>
            ),
          },
          {
            title: t('writtenBy'),
            key: 'by',
            width: 170,
            render: (_, row) => `${row.writtenBy} ${dateTime(row.writtenAt)}`,
          },
          {
            title: t('state'),
            key: 'state',
            width: 90,
            render: (_, row) => optionName('publicationState', row.state, language),
          },
          {
            title: t('action'),
            key: 'do',
            width: 200,
            render: (_, row) => (
              <>
                {row.state === 'draft' && !row.mine && (
                  <Button size="small" type="primary" onClick={() => decide.mutate({ id: row.id, to: 'shown' })}>
                    {t('releaseIt')}
                  </Button>
                )}{' '}
                {row.state === 'draft' && !row.mine && (
                  <Button size="small" onClick={() => decide.mutate({ id: row.id, to: 'refused' })}>
                    {t('refuseIt')}
                  </Button>
                )}
                {row.state === 'shown' && (
                  <Button size="small" danger onClick={() => decide.mutate({ id: row.id, to: 'taken-down' })}>
                    {t('takeDown')}
                  </Button>
                )}
              </>
            ),
          },
        ]}
      />
      {writing && <Write county={county} onDone={() => setWriting(false)} />}
    </>
  );
}

function Write({ county, onDone }: { county: string; onDone(): void }) {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const needed = useNeeded();
  const send = useSending(
    async ({
      number,
      ...values
    }: {
      number: string;
      sort: 'answer' | 'wish';
      title: string;
      question: string;
      answer?: string;
    }) => {
      const { rows } = await call(matterContracts.find, { body: { typed: number } });
      if (!rows[0]) return void message.error(messageOf(new Error(t('nothingFound'))));
      await call(portalDesk.publish, {
        params: { county },
        body: { id: uuid(), matter: rows[0].id, ...values, answer: values.answer ?? '' },
      });
      onDone();
    },
    ['publications'],
    () => {},
  );
  return (
    <FormDialog title={t('newPublication')} send={send} onCancel={onDone} initial={{ sort: 'answer' }} width={640}>
      <Form.Item name="number" label={t('ofMatter')} rules={needed}>
        <Input maxLength={40} autoFocus />
      </Form.Item>
      <Form.Item name="sort" label={t('publicSort')} rules={needed}>
        <Select
          options={(['answer', 'wish'] as const).map(value => ({
            value,
            label: optionName('publicationSort', value, language),
          }))}
        />
      </Form.Item>
      <Form.Item name="title" label={t('publicTitle')} rules={needed}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="question" label={t('publicQuestion')} rules={needed}>
        <Input.TextArea rows={4} maxLength={2000} />
      </Form.Item>
      <Form.Item name="answer" label={t('publicAnswer')}>
        <Input.TextArea rows={5} maxLength={4000} />
      </Form.Item>
    </FormDialog>
  );
}

export function Offers() {
  const { t, language } = useWords();
  const county = useMe().counties[0]!;
  const [thanking, setThanking] = useState<string>();
  const query = useQuery({ queryKey: ['offers'], queryFn: () => call(portalDesk.offers, { params: { county } }) });
  const decide = useSending(
    ({ id, ...body }: { id: string; to: 'taken' | 'declined' | 'fulfilled'; thanks?: string }) =>
      call(portalDesk.decideOffer, { params: { county, id }, body }),
    ['offers'],
    () => setThanking(undefined),
  );
  const thank = {
    mutate: ({ thanks }: { thanks?: string }) =>
      decide.mutate({ id: thanking!, to: 'fulfilled', ...(thanks && { thanks }) }),
    isPending: decide.isPending,
  };
  return (
    <Await query={query}>
      {data => (
        <>
          <Table
            size="small"
            rowKey="id"
            dataSource={data.rows}
            locale={{ emptyText: <Nothing title={t('noOffers')} hint="" /> }}
            columns={[
              { title: t('publicTitle'), dataIndex: 'title' },
              { title: t('offerBy'), key: 'by', render: (_, row) => `${row.by} ${row.phone ?? ''}` },
              { title: t('content'), dataIndex: 'text' },
              { title: t('madeAt'), key: 'at', width: 150, render: (_, row) => dateTime(row.at) },
              {
                title: t('state'),
                key: 'state',
                width: 90,
                render: (_, row) => optionName('offerState', row.state, language),
              },
              { title: t('thanksOf'), dataIndex: 'thanks' },
              {
                title: t('action'),
                key: 'do',
                width: 180,
                render: (_, row) => (
                  <>
                    {row.state === 'offered' && (
                      <>
                        <Button size="small" type="primary" onClick={() => decide.mutate({ id: row.id, to: 'taken' })}>
                          {t('takeOffer')}
                        </Button>{' '}
                        <Button size="small" onClick={() => decide.mutate({ id: row.id, to: 'declined' })}>
                          {t('declineOffer')}
                        </Button>
                      </>
                    )}
                    {row.state === 'taken' && (
                      <Button size="small" onClick={() => setThanking(row.id)}>
                        {t('fulfilled')}
                      </Button>
                    )}
                  </>
                ),
              },
            ]}
          />
          {thanking && (
            <FormDialog title={t('fulfilled')} send={thank} onCancel={() => setThanking(undefined)}>
              <Form.Item name="thanks" label={t('thanksOf')}>
                <Input.TextArea rows={3} maxLength={500} />
              </Form.Item>
            </FormDialog>
          )}
        </>
      )}
    </Await>
  );
}
