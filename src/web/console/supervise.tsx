/** The supervisor's desk: what is late, why, who; everything decided from one list. Beside it what the same records tell. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Modal, Table, Tabs } from 'antd';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { Link } from 'wouter';
import { matterContracts } from '../../matters/contract.ts';
import { gradeNames } from '../../matters/grading.ts';
import { type Answer, call } from '../ui/api.ts';
import { Await, Deadline, dateTime, More, messageOf, Nothing, useDirectory, useNow } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { Agreements } from './agreements.tsx';
import { Drives } from './drives.tsx';
import { Causes, Spots, Units } from './told.tsx';
import { usePages } from './use-pages.ts';

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
          { key: 'agreements', label: t('agreements'), children: <Agreements /> },
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
  const list = usePages(['matters', 'watch'], cursor =>
    call(matterContracts.list, { query: { box: 'watch', order: 'due', limit: 50, cursor } }),
  );
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
              getTitleCheckboxProps: () => ({ 'aria-label': t('chooseAll') }) as object,
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
                width: 104,
                render: (_, row) => row.grade && gradeNames[language][row.grade],
              },
              { title: t('byDue'), key: 'd', width: 140, render: (_, row) => <Deadline at={row.due_at} now={now} /> },
              { title: t('whyLate'), key: 'w', width: 330, render: (_, row) => why(row) },
            ]}
            footer={() => <More list={list} rows={rows.length} />}
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
