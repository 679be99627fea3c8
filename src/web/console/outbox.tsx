/** What went out, waits, was withheld or given up; a person decides on what nobody can know. */
import { useQuery } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { Link } from 'wouter';
import { channelContracts } from '../../channels/contract.ts';
import { call } from '../ui/api.ts';
import { dateTime, useMe } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { Rows } from './rows.tsx';
import { useSending } from './sending.tsx';

export function Outbox() {
  const { t, language } = useWords();
  const county = useMe().counties[0]!;
  const [state, setState] = useState<'dead' | 'unknown' | 'waiting' | 'sent' | 'withheld'>();
  const query = useQuery({
    queryKey: ['outbox', state],
    queryFn: () => call(channelContracts.outbox, { params: { county }, query: state ? { state } : {} }),
    refetchInterval: 10_000,
  });
  const decide = useSending(
    ({ id, again }: { id: string; again: boolean }) =>
      call(channelContracts.decideOut, { params: { county, id }, body: { again } }),
    ['outbox'],
    () => {},
  );
  return (
    <>
      <div className="bar">
        <Select
          allowClear
          aria-label={t('state')}
          placeholder={t('state')}
          style={{ width: 160 }}
          value={state}
          onChange={setState}
          options={(['waiting', 'sent', 'dead', 'unknown', 'withheld'] as const).map(value => ({
            value,
            label: `${optionName('outState', value, language)} ${query.data?.counts[value] ?? 0}`,
          }))}
        />
      </div>
      <Rows
        query={query}
        rows={data => data.rows}
        empty={t('noMessages')}
        columns={[
          { title: t('madeAt'), key: 'at', width: 140, render: (_, row) => dateTime(row.madeAt) },
          {
            title: t('channelsTab'),
            key: 'c',
            width: 100,
            render: (_, row) => optionName('channelName', row.channel, language),
          },
          {
            title: t('templateName'),
            key: 't',
            width: 100,
            render: (_, row) => optionName('templateName', row.template, language),
          },
          {
            title: t('number'),
            key: 'n',
            render: (_, row) =>
              row.number && row.matter && <Link href={`/matters/${county}/${row.matter}`}>{row.number}</Link>,
          },
          {
            title: t('state'),
            key: 's',
            width: 100,
            render: (_, row) => optionName('outState', row.state, language),
          },
          { title: t('reason'), dataIndex: 'reason' },
          { title: t('triesOf'), dataIndex: 'tries', width: 60 },
          {
            title: t('action'),
            key: 'do',
            width: 160,
            render: (_, row) =>
              (row.state === 'dead' || row.state === 'unknown') && (
                <>
                  <Button size="small" type="primary" onClick={() => decide.mutate({ id: row.id, again: true })}>
                    {t('sendAgain')}
                  </Button>{' '}
                  <Button size="small" onClick={() => decide.mutate({ id: row.id, again: false })}>
                    {t('letRest')}
                  </Button>
                </>
              ),
          },
        ]}
      />
    </>
  );
}
