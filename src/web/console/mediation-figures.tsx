/** The calendar of sittings and hearings; figures of mediation with the rows behind them. */
import { useQuery } from '@tanstack/react-query';
import { Button, Modal, Table } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { Link } from 'wouter';
import { yuan } from '../../matters/agreement.ts';
import { mediationContracts } from '../../mediation/contract.ts';
import { call, download, urlOf } from '../ui/api.ts';
import { Await, dateTime, Nothing, useDirectory } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { Rows } from './rows.tsx';
import { type Span, SpanPicker } from './span.tsx';

export function Calendar() {
  const { t, language } = useWords();
  const [span, setSpan] = useState<Span>([dayjs().startOf('day'), dayjs().add(30, 'day').endOf('day')]);
  const query = useQuery({
    queryKey: ['sittings', span[0].valueOf(), span[1].valueOf()],
    queryFn: () => call(mediationContracts.sittings, { query: { from: span[0].valueOf(), to: span[1].valueOf() } }),
  });
  return (
    <>
      <div className="bar">
        <SpanPicker span={span} onChange={setSpan} />
      </div>
      <Await query={query}>
        {data => (
          <Table
            size="small"
            rowKey={row => `${row.id}${row.at}`}
            pagination={false}
            dataSource={data.sittings}
            locale={{ emptyText: <Nothing title={t('noSittings')} hint="" /> }}
            columns={[
              { title: t('time'), key: 't', width: 160, render: (_, row) => dateTime(row.at) },
              {
                title: t('kind'),
                key: 'k',
                width: 90,
                render: (_, row) => t(row.what === 'sitting' ? 'mediation' : 'hearing'),
              },
              {
                title: t('number'),
                key: 'n',
                width: 180,
                render: (_, row) => <Link href={`/matters/${row.county}/${row.id}/mediation`}>{row.number}</Link>,
              },
              { title: t('title'), dataIndex: 'summary', ellipsis: true },
              {
                title: t('room'),
                key: 'r',
                width: 200,
                render: (_, row) => `${row.way ? optionName('sittingWay', row.way, language) : ''} ${row.room ?? ''}`,
              },
            ]}
          />
        )}
      </Await>
    </>
  );
}

export function Figures() {
  const { t, language } = useWords();
  const directory = useDirectory();
  const [span, setSpan] = useState<Span>([dayjs().startOf('year'), dayjs().endOf('day')]);
  const [drill, setDrill] = useState<{ category?: string; outcome?: string }>();
  const query = { from: span[0].valueOf(), to: span[1].valueOf() };
  const figures = useQuery({
    queryKey: ['mediation-figures', query],
    queryFn: () => call(mediationContracts.figures, { query }),
  });
  const rows = useQuery({
    queryKey: ['mediations', query, drill],
    queryFn: () => call(mediationContracts.mediations, { query: { ...query, ...(drill as { outcome?: 'agreed' }) } }),
    enabled: Boolean(drill),
  });
  return (
    <>
      <div className="bar">
        <SpanPicker span={span} onChange={setSpan} />
        <Button onClick={() => download(urlOf(mediationContracts.mediationLedger.path, {}, query))}>
          {t('exportLedger')}
        </Button>
      </div>
      <Rows
        query={figures}
        whole
        rows={data => data.figures}
        rowKey={row => `${row.category}${row.basis}${row.referred}${row.outcome}`}
        empty={t('noFigures')}
        columns={[
          {
            title: t('category'),
            key: 'c',
            render: (_, row) => directory.categoryName('dispute', row.category) || '—',
          },
          {
            title: t('basisOf'),
            key: 'b',
            render: (_, row) =>
              `${optionName('basis', row.basis, language)}${row.referred ? ` · ${optionName('body', row.referred, language)}` : ''}`,
          },
          {
            title: t('outcome'),
            key: 'o',
            render: (_, row) => optionName('mediationOutcome', row.outcome ?? 'open', language),
          },
          {
            title: t('number1'),
            key: 'n',
            align: 'right',
            render: (_, row) => (
              <Button
                type="link"
                size="small"
                onClick={() =>
                  setDrill({ ...(row.category && { category: row.category }), outcome: row.outcome ?? 'open' })
                }
              >
                {row.n}
              </Button>
            ),
          },
          { title: t('fenAgreed'), key: 'f', align: 'right', render: (_, row) => yuan(row.fen) },
          { title: t('fenPaid'), key: 'p', align: 'right', render: (_, row) => yuan(row.paid) },
          { title: t('confirmedN'), dataIndex: 'confirmed', align: 'right' },
        ]}
      />
      <Modal
        open={Boolean(drill)}
        width={900}
        footer={null}
        title={t('mediationFigures')}
        onCancel={() => setDrill(undefined)}
      >
        <Await query={rows}>
          {data => (
            <Table
              size="small"
              rowKey="id"
              pagination={{ pageSize: 20 }}
              dataSource={data.rows}
              columns={[
                {
                  title: t('number'),
                  key: 'n',
                  render: (_, row) => <Link href={`/matters/${row.county}/${row.id}/mediation`}>{row.number}</Link>,
                },
                { title: t('title'), dataIndex: 'summary' },
                { title: t('fenAgreed'), key: 'f', align: 'right', render: (_, row) => yuan(row.fen) },
                { title: t('dossierNumber'), dataIndex: 'dossier' },
              ]}
            />
          )}
        </Await>
      </Modal>
    </>
  );
}
