/** 专班: a list of matters chosen by a filter, with a target, members, an end date and progress. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, DatePicker, Input, Modal, Progress, Select } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { type KindName, kindNames, kinds } from '../../kinds/kinds.ts';
import { supervisionContracts } from '../../supervision/contract.ts';
import { call } from '../ui/api.ts';
import { messageOf, useDirectory, useMe } from '../ui/pieces.tsx';
import { useWords } from '../ui/words.ts';
import { Rows } from './rows.tsx';

export function Drives() {
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
      <Rows
        query={query}
        whole
        rows={data => data.drives}
        empty={t('noDrives')}
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
