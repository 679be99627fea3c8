/** 队伍: patrol teams, volunteers, groups of households; members with masked names, hours served. */
import { useQuery } from '@tanstack/react-query';
import { Button, Form, Input, InputNumber, Select } from 'antd';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { roundContracts } from '../../rounds/contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { AskFirst, useDirectory, useMe } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { Rows } from './rows.tsx';
import { FormDialog, useNeeded, useSending } from './sending.tsx';

type Team = Answer<typeof roundContracts.teams>['teams'][number];

export function Teams() {
  const { t, language } = useWords();
  const directory = useDirectory();
  const [adding, setAdding] = useState(false);
  const [joining, setJoining] = useState<Team>();
  const query = useQuery({ queryKey: ['teams'], queryFn: () => call(roundContracts.teams, {}) });
  const end = useSending(
    ({ team, id }: { team: Team; id: string }) =>
      call(roundContracts.putMember, {
        params: { county: team.county, id: team.id },
        body: { id, name: '——', ended: true },
      }),
    ['teams'],
    () => {},
  );
  return (
    <>
      <div className="bar">
        <Button type="primary" onClick={() => setAdding(true)}>
          {t('addTeam')}
        </Button>
      </div>
      <Rows
        query={query}
        rows={data => data.teams}
        whole
        empty={t('noTeams')}
        columns={[
          { title: t('teamName'), dataIndex: 'name' },
          {
            title: t('sortOf'),
            key: 's',
            width: 110,
            render: (_, team) => optionName('teamSort', team.sort, language),
          },
          { title: t('unit'), key: 'u', width: 180, render: (_, team) => directory.unitName(team.unit) },
          {
            title: t('strengthOf'),
            key: 'n',
            width: 140,
            render: (_, team) => (
              <>
                {team.members.length} / {team.strength}{' '}
                {team.members.length < team.strength && <strong className="late">⚠ {t('tooFew')}</strong>}
              </>
            ),
          },
          {
            title: t('hoursDone'),
            key: 'h',
            width: 120,
            align: 'right',
            render: (_, team) => (team.minutes / 60).toFixed(1),
          },
          {
            title: t('membersOf'),
            key: 'm',
            render: (_, team) => (
              <>
                {team.members.map(member => (
                  <AskFirst
                    key={member.id}
                    title={t('endMember')}
                    onConfirm={() => end.mutate({ team, id: member.id })}
                    style={{ margin: '0 4px 4px 0' }}
                  >
                    {member.name}
                  </AskFirst>
                ))}
                <Button size="small" type="dashed" onClick={() => setJoining(team)}>
                  {t('addMember')}
                </Button>
              </>
            ),
          },
        ]}
      />
      {adding && <TeamForm onDone={() => setAdding(false)} />}
      {joining && <MemberForm team={joining} onDone={() => setJoining(undefined)} />}
    </>
  );
}

function TeamForm({ onDone }: { onDone(): void }) {
  const { t, language } = useWords();
  const me = useMe();
  const directory = useDirectory();
  const send = useSending(
    (values: { name: string; sort: Team['sort']; unit: string; strength: number }) =>
      call(roundContracts.putTeam, { body: { id: uuid(), ...values } }),
    ['teams'],
    onDone,
  );
  const needed = useNeeded();
  return (
    <FormDialog
      title={t('addTeam')}
      send={send}
      onCancel={onDone}
      initial={{ sort: 'patrol', strength: 10, unit: me.posts[0]?.unit }}
    >
      <Form.Item name="name" label={t('teamName')} rules={needed}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="sort" label={t('sortOf')} rules={needed}>
        <Select options={choices('teamSort', language)} />
      </Form.Item>
      <Form.Item name="unit" label={t('unit')} rules={needed}>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={directory.units
            .filter(unit => unit.kind === 'centre')
            .map(unit => ({ value: unit.id, label: unit.name }))}
        />
      </Form.Item>
      <Form.Item name="strength" label={t('strengthOf')} rules={needed}>
        <InputNumber min={0} max={500} />
      </Form.Item>
    </FormDialog>
  );
}

function MemberForm({ team, onDone }: { team: Team; onDone(): void }) {
  const { t } = useWords();
  const send = useSending(
    (values: { name: string; phone?: string; login?: string }) =>
      call(roundContracts.putMember, {
        params: { county: team.county, id: team.id },
        body: {
          id: uuid(),
          name: values.name,
          ...(values.phone && { phone: values.phone }),
          ...(values.login && { login: values.login }),
        },
      }),
    ['teams'],
    onDone,
  );
  return (
    <FormDialog title={`${t('addMember')} · ${team.name}`} send={send} onCancel={onDone}>
      <Form.Item name="name" label={t('memberName')} rules={[{ required: true, min: 2, message: t('required') }]}>
        <Input maxLength={40} autoComplete="off" />
      </Form.Item>
      <Form.Item name="phone" label={t('memberPhone')}>
        <Input maxLength={20} autoComplete="off" />
      </Form.Item>
      <Form.Item name="login" label={t('memberLogin')}>
        <Input maxLength={60} autoComplete="off" />
      </Form.Item>
    </FormDialog>
  );
}
