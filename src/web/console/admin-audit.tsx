import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Table } from 'antd';
import { peopleContracts } from '../../people/contract.ts';
import { call } from '../ui/api.ts';
import { Await, dateTime } from '../ui/pieces.tsx';
import { useWords } from '../ui/words.ts';

export default function Audit() {
  const { t } = useWords();
  const query = useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam }) => call(peopleContracts.audit, { query: pageParam ? { before: pageParam } : {} }),
    initialPageParam: 0,
    getNextPageParam: page => (page.lines.length === 100 ? page.lines.at(-1)!.n : undefined),
  });
  return (
    <>
      <h1 style={{ fontSize: 18, marginTop: 0 }}>{t('audit')}</h1>
      <Await query={query}>
        {data => (
          <Table
            size="small"
            rowKey="n"
            pagination={false}
            dataSource={data.pages.flatMap(page => page.lines)}
            footer={() => query.hasNextPage && <Button onClick={() => query.fetchNextPage()}>{t('older')}</Button>}
            columns={[
              { title: t('time'), key: 'at', width: 150, render: (_, l) => dateTime(l.at) },
              { title: t('person'), dataIndex: 'person', width: 120 },
              { title: t('action'), dataIndex: 'what', width: 150 },
              { title: t('result'), dataIndex: 'result', width: 90 },
              { title: t('subject'), dataIndex: 'subject', width: 290, ellipsis: true },
              { title: t('details'), key: 'd', ellipsis: true, render: (_, l) => JSON.stringify(l.detail) },
            ]}
          />
        )}
      </Await>
    </>
  );
}
