/** Shared pieces: states of a view, deadlines, state tags, the directory of names. */
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, type ButtonProps, Empty, Popconfirm, Skeleton, Tag } from 'antd';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { type KindName, kindNames } from '../../kinds/kinds.ts';
import { minuteOf } from '../../matters/clocks.ts';
import type { State } from '../../matters/matter.ts';
import { stateNames } from '../../matters/words.ts';
import type { Me } from '../../people/contract.ts';
import { regionContracts } from '../../regions/contract.ts';
import { type Answer, call, Refused } from './api.ts';
import { type Language, useWords } from './words.ts';

export const MeContext = createContext<Me | undefined>(undefined);
export const useMe = (): Me => useContext(MeContext)!;

type DirectoryData = Answer<typeof regionContracts.directory>;
const ofEachKind = () => Object.fromEntries(kindNames.map(kind => [kind, []])) as unknown as Record<KindName, []>;
const empty: DirectoryData = {
  regions: [],
  units: [],
  categories: ofEachKind(),
  fields: ofEachKind(),
};

/** Names of places, units and categories, read once. */
export function useDirectory() {
  const { data = empty } = useQuery({
    queryKey: ['directory'],
    queryFn: () => call(regionContracts.directory, {}),
    staleTime: 300_000,
  });
  const region = new Map(data.regions.map(r => [r.code, r.name]));
  const unit = new Map(data.units.map(u => [u.id, u.name]));
  return {
    ...data,
    /** Units that may be chosen; closed ones keep their names. */
    units: data.units.filter(u => !u.closed),
    unitName: (id: string | null) => (id ? (unit.get(id) ?? '—') : ''),
    /** From the township down. */
    placeName: (path: readonly string[]) =>
      path
        .slice(1)
        .flatMap(code => region.get(code) ?? [])
        .join(' '),
    categoryName: (kind: KindName, code: string | null) =>
      data.categories[kind]?.find(c => c.code === code)?.name ?? code ?? '',
  };
}

/** What a view shows before it has its data, and when it cannot get them. */
export function Await<T>({
  query,
  children,
}: {
  query: { data: T | undefined; error: unknown; refetch(): unknown };
  children: (data: T) => ReactNode;
}) {
  const { t } = useWords();
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error)
    return (
      <Alert
        type="error"
        showIcon
        title={t('failed')}
        description={messageOf(query.error)}
        action={<Button onClick={() => query.refetch()}>{t('retry')}</Button>}
      />
    );
  return (
    <div aria-busy="true" role="status" aria-label={t('loading')}>
      <Skeleton active title={false} paragraph={{ rows: 6 }} />
    </div>
  );
}

/** Below a list: its next page, or how many rows it has. */
export function More({
  list,
  rows,
}: {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage(): unknown };
  rows: number;
}) {
  const { t } = useWords();
  return list.hasNextPage ? (
    <Button onClick={() => list.fetchNextPage()} loading={list.isFetchingNextPage}>
      {t('more')}
    </Button>
  ) : (
    <span className="quiet">
      {rows} {t('rows')}
    </span>
  );
}

/** A small button for what is not easily taken back: it asks once more. */
export function AskFirst({
  title,
  onConfirm,
  ...button
}: Omit<ButtonProps, 'onClick' | 'title'> & { title: string; onConfirm(): void }) {
  const { t } = useWords();
  return (
    <Popconfirm title={title} okText={t('ok')} cancelText={t('cancel')} onConfirm={onConfirm}>
      <Button size="small" {...button} />
    </Popconfirm>
  );
}

export const messageOf = (error: unknown) =>
  error instanceof Refused ? error.message : String((error as Error)?.message ?? error);

export function Nothing({ title, hint }: { title: string; hint: string }) {
  return (
    <Empty
      image={Empty.PRESENTED_IMAGE_SIMPLE}
      description={
        <>
          <div>{title}</div>
          <div style={{ color: '#5a6069' }}>{hint}</div>
        </>
      }
    />
  );
}

const colours: Partial<Record<State, string>> = {
  registered: 'geekblue',
  accepted: 'geekblue',
  dispatched: 'purple',
  handling: 'blue',
  returned: 'volcano',
  reported: 'cyan',
  answered: 'cyan',
  closed: 'green',
  followed: 'green',
};

export function StateTag({ state, stock }: { state: State; stock?: boolean }) {
  const { language, t } = useWords();
  if (stock) return <Tag>{t('stock')}</Tag>;
  const colour = colours[state];
  return (
    <Tag variant="outlined" {...(colour && { color: colour })}>
      {stateNames[language][state]}
    </Tag>
  );
}

/** The present moment, renewed every half minute so that deadlines count down. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export const dateTime = minuteOf;

/** When it came, for narrow columns: without the year in its own year, without the hour in others. */
export function Received({ at, now }: { at: number; now: number }) {
  const [whole, thisYear] = [dateTime(at), dateTime(now).slice(0, 5)];
  return <span title={whole}>{whole.startsWith(thisYear) ? whole.slice(5) : whole.slice(0, 10)}</span>;
}

/** How long is left, or by how long it is late; never by colour alone. */
export function Deadline({ at, now }: { at: number | null; now: number }) {
  const { t } = useWords();
  if (at === null) return <span className="quiet">{t('noDeadline')}</span>;
  const left = at - now;
  const minutes = Math.abs(left) / 60_000;
  const amount =
    minutes >= 1440
      ? `${Math.floor(minutes / 1440)} ${t('day')}`
      : minutes >= 60
        ? `${Math.floor(minutes / 60)} ${t('hour')}`
        : `${Math.ceil(minutes)} ${t('minute')}`;
  if (left < 0)
    return (
      <strong className="late" title={dateTime(at)}>
        ⚠ {t('overdueBy')} {amount}
      </strong>
    );
  return (
    <span className={minutes < 1440 ? 'soon' : ''} title={dateTime(at)}>
      {t('leftTime')} {amount}
    </span>
  );
}

export const languageOf = (me: Me | undefined): Language =>
  me?.language ?? (navigator.language.startsWith('en') ? 'en' : 'zh');
