/** Lists are tools: filter, sort, columns, saved views, export of exactly what is shown; the address holds the state. */
import { CloseOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  App,
  Button,
  Checkbox,
  DatePicker,
  Dropdown,
  Input,
  Popover,
  Select,
  Table,
  type TableColumnsType,
} from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { Link, useLocation } from 'wouter';
import { deskContracts } from '../../desk/contract.ts';
import { type KindName, kindNames, kinds } from '../../kinds/kinds.ts';
import { columnNames, type FixedColumn, isOwn, type LedgerColumn, ledgerColumns } from '../../ledgers/columns.ts';
import { type ListQuery, matterContracts } from '../../matters/contract.ts';
import { states } from '../../matters/matter.ts';
import { stateNames } from '../../matters/words.ts';
import { type Answer, call } from '../ui/api.ts';
import { Await, Deadline, More, messageOf, Nothing, Received, StateTag, useDirectory, useNow } from '../ui/pieces.tsx';
import { choices, useWords } from '../ui/words.ts';
import { shownOf } from './own-fields.tsx';
import { useFilters } from './use-filters.ts';
import { usePages } from './use-pages.ts';

type Row = Answer<typeof matterContracts.list>['rows'][number];
/** The lists of a desk, as their addresses name them. */
export const boxes = ['inbox', 'given', 'awaited', 'late', 'all'] as const;
type Box = (typeof boxes)[number];
const first: LedgerColumn[] = ['number', 'kind', 'state', 'summary', 'place', 'unit', 'received_at', 'due_at'];
const filterKeys = [
  'q',
  'kind',
  'state',
  'unit',
  'category',
  'source',
  'from',
  'to',
  'stock',
  'order',
  'region',
  'own',
] as const;

const looksExact = (typed: string) => /\d{8,}|^\d[\d\s-]{9,}$|^[A-Z]{1,4}\d{6,}/i.test(typed.trim());

export function MatterList({ box }: { box: Box }) {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const directory = useDirectory();
  const now = useNow();
  const cache = useQueryClient();
  const [, go] = useLocation();
  const { given, set, search, clear } = useFilters(filterKeys);
  const [columns, setColumns] = useState<LedgerColumn[]>(
    () => JSON.parse(localStorage.getItem('columns') ?? 'null') ?? first,
  );
  const [typed, setTyped] = useState(search.get('q') ?? '');

  const query = { ...given, box, order: given.order ?? (box === 'all' ? 'received' : 'due') } as ListQuery;

  const exact = box === 'all' && given.q && looksExact(given.q) ? given.q : undefined;
  const found = useQuery({
    queryKey: ['find', exact],
    queryFn: () => call(matterContracts.find, { body: { typed: exact! } }),
    enabled: Boolean(exact),
  });
  const list = usePages(['matters', query], cursor =>
    call(matterContracts.list, { query: { ...query, limit: 50, cursor } }),
  );
  const views = useQuery({ queryKey: ['views'], queryFn: () => call(deskContracts.views, {}) });
  const [viewName, setViewName] = useState('');
  const save = useMutation({
    mutationFn: () =>
      call(deskContracts.saveView, {
        body: { id: uuid(), name: viewName, query: { box, ...Object.fromEntries(search) } },
      }),
    onSuccess: () => {
      setViewName('');
      cache.invalidateQueries({ queryKey: ['views'] });
    },
    onError: error => void message.error(messageOf(error)),
  });
  const drop = useMutation({
    mutationFn: (id: string) => call(deskContracts.dropView, { params: { id } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['views'] }),
    onError: error => void message.error(messageOf(error)),
  });
  const exporting = useMutation({
    mutationFn: () => call(deskContracts.export, { body: { id: uuid(), query, columns, language } }),
    onSuccess: () => void message.success(t('exportStarted')),
    onError: error => void message.error(messageOf(error)),
  });

  const rows = [...(found.data?.rows ?? []), ...(list.data?.pages.flatMap(page => page.rows) ?? [])];
  const snippets = Object.assign({}, ...(list.data?.pages.map(page => page.snippets ?? {}) ?? [])) as Record<
    string,
    { before: string; hit: string; after: string }
  >;
  const render: Partial<Record<FixedColumn, (row: Row) => React.ReactNode>> = {
    number: row => <Link href={`/matters/${row.county}/${row.id}`}>{row.number}</Link>,
    kind: row => kinds[row.kind].label[language],
    state: row => <StateTag state={row.state} stock={row.stock} />,
    summary: row => (
      <>
        <Link href={`/matters/${row.county}/${row.id}`} className="row-title" style={{ color: 'inherit' }}>
          {row.sensitive && `〔${t('sensitive')}〕`}
          {row.summary ?? t('erased')}
        </Link>
        {snippets[row.id] && (
          <span className="ground row-title">
            {/* A narrow column still shows what was met; whole characters, the rare ones too. */}…
            {[...snippets[row.id]!.before].slice(-7).join('')}
            <mark>{snippets[row.id]!.hit}</mark>
            {snippets[row.id]!.after}…
          </span>
        )}
      </>
    ),
    category: row => directory.categoryName(row.kind, row.category),
    place: row => directory.placeName(row.path),
    unit: row => directory.unitName(row.unit),
    handler: row => directory.unitName(row.handler),
    received_at: row => <Received at={row.received_at} now={now} />,
    due_at: row => (row.open ? <Deadline at={row.due_at} now={now} /> : <span className="quiet">—</span>),
  };
  const width: Partial<Record<FixedColumn, number>> = {
    number: 164,
    kind: 76,
    state: 90,
    place: 150,
    unit: 170,
    handler: 170,
    received_at: 104,
    due_at: 120,
    lapses: 70,
    rating: 60,
    category: 120,
  };
  const own = Object.values(directory.fields).flat();
  const everyColumn: LedgerColumn[] = [...ledgerColumns, ...own.map(field => `own.${field.name}` as const)];
  const headOf = (column: LedgerColumn) =>
    isOwn(column)
      ? (own.find(field => `own.${field.name}` === column)?.title ?? column)
      : columnNames[column][language];
  const shown: TableColumnsType<Row> = columns.map(column => ({
    key: column,
    title: headOf(column),
    ...(!isOwn(column) && width[column] && { width: width[column] }),
    ellipsis: true,
    render: (_, row) => {
      if (isOwn(column)) return shownOf(row.own?.[column.slice(4)]);
      return render[column] ? render[column](row) : (row[column as keyof Row] as React.ReactNode);
    },
  }));
  const active = filterKeys.filter(key => given[key] && key !== 'q' && key !== 'order').length;

  const filterPanel = (
    <div style={{ width: 320, display: 'grid', gap: 8 }}>
      <Select
        allowClear
        aria-label={t('kind')}
        placeholder={t('kind')}
        value={given.kind}
        onChange={kind => set({ kind, category: undefined })}
        options={kindNames.map(value => ({ value, label: kinds[value].label[language] }))}
      />
      {given.kind && (
        <Select
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          aria-label={t('category')}
          placeholder={t('category')}
          value={given.category}
          onChange={category => set({ category })}
          options={(directory.categories[given.kind as KindName] ?? []).map(c => ({ value: c.code, label: c.name }))}
        />
      )}
      <Select
        mode="multiple"
        aria-label={t('state')}
        placeholder={t('state')}
        value={given.state?.split(',') ?? []}
        onChange={values => set({ state: values.join(',') })}
        options={states.map(value => ({ value, label: stateNames[language][value] }))}
      />
      <Select
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        aria-label={t('unit')}
        placeholder={t('unit')}
        value={given.unit}
        onChange={unit => set({ unit })}
        options={directory.units.map(u => ({ value: u.id, label: u.name }))}
      />
      <Select
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        aria-label={t('place')}
        placeholder={t('place')}
        value={given.region}
        onChange={region => set({ region })}
        options={directory.regions.filter(r => r.level !== 'city').map(r => ({ value: r.code, label: r.name }))}
      />
      {(directory.fields[given.kind as KindName] ?? [])
        .filter(field => field.type === 'choice')
        .map(field => (
          <Select
            key={field.name}
            allowClear
            aria-label={field.title}
            placeholder={field.title}
            value={given.own?.startsWith(`${field.name}:`) ? given.own : undefined}
            onChange={value => set({ own: value })}
            options={(field.options ?? []).map(option => ({ value: `${field.name}:${option}`, label: option }))}
          />
        ))}
      <Select
        allowClear
        aria-label={t('source')}
        placeholder={t('source')}
        value={given.source}
        onChange={source => set({ source })}
        options={choices('source', language)}
      />
      <DatePicker.RangePicker
        aria-label={t('received')}
        value={[given.from ? dayjs(Number(given.from)) : null, given.to ? dayjs(Number(given.to) - 1) : null]}
        allowEmpty={[true, true]}
        onChange={range =>
          set({
            from: (range?.[0] && String(range[0].startOf('day').valueOf())) || undefined,
            to: (range?.[1] && String(range[1].endOf('day').valueOf() + 1)) || undefined,
          })
        }
      />
      <Select
        allowClear
        aria-label={t('stock')}
        placeholder={t('stock')}
        value={given.stock}
        onChange={stock => set({ stock })}
        options={[
          { value: 'true', label: t('stockOnly') },
          { value: 'false', label: t('noStock') },
        ]}
      />
      <Select
        aria-label={t('order')}
        value={query.order}
        onChange={order => set({ order })}
        options={[
          { value: 'due', label: t('byDue') },
          { value: 'received', label: t('byReceived') },
        ]}
      />
      <Button onClick={clear}>{t('clear')}</Button>
    </div>
  );

  const plain = !active && !given.q;
  const nothing = plain && box === 'inbox' ? 'emptyInbox' : plain && box === 'awaited' ? 'emptyAwaited' : 'emptyList';
  return (
    <>
      <div className="bar">
        <h1 style={{ fontSize: 18, margin: 0, marginRight: 8 }}>{t(box)}</h1>
        <Input.Search
          aria-label={t('searchShort')}
          placeholder={t('search')}
          allowClear
          value={typed}
          onChange={event => setTyped(event.target.value)}
          onSearch={q => (box === 'all' ? set({ q }) : go(`/all?q=${encodeURIComponent(q)}`))}
          style={{ width: 320 }}
        />
        <Popover trigger="click" placement="bottomLeft" content={filterPanel}>
          <Button>
            {t('filters')}
            {active ? `（${active}）` : ''}
          </Button>
        </Popover>
        <Popover
          trigger="click"
          placement="bottomLeft"
          content={
            <Checkbox.Group
              value={columns}
              onChange={value => {
                const next = everyColumn.filter(c => value.includes(c));
                if (!next.length) return;
                setColumns(next);
                localStorage.setItem('columns', JSON.stringify(next));
              }}
              style={{ display: 'grid' }}
              options={everyColumn.map(value => ({ value, label: headOf(value) }))}
            />
          }
        >
          <Button>{t('columns')}</Button>
        </Popover>
        <Dropdown
          menu={{
            items: (views.data?.views ?? []).map(view => ({
              key: view.id,
              label: (
                <span style={{ display: 'flex', gap: 16, justifyContent: 'space-between' }}>
                  {view.name}
                  <Button
                    size="small"
                    type="text"
                    aria-label={`${t('dropView')} ${view.name}`}
                    onClick={event => {
                      event.stopPropagation();
                      drop.mutate(view.id);
                    }}
                  >
                    <CloseOutlined />
                  </Button>
                </span>
              ),
              onClick: () => {
                const { box: viewBox = 'all', ...rest } = view.query;
                go(`/${viewBox}?${new URLSearchParams(rest)}`);
              },
            })),
          }}
          disabled={!views.data?.views.length}
        >
          <Button>{t('views')}</Button>
        </Dropdown>
        <Popover
          trigger="click"
          content={
            <form
              style={{ display: 'flex', gap: 8 }}
              onSubmit={event => {
                event.preventDefault();
                if (viewName.trim()) save.mutate();
              }}
            >
              <Input
                aria-label={t('viewName')}
                placeholder={t('viewName')}
                value={viewName}
                maxLength={40}
                onChange={event => setViewName(event.target.value)}
              />
              <Button htmlType="submit" type="primary" loading={save.isPending}>
                {t('save')}
              </Button>
            </form>
          }
        >
          <Button>{t('saveView')}</Button>
        </Popover>
        <Button onClick={() => exporting.mutate()} loading={exporting.isPending}>
          {t('exportList')}
        </Button>
      </div>
      <Await query={list}>
        {() => (
          <Table<Row>
            size="small"
            rowKey="id"
            columns={shown}
            dataSource={[...new Map(rows.map(row => [row.id, row])).values()]}
            pagination={false}
            tableLayout="fixed"
            locale={{
              emptyText: <Nothing title={t(nothing)} hint={t(`${nothing}Hint`)} />,
            }}
            footer={() => <More list={list} rows={rows.length} />}
          />
        )}
      </Await>
    </>
  );
}
