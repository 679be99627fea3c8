/** 记录: what was found, where and by whom. */

import { Button, Table } from 'antd';
import { useState } from 'react';
import { Link } from 'wouter';
import { roundContracts, type Sort } from '../../rounds/contract.ts';
import { call, download, urlOf } from '../ui/api.ts';
import { dateTime, More, messageOf, Nothing, useDirectory } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { SortPicker } from './rounds-parts.tsx';
import { usePages } from './use-pages.ts';

export function Entries() {
  const { t, language } = useWords();
  const directory = useDirectory();
  const [sort, setSort] = useState<Sort>();
  const list = usePages(['entries', sort], cursor =>
    call(roundContracts.entries, { query: { limit: 50, ...(sort && { sort }), cursor } }),
  );
  const rows = list.data?.pages.flatMap(page => page.rows) ?? [];
  return (
    <>
      <div className="bar">
        <SortPicker value={sort} onChange={setSort} />
      </div>
      {list.error ? <Nothing title={messageOf(list.error)} hint="" /> : null}
      <Table
        size="small"
        rowKey="id"
        pagination={false}
        loading={list.isPending}
        dataSource={rows}
        locale={{ emptyText: <Nothing title={t('noEntries')} hint="" /> }}
        columns={[
          { title: t('time'), key: 't', width: 140, render: (_, e) => dateTime(e.claimedAt) },
          { title: t('sortOf'), key: 's', width: 90, render: (_, e) => optionName('roundSort', e.sort, language) },
          { title: t('place'), key: 'p', render: (_, e) => `${directory.placeName(e.path)} ${e.placeName ?? ''}` },
          { title: t('whoDid'), dataIndex: 'personName', width: 90 },
          {
            title: t('outcomeOf'),
            key: 'o',
            width: 110,
            render: (_, e) => optionName('entryOutcome', e.outcome, language),
          },
          {
            title: t('presenceOf'),
            key: 'q',
            width: 120,
            render: (_, e) => optionName('presence', e.presence, language),
          },
          { title: t('noteOf'), dataIndex: 'note', ellipsis: true },
          {
            title: t('foundN'),
            key: 'f',
            width: 110,
            render: (_, e) =>
              e.matters.map((id, n) => (
                <Link key={id} href={`/matters/${e.county}/${id}`} style={{ marginRight: 8 }}>
                  #{n + 1}
                </Link>
              )),
          },
          {
            title: t('action'),
            key: 'a',
            width: 100,
            render: (_, e) => (
              <Button
                size="small"
                onClick={() => download(urlOf(roundContracts.form.path, { county: e.county, id: e.id }))}
              >
                {t('visitForm')}
              </Button>
            ),
          },
        ]}
      />
      <More list={list} rows={rows.length} />
    </>
  );
}
