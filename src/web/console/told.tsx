/** What the same records tell: how units did, which causes recur, what is alike. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Table } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { Link } from 'wouter';
import { kinds } from '../../kinds/kinds.ts';
import { matterContracts } from '../../matters/contract.ts';
import { supervisionContracts } from '../../supervision/contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { Await, messageOf, Nothing, useDirectory } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { type Span, SpanPicker } from './span.tsx';

export function Units() {
  const { t, language } = useWords();
  const directory = useDirectory();
  const [span, setSpan] = useState<Span>(() => [dayjs().subtract(30, 'day').startOf('day'), dayjs().endOf('day')]);
  const query = useQuery({
    queryKey: ['figures', span[0].valueOf(), span[1].valueOf()],
    queryFn: () => call(supervisionContracts.figures, { query: { from: span[0].valueOf(), to: span[1].valueOf() } }),
  });
  const columns = [
    ['dispatched', 'dispatchedN'],
    ['reported', 'reportedN'],
    ['late', 'lateN'],
    ['orders', 'ordersN'],
    ['unreplied', 'unrepliedN'],
    ['returned', 'returnedN'],
    ['returned_wrongly', 'wronglyN'],
  ] as const;
  return (
    <>
      <div className="bar">
        <SpanPicker span={span} onChange={setSpan} />
      </div>
      <Await query={query}>
        {data => (
          <>
            <p>
              {t('resolvedAt')}：
              {data.levels.map(({ level, n }) => `${optionName('regionLevel', level, language)} ${n}`).join('，')}
            </p>
            <Table
              size="small"
              rowKey="unit"
              dataSource={data.units}
              pagination={false}
              locale={{ emptyText: <Nothing title={t('noFigures')} hint="" /> }}
              columns={[
                { title: t('unit'), key: 'unit', render: (_, row) => directory.unitName(row.unit) },
                ...columns.map(([key, word]) => ({
                  title: t(word),
                  dataIndex: key,
                  width: 110,
                  align: 'right' as const,
                  sorter: (a: Record<string, unknown>, b: Record<string, unknown>) => Number(a[key]) - Number(b[key]),
                })),
              ]}
            />
          </>
        )}
      </Await>
    </>
  );
}

export function Causes() {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const directory = useDirectory();
  const query = useQuery({ queryKey: ['causes'], queryFn: () => call(supervisionContracts.causes, { query: {} }) });
  type Cause = Answer<typeof supervisionContracts.causes>['causes'][number];
  const [made, setMade] = useState<string[]>([]);
  const keyOf = (cause: Cause) => `${cause.township}${cause.kind}${cause.category}${cause.cause}`;
  const make = useMutation({
    mutationFn: (cause: Cause) => {
      const what = `${directory.placeName(['', cause.township])} ${directory.categoryName(cause.kind, cause.category)} ${optionName('cause', cause.cause, language)}`;
      return call(matterContracts.register, {
        body: {
          id: uuid(),
          action: uuid(),
          kind: 'prevention',
          title: `${what}（${cause.n}）`,
          text: `${what}：${cause.matters.map(m => m.number).join('、')}`,
          source: 'other',
          region: cause.township,
          fields: { matters: cause.n },
          links: cause.matters.slice(0, 20).map(m => ({ matter: m.id, relation: 'similar' as const })),
        },
      }).then(() => keyOf(cause));
    },
    onSuccess: key => {
      setMade(old => [...old, key]);
      void message.success(t('measureMade'));
    },
    onError: error => void message.error(messageOf(error)),
  });
  return (
    <Await query={query}>
      {data => (
        <>
          <p className="quiet">{t('causeHint')}</p>
          <Table<Cause>
            size="small"
            rowKey={keyOf}
            dataSource={data.causes}
            pagination={false}
            locale={{ emptyText: <Nothing title={t('noCauses')} hint="" /> }}
            columns={[
              { title: t('place'), key: 'p', width: 140, render: (_, c) => directory.placeName(['', c.township]) },
              { title: t('kind'), key: 'k', width: 90, render: (_, c) => kinds[c.kind].label[language] },
              { title: t('category'), key: 'c', render: (_, c) => directory.categoryName(c.kind, c.category) },
              { title: t('reason'), key: 'r', width: 130, render: (_, c) => optionName('cause', c.cause, language) },
              { title: t('rows'), dataIndex: 'n', width: 70, align: 'right' },
              {
                title: t('action'),
                key: 'a',
                width: 140,
                render: (_, c) => (
                  <Button
                    size="small"
                    disabled={made.includes(keyOf(c))}
                    loading={make.isPending}
                    onClick={() => make.mutate(c)}
                  >
                    {t(made.includes(keyOf(c)) ? 'measureMade' : 'makeMeasure')}
                  </Button>
                ),
              },
            ]}
          />
        </>
      )}
    </Await>
  );
}

export function Spots() {
  const { t } = useWords();
  const { message } = App.useApp();
  const directory = useDirectory();
  const cache = useQueryClient();
  const query = useQuery({ queryKey: ['spots'], queryFn: () => call(supervisionContracts.hotSpots, { query: {} }) });
  const confirm = useMutation({
    mutationFn: (matters: { county: string; id: string }[]) =>
      call(supervisionContracts.gather, {
        body: {
          id: uuid(),
          county: matters[0]!.county,
          lead: matters[0]!.id,
          matters: matters.slice(1).map(m => m.id),
        },
      }),
    onSuccess: () => {
      void message.success(t('done'));
      cache.invalidateQueries({ queryKey: ['spots'] });
    },
    onError: error => void message.error(messageOf(error)),
  });
  return (
    <Await query={query}>
      {data => (
        <>
          <p className="quiet">{t('spotHint')}</p>
          {!data.spots.length && <Nothing title={t('noSpots')} hint="" />}
          {data.spots.map(spot => (
            <section className="panel" key={spot.matters[0]!.id}>
              <h2>
                {directory.placeName(['', spot.township])}　{spot.words.join(' ')}（{spot.matters.length}）
              </h2>
              {spot.matters.map((m, i) => (
                <div key={m.id}>
                  <Link href={`/matters/${m.county}/${m.id}`}>{m.number}</Link> {m.summary}
                  {i === 0 && <strong>　{t('leadMatter')}</strong>}
                </div>
              ))}
              <Button style={{ marginTop: 8 }} loading={confirm.isPending} onClick={() => confirm.mutate(spot.matters)}>
                {t('confirmSpot')}
              </Button>
            </section>
          ))}
        </>
      )}
    </Await>
  );
}
