/** The supervisor's desk: what is late, why, who; everything decided from one list. Beside it what the same records tell. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, DatePicker, Input, Modal, Progress, Select, Table, Tabs } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { Link } from 'wouter';
import { type KindName, kindNames, kinds } from '../../kinds/kinds.ts';
import { matterContracts } from '../../matters/contract.ts';
import { gradeNames } from '../../matters/grading.ts';
import { supervisionContracts } from '../../supervision/contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { Await, Deadline, dateTime, messageOf, Nothing, useDirectory, useMe, useNow } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';

type Row = Answer<typeof matterContracts.list>['rows'][number];

export default function Supervise() {
  const { t } = useWords();
  return (
    <>
      <h1 style={{ fontSize: 18, margin: 0 }}>{t('watch')}</h1>
      <Tabs
        destroyOnHidden
        items={[
          { key: 'watch', label: t('watchList'), children: <Watch /> },
          { key: 'units', label: t('unitFigures'), children: <Units /> },
          { key: 'causes', label: t('recurring'), children: <Causes /> },
          { key: 'spots', label: t('hotSpots'), children: <Spots /> },
          { key: 'drives', label: t('drives'), children: <Drives /> },
        ]}
      />
    </>
  );
}

function Watch() {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const directory = useDirectory();
  const now = useNow();
  const cache = useQueryClient();
  const [chosen, setChosen] = useState<string[]>([]);
  const [doing, setDoing] = useState<'remind' | 'order'>();
  const [text, setText] = useState('');
  const list = useInfiniteQuery({
    queryKey: ['matters', 'watch'],
    queryFn: ({ pageParam }) =>
      call(matterContracts.list, {
        query: { box: 'watch', order: 'due', limit: 50, ...(pageParam && { cursor: pageParam }) },
      }),
    initialPageParam: '',
    getNextPageParam: page => page.next,
  });
  const rows = list.data?.pages.flatMap(page => page.rows) ?? [];
  const act = useMutation({
    mutationFn: async (type: 'remind' | 'order') => {
      const failed: string[] = [];
      for (const row of rows.filter(one => chosen.includes(one.id)))
        await call(matterContracts.act, {
          params: { county: row.county, id: row.id },
          body: { id: uuid(), saw: row.seq, action: { type, data: {}, words: { text } } as never },
        }).catch(error => failed.push(`${row.number}：${messageOf(error)}`));
      return failed;
    },
    onSuccess: failed => {
      setDoing(undefined);
      setText('');
      setChosen([]);
      cache.invalidateQueries({ queryKey: ['matters'] });
      if (failed.length) void message.error(failed.join('；'), 8);
      else void message.success(t('done'));
    },
  });
  const why = (row: Row) => {
    const grounds: string[] = [];
    if (row.due_at !== null && row.due_at < now) grounds.push(t('lateNow'));
    else if (row.lapses > 0) grounds.push(t('warned'));
    if (row.reply_at !== null) grounds.push(`${t('replyOwed')}（${dateTime(row.reply_at)}）`);
    if (row.leader) grounds.push(t('led'));
    const last = row.orders.at(-1);
    if (last) grounds.push(`${optionName('alarm', last.level, language)} ${dateTime(last.at)}`);
    return grounds.join('；');
  };
  return (
    <>
      <div className="bar">
        <span className="quiet" role="status">
          {t('chosen')} {chosen.length}
        </span>
        <Button disabled={!chosen.length} onClick={() => setDoing('remind')}>
          {t('remindAll')}
        </Button>
        <Button type="primary" disabled={!chosen.length} onClick={() => setDoing('order')}>
          {t('orderAll')}
        </Button>
      </div>
      <Await query={list}>
        {() => (
          <Table<Row>
            size="small"
            rowKey="id"
            dataSource={rows}
            pagination={false}
            tableLayout="fixed"
            rowSelection={{
              selectedRowKeys: chosen,
              onChange: keys => setChosen(keys.map(String)),
              getCheckboxProps: row => ({ name: row.number }),
              getTitleCheckboxProps: () => ({ 'aria-label': t('all') }) as object,
            }}
            locale={{ emptyText: <Nothing title={t('emptyWatch')} hint={t('emptyWatchHint')} /> }}
            columns={[
              {
                title: t('number'),
                key: 'n',
                width: 172,
                render: (_, row) => <Link href={`/matters/${row.county}/${row.id}`}>{row.number}</Link>,
              },
              { title: t('title'), dataIndex: 'summary', ellipsis: true },
              { title: t('unit'), key: 'u', width: 180, render: (_, row) => directory.unitName(row.unit) },
              {
                title: t('grade'),
                key: 'g',
                width: 70,
                render: (_, row) => row.grade && gradeNames[language][row.grade],
              },
              { title: t('byDue'), key: 'd', width: 120, render: (_, row) => <Deadline at={row.due_at} now={now} /> },
              { title: t('whyLate'), key: 'w', width: 330, render: (_, row) => why(row) },
            ]}
            footer={() =>
              list.hasNextPage ? (
                <Button onClick={() => list.fetchNextPage()} loading={list.isFetchingNextPage}>
                  {t('more')}
                </Button>
              ) : (
                <span className="quiet">
                  {rows.length} {t('rows')}
                </span>
              )
            }
          />
        )}
      </Await>
      <Modal
        open={Boolean(doing)}
        title={doing === 'order' ? t('orderAll') : t('remindAll')}
        onCancel={() => setDoing(undefined)}
        onOk={() => doing && act.mutate(doing)}
        okText={t('ok')}
        cancelText={t('cancel')}
        okButtonProps={{ disabled: !text.trim(), loading: act.isPending }}
      >
        <Input.TextArea
          aria-label={t('content')}
          placeholder={t('content')}
          rows={4}
          value={text}
          onChange={e => setText(e.target.value)}
        />
      </Modal>
    </>
  );
}

function Units() {
  const { t, language } = useWords();
  const directory = useDirectory();
  const [span, setSpan] = useState(() => [dayjs().subtract(30, 'day').startOf('day'), dayjs().endOf('day')] as const);
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
        <DatePicker.RangePicker
          aria-label={t('time')}
          value={[span[0], span[1]]}
          allowClear={false}
          onChange={range => range?.[0] && range[1] && setSpan([range[0].startOf('day'), range[1].endOf('day')])}
        />
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

function Causes() {
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

function Spots() {
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

function Drives() {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const me = useMe();
  const directory = useDirectory();
  const cache = useQueryClient();
  const [draft, setDraft] = useState<{
    name: string;
    target: string;
    units: string[];
    to: dayjs.Dayjs | null;
    kind: KindName;
  }>();
  const query = useQuery({ queryKey: ['drives'], queryFn: () => call(supervisionContracts.drives, {}) });
  const renew = () => cache.invalidateQueries({ queryKey: ['drives'] });
  const fail = (error: unknown) => void message.error(messageOf(error));
  const lead = me.posts.find(post => post.oversees.length)?.unit;
  const add = useMutation({
    mutationFn: () =>
      call(supervisionContracts.addDrive, {
        body: {
          id: uuid(),
          name: draft!.name,
          target: draft!.target,
          lead: lead!,
          units: draft!.units,
          to: draft!.to!.format('YYYY-MM-DD'),
          query: { kind: draft!.kind, state: 'registered,accepted,dispatched,handling,returned,reported' },
        },
      }),
    onSuccess: () => {
      setDraft(undefined);
      renew();
    },
    onError: fail,
  });
  const end = useMutation({
    mutationFn: (id: string) => call(supervisionContracts.endDrive, { params: { id } }),
    onSuccess: renew,
    onError: fail,
  });
  return (
    <>
      <div className="bar">
        <Button
          type="primary"
          disabled={!lead}
          onClick={() => setDraft({ name: '', target: '', units: [], to: dayjs().add(30, 'day'), kind: 'dispute' })}
        >
          {t('addDrive')}
        </Button>
      </div>
      <Await query={query}>
        {data => (
          <Table
            size="small"
            rowKey="id"
            dataSource={data.drives}
            pagination={false}
            locale={{ emptyText: <Nothing title={t('noDrives')} hint="" /> }}
            columns={[
              { title: t('driveName'), dataIndex: 'name', width: 200 },
              { title: t('driveTarget'), dataIndex: 'target' },
              { title: t('leadUnit'), key: 'l', width: 160, render: (_, d) => directory.unitName(d.lead) },
              { title: t('endDate'), dataIndex: 'to', width: 110 },
              {
                title: t('progressOf'),
                key: 'p',
                width: 220,
                render: (_, d) => (
                  <>
                    <Progress
                      percent={d.total ? Math.round((d.done / d.total) * 100) : 0}
                      size="small"
                      aria-label={`${t('progressOf')} ${d.name}`}
                    />
                    <span className="quiet">
                      {d.done}/{d.total}　{t('lateNow')} {d.late}
                    </span>
                  </>
                ),
              },
              {
                title: t('action'),
                key: 'e',
                width: 90,
                render: (_, d) =>
                  d.ended_at ? (
                    t('ended')
                  ) : (
                    <Button size="small" onClick={() => end.mutate(d.id)}>
                      {t('endDrive')}
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Await>
      <Modal
        open={Boolean(draft)}
        title={t('addDrive')}
        onCancel={() => setDraft(undefined)}
        onOk={() => add.mutate()}
        okText={t('ok')}
        cancelText={t('cancel')}
        okButtonProps={{ disabled: !draft?.name.trim() || !draft.target.trim() || !draft.to, loading: add.isPending }}
      >
        {draft && (
          <div style={{ display: 'grid', gap: 8 }}>
            <Input
              aria-label={t('driveName')}
              placeholder={t('driveName')}
              value={draft.name}
              onChange={e => setDraft({ ...draft, name: e.target.value })}
            />
            <Input.TextArea
              aria-label={t('driveTarget')}
              placeholder={t('driveTarget')}
              value={draft.target}
              onChange={e => setDraft({ ...draft, target: e.target.value })}
            />
            <Select
              aria-label={t('memberUnits')}
              mode="multiple"
              placeholder={t('memberUnits')}
              value={draft.units}
              showSearch={{ optionFilterProp: 'label' }}
              onChange={units => setDraft({ ...draft, units })}
              options={directory.units.map(u => ({ value: u.id, label: u.name }))}
            />
            <DatePicker aria-label={t('endDate')} value={draft.to} onChange={to => setDraft({ ...draft, to })} />
            <Select
              aria-label={t('driveScope')}
              prefix={t('driveScope')}
              value={draft.kind}
              onChange={kind => setDraft({ ...draft, kind })}
              options={kindNames.map(value => ({ value, label: kinds[value].label[language] }))}
            />
            {add.error ? <Alert type="error" title={messageOf(add.error)} /> : null}
          </div>
        )}
      </Modal>
    </>
  );
}
