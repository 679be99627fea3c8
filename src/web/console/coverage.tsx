/** 覆盖: what was due and what was done, on the map and in figures. */

import { useQuery } from '@tanstack/react-query';
import { Button, Select, Table } from 'antd';
import dayjs from 'dayjs';
import { lazy, Suspense, useState } from 'react';
import { roundContracts, type Sort } from '../../rounds/contract.ts';
import { call, download, urlOf } from '../ui/api.ts';
import { Await, Nothing, useDirectory, useMe } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { day, SortPicker, useMyRegions } from './rounds-parts.tsx';
import { type Span, SpanPicker } from './span.tsx';

const CoverageMap = lazy(() => import('./coverage-map.tsx'));

const thisMonth = (): Span => [dayjs().startOf('month'), dayjs().endOf('day')];

export function Coverage() {
  const { t, language } = useWords();
  const directory = useDirectory();
  const me = useMe();
  const top = me.posts.find(post => post.oversees.length)?.oversees[0];
  const [span, setSpan] = useState<Span>(thisMonth);
  const [sort, setSort] = useState<Sort>();
  const [region, setRegion] = useState<string | undefined>(top);
  const regions = useMyRegions();
  const asked = { from: day(span[0]), to: day(span[1]), ...(region && { region }), ...(sort && { sort }) };
  const query = useQuery({
    queryKey: ['coverage', asked],
    queryFn: () => call(roundContracts.coverage, { query: asked }),
  });
  const names = new Map(directory.regions.map(one => [one.code, one.name]));
  const nameOf = (code: string) => names.get(code) ?? names.get(code.slice(0, 12)) ?? code;
  const number = (
    key: 'due' | 'done' | 'late' | 'missed' | 'excused' | 'open' | 'proven' | 'found' | 'reasons',
    word: Parameters<typeof t>[0],
  ) => ({
    title: t(word),
    dataIndex: key,
    align: 'right' as const,
    width: 84,
  });
  return (
    <>
      <div className="bar">
        <SpanPicker span={span} onChange={setSpan} />
        <SortPicker value={sort} onChange={setSort} />
        <Select
          aria-label={t('regionOf')}
          style={{ width: 180 }}
          value={region ?? null}
          showSearch={{ optionFilterProp: 'label' }}
          onChange={value => setRegion(value ?? undefined)}
          options={regions}
        />
        <Button onClick={() => download(urlOf(roundContracts.ledger.path, {}, asked))}>{t('exportLedger')}</Button>
      </div>
      <Await query={query}>
        {data =>
          data.rows.length === 0 ? (
            <Nothing title={t('noCoverage')} hint={t('noCoverageHint')} />
          ) : (
            <>
              <Suspense fallback={null}>
                <CoverageMap top={region ?? top ?? ''} rows={data.rows} onPick={setRegion} />
              </Suspense>
              <p className="quiet">{t('coverHint')}</p>
              <Table
                size="small"
                rowKey="region"
                pagination={false}
                scroll={{ x: 900 }}
                dataSource={data.rows}
                columns={[
                  { title: t('regionOf'), key: 'r', render: (_, row) => nameOf(row.region) },
                  number('due', 'dueN'),
                  number('done', 'doneN'),
                  {
                    title: t('rateN'),
                    key: 'q',
                    align: 'right',
                    width: 84,
                    render: (_, row) =>
                      row.due - row.excused ? `${Math.round((100 * row.done) / (row.due - row.excused))}%` : '—',
                  },
                  number('late', 'lateDone'),
                  number('missed', 'missedN'),
                  number('reasons', 'reasonsN'),
                  number('excused', 'excusedN'),
                  number('open', 'openN'),
                  number('proven', 'provenN'),
                  number('found', 'foundN'),
                ]}
              />
              <p className="quiet">{sort ? optionName('roundSort', sort, language) : ''}</p>
            </>
          )
        }
      </Await>
    </>
  );
}
