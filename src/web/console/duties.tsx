/** 任务: what is due, why it was missed, who is on and how they change. */

import { useQuery } from '@tanstack/react-query';
import { Button, DatePicker, Form, Input, InputNumber, Modal, Select, Table } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { roundContracts, type Sort } from '../../rounds/contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { dateTime, More, messageOf, Nothing, useDirectory, useMe } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { SortPicker, useMyRegions } from './rounds-parts.tsx';
import { FormDialog, useNeeded, useSending } from './sending.tsx';
import { usePages } from './use-pages.ts';

type Duty = Answer<typeof roundContracts.duties>['rows'][number];

export function Duties() {
  const { t, language } = useWords();
  const directory = useDirectory();
  const me = useMe();
  const [state, setState] = useState<Duty['state'] | undefined>('due');
  const [sort, setSort] = useState<Sort>();
  const [saying, setSaying] = useState<{ duty: Duty; step: 'reason' | 'excuse' | 'give-back' }>();
  const [text, setText] = useState('');
  const [offering, setOffering] = useState(false);
  const [taking, setTaking] = useState<Duty>();
  const teams = useQuery({ queryKey: ['teams'], queryFn: () => call(roundContracts.teams, {}) });
  const members = new Map(
    (teams.data?.teams ?? []).flatMap(team => team.members.map(one => [one.id, one.name] as const)),
  );
  const list = usePages(['duties', state, sort], cursor =>
    call(roundContracts.duties, { query: { limit: 50, ...(state && { state }), ...(sort && { sort }), cursor } }),
  );
  const rows = list.data?.pages.flatMap(page => page.rows) ?? [];
  type Step = Parameters<typeof call<typeof roundContracts.stepDuty>>[1]['body'];
  const step = useSending(
    ({ duty, body }: { duty: Duty; body: Step }) =>
      call(roundContracts.stepDuty, { params: { county: duty.county, id: duty.id }, body }),
    ['duties', 'coverage', 'teams'],
    () => {
      setSaying(undefined);
      setTaking(undefined);
      setText('');
    },
  );
  const own = (duty: Duty) => me.posts.some(post => post.unit === duty.unit);
  const over = (duty: Duty) =>
    me.posts.some(post => post.unit !== duty.unit && post.oversees.some(code => duty.path.includes(code)));
  const buttons = (duty: Duty) => (
    <>
      {duty.state === 'missed' && own(duty) && (
        <Button size="small" onClick={() => setSaying({ duty, step: 'reason' })}>
          {t('giveReason')}
        </Button>
      )}
      {duty.state === 'missed' && duty.reason && over(duty) && (
        <Button size="small" onClick={() => setSaying({ duty, step: 'excuse' })}>
          {t('excuse')}
        </Button>
      )}
      {duty.sort === 'task' && duty.state === 'due' && own(duty) && !duty.team && (
        <Button size="small" onClick={() => setTaking(duty)}>
          {t('takeTask')}
        </Button>
      )}
      {duty.sort === 'task' && duty.state === 'due' && own(duty) && duty.team && (
        <Button size="small" onClick={() => setSaying({ duty, step: 'give-back' })}>
          {t('giveBack')}
        </Button>
      )}
    </>
  );
  return (
    <>
      <div className="bar">
        <Select
          allowClear
          aria-label={t('state')}
          placeholder={t('state')}
          style={{ width: 140 }}
          value={state}
          onChange={setState}
          options={choices('dutyState', language) as { value: Duty['state']; label: string }[]}
        />
        <SortPicker value={sort} onChange={setSort} />
        <Button onClick={() => setOffering(true)}>{t('addTask')}</Button>
      </div>
      {list.error ? <Nothing title={messageOf(list.error)} hint="" /> : null}
      <Table
        size="small"
        rowKey="id"
        pagination={false}
        loading={list.isPending}
        dataSource={rows}
        locale={{ emptyText: <Nothing title={t('noDuties')} hint="" /> }}
        columns={[
          { title: t('sortOf'), key: 's', width: 90, render: (_, d) => optionName('roundSort', d.sort, language) },
          { title: t('planName'), dataIndex: 'name' },
          { title: t('unit'), key: 'u', width: 170, render: (_, d) => directory.unitName(d.unit) },
          { title: t('dutyUntil'), key: 'd', width: 140, render: (_, d) => dateTime(d.dueAt) },
          { title: t('state'), key: 'z', width: 110, render: (_, d) => optionName('dutyState', d.state, language) },
          {
            title: t('onDuty'),
            key: 'p',
            width: 200,
            render: (_, d) => (
              <Rota
                duty={d}
                members={members}
                onStep={body => step.mutate({ duty: d, body })}
                team={teams.data?.teams.find(one => one.id === d.team)}
              />
            ),
          },
          { title: t('reasonWord'), dataIndex: 'reason', width: 160 },
          { title: t('action'), key: 'a', width: 150, render: (_, d) => buttons(d) },
        ]}
      />
      <More list={list} rows={rows.length} />
      <Modal
        open={Boolean(saying)}
        title={saying && t(saying.step === 'reason' ? 'giveReason' : saying.step === 'excuse' ? 'excuse' : 'giveBack')}
        onCancel={() => setSaying(undefined)}
        okText={t('ok')}
        cancelText={t('cancel')}
        okButtonProps={{ disabled: text.trim().length < 2, loading: step.isPending }}
        onOk={() => saying && step.mutate({ duty: saying.duty, body: { step: saying.step, text } })}
      >
        <Input.TextArea
          aria-label={t('reasonWord')}
          rows={3}
          value={text}
          maxLength={500}
          onChange={e => setText(e.target.value)}
        />
      </Modal>
      {taking && (
        <TakeTask
          duty={taking}
          teams={(teams.data?.teams ?? []).filter(team => team.members.length)}
          onCancel={() => setTaking(undefined)}
          onTake={(team, people) => step.mutate({ duty: taking, body: { step: 'take', team, people } })}
        />
      )}
      {offering && <OfferTask onDone={() => setOffering(false)} />}
    </>
  );
}

type TeamRow = Answer<typeof roundContracts.teams>['teams'][number];

/** Who is on, and how they change. */
function Rota({
  duty,
  members,
  team,
  onStep,
}: {
  duty: Duty;
  members: Map<string, string>;
  team: TeamRow | undefined;
  onStep(body: { step: 'ask-swap'; from: string; to: string } | { step: 'answer-swap'; n: number; yes: boolean }): void;
}) {
  const { t } = useWords();
  if (!duty.people.length) return null;
  const free = (team?.members ?? []).filter(one => !duty.people.includes(one.id));
  return (
    <>
      {duty.people.map(person => (
        <div key={person}>
          {members.get(person) ?? '—'}{' '}
          {duty.state === 'due' &&
            free.length > 0 &&
            !duty.swaps.some(swap => swap.state === 'asked' && swap.from === person) && (
              <Select
                size="small"
                aria-label={`${t('swapTo')} ${members.get(person) ?? ''}`}
                placeholder={t('swapTo')}
                style={{ width: 110 }}
                value={null}
                onChange={to => to && onStep({ step: 'ask-swap', from: person, to })}
                options={free.map(one => ({ value: one.id as string | null, label: one.name }))}
              />
            )}
        </div>
      ))}
      {duty.swaps
        .filter(swap => swap.state === 'asked')
        .map(swap => (
          <div key={swap.n}>
            {members.get(swap.from)} → {members.get(swap.to)} {t('swapAsked')}{' '}
            <Button size="small" onClick={() => onStep({ step: 'answer-swap', n: swap.n, yes: true })}>
              {t('agreeSwap')}
            </Button>{' '}
            <Button size="small" onClick={() => onStep({ step: 'answer-swap', n: swap.n, yes: false })}>
              {t('refuseSwap')}
            </Button>
          </div>
        ))}
    </>
  );
}

function TakeTask({
  duty,
  teams,
  onTake,
  onCancel,
}: {
  duty: Duty;
  teams: TeamRow[];
  onTake(team: string, people: string[]): void;
  onCancel(): void;
}) {
  const { t } = useWords();
  const [team, setTeam] = useState(teams[0]?.id);
  const [people, setPeople] = useState<string[]>([]);
  const members = teams.find(one => one.id === team)?.members ?? [];
  return (
    <Modal
      open
      title={`${t('takeTask')} · ${duty.name}`}
      onCancel={onCancel}
      okText={t('ok')}
      cancelText={t('cancel')}
      okButtonProps={{ disabled: !team || !people.length }}
      onOk={() => team && onTake(team, people)}
    >
      <div style={{ display: 'grid', gap: 8 }}>
        <Select
          aria-label={t('teamOf')}
          {...(team && { value: team })}
          onChange={setTeam}
          options={teams.map(one => ({ value: one.id, label: one.name }))}
        />
        <Select
          aria-label={t('membersOf')}
          mode="multiple"
          value={people}
          onChange={setPeople}
          options={members.map(one => ({ value: one.id, label: one.name }))}
        />
      </div>
    </Modal>
  );
}

function OfferTask({ onDone }: { onDone(): void }) {
  const { t } = useWords();
  const regions = useMyRegions();
  const send = useSending(
    ({ name, region, minutes, span }: { name: string; region: string; minutes: number; span: [Dayjs, Dayjs] }) =>
      call(roundContracts.addTask, {
        body: { id: uuid(), name, region, minutes, opensAt: span[0].valueOf(), dueAt: span[1].valueOf() },
      }),
    ['duties', 'coverage'],
    onDone,
  );
  const needed = useNeeded();
  return (
    <FormDialog title={t('addTask')} send={send} onCancel={onDone} initial={{ minutes: 60, region: regions[0]?.value }}>
      <Form.Item name="name" label={t('taskName')} rules={needed}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="region" label={t('regionOf')} rules={needed}>
        <Select options={regions} showSearch={{ optionFilterProp: 'label' }} />
      </Form.Item>
      <Form.Item name="minutes" label={t('minutesOf')} rules={needed}>
        <InputNumber min={10} max={1440} />
      </Form.Item>
      <Form.Item name="span" label={t('spanOf')} rules={needed}>
        <DatePicker.RangePicker showTime={{ format: 'HH:mm' }} />
      </Form.Item>
    </FormDialog>
  );
}
