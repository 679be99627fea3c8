import { useQuery } from '@tanstack/react-query';
import { Button, Progress, Table } from 'antd';
import { deskContracts } from '../../desk/contract.ts';
import { call, download, urlOf } from '../ui/api.ts';
import { Await, dateTime, Nothing } from '../ui/pieces.tsx';
import { useWords, type Word } from '../ui/words.ts';

const stateWords: Record<string, Word> = {
  waiting: 'waiting',
  running: 'running',
  done: 'taskDone',
  failed: 'taskFailed',
};
const countWords: Record<string, Word> = {
  read: 'read',
  imported: 'imported',
  repeated: 'repeated',
  refused: 'refusedRows',
  rows: 'rows',
};

export default function Tasks() {
  const { t } = useWords();
  return (
    <>
      <h1 style={{ fontSize: 18, marginTop: 0 }}>{t('tasks')}</h1>
      <TaskTable />
    </>
  );
}

/** My long tasks with their progress, renewed every second while one runs. */
export function TaskTable({ only }: { only?: string }) {
  const { t } = useWords();
  const query = useQuery({
    queryKey: ['tasks'],
    queryFn: () => call(deskContracts.tasks, {}),
    refetchInterval: data =>
      data.state.data?.tasks.some(task => ['waiting', 'running'].includes(task.state)) || only ? 1000 : 15_000,
  });
  return (
    <Await query={query}>
      {({ tasks }) => (
        <Table
          size="small"
          rowKey="id"
          pagination={false}
          dataSource={only ? tasks.filter(task => task.id === only) : tasks}
          locale={{ emptyText: <Nothing title={t('noTasks')} hint="" /> }}
          columns={[
            {
              title: t('tasks'),
              key: 'kind',
              width: 120,
              render: (_, task) => t(task.kind === 'export' ? 'export' : 'import'),
            },
            { title: t('time'), key: 'time', width: 150, render: (_, task) => dateTime(task.created_at) },
            {
              title: t('state'),
              key: 'state',
              width: 220,
              render: (_, task) =>
                task.state === 'running' || task.state === 'waiting' ? (
                  task.total ? (
                    <Progress
                      percent={Math.floor((100 * task.done) / task.total)}
                      size="small"
                      aria-label={t('running')}
                    />
                  ) : (
                    `${t(stateWords[task.state]!)} ${task.done || ''}`
                  )
                ) : task.state === 'failed' ? (
                  <span className="late">{task.error?.message}</span>
                ) : (
                  t(stateWords[task.state] ?? 'taskDone')
                ),
            },
            {
              title: t('result'),
              key: 'counts',
              render: (_, task) =>
                Object.entries(countWords)
                  .filter(([key]) => task.counts[key] !== undefined)
                  .map(([key, word]) => `${t(word)} ${task.counts[key]}`)
                  .join('　'),
            },
            {
              title: t('action'),
              key: 'get',
              width: 150,
              render: (_, task) =>
                task.hasResult && (
                  <Button size="small" onClick={() => download(urlOf(deskContracts.result.path, { id: task.id }))}>
                    {t(task.kind === 'import' ? 'downloadRefused' : 'downloadResult')}
                  </Button>
                ),
            },
          ]}
        />
      )}
    </Await>
  );
}
