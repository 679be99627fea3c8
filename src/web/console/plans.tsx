/** 计划: what recurs, where and by whom. */

import { useQuery } from '@tanstack/react-query';
import { Button, Checkbox, DatePicker, Form, Input, InputNumber, Select } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { roundContracts } from '../../rounds/contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { AskFirst, useDirectory, useMe } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { day, useMyRegions } from './rounds-parts.tsx';
import { Rows } from './rows.tsx';
import { FormDialog, useKeeps, useNeeded, useSending } from './sending.tsx';

type Plan = Answer<typeof roundContracts.plans>['plans'][number];

export function Plans() {
  const { t, language } = useWords();
  const directory = useDirectory();
  const keeps = useKeeps();
  const [editing, setEditing] = useState<Plan | 'new'>();
  const query = useQuery({ queryKey: ['plans'], queryFn: () => call(roundContracts.plans, {}) });
  const end = useSending(
    (plan: Plan) => call(roundContracts.endPlan, { params: { county: plan.county, id: plan.id } }),
    ['plans', 'duties', 'coverage'],
    () => {},
  );
  return (
    <>
      {keeps && (
        <div className="bar">
          <Button type="primary" onClick={() => setEditing('new')}>
            {t('addPlan')}
          </Button>
        </div>
      )}
      <Rows
        query={query}
        whole
        rows={data => data.plans}
        empty={t('noPlans')}
        hint={t('noCoverageHint')}
        columns={[
          { title: t('planName'), dataIndex: 'name' },
          { title: t('sortOf'), key: 's', width: 90, render: (_, p) => optionName('roundSort', p.sort, language) },
          { title: t('planUnit'), key: 'u', width: 180, render: (_, p) => directory.unitName(p.unit) },
          { title: t('ruleOf'), key: 'r', width: 170, render: (_, p) => optionName('planRule', p.rule, language) },
          { title: t('eachOf'), key: 'e', width: 120, render: (_, p) => optionName('planEach', p.each, language) },
          { title: t('startsOn'), key: 'f', width: 190, render: (_, p) => `${p.starts} – ${p.ends ?? ''}` },
          {
            title: t('action'),
            key: 'a',
            width: 150,
            render: (_, p) =>
              p.endedAt ? (
                t('planEnded')
              ) : keeps ? (
                <>
                  <Button size="small" onClick={() => setEditing(p)}>
                    {t('editLine')}
                  </Button>{' '}
                  <AskFirst title={t('endPlanSure')} onConfirm={() => end.mutate(p)}>
                    {t('endPlan')}
                  </AskFirst>
                </>
              ) : null,
          },
        ]}
      />
      {editing && <PlanForm plan={editing === 'new' ? undefined : editing} onDone={() => setEditing(undefined)} />}
    </>
  );
}

type PlanValues = Omit<Plan, 'starts' | 'ends' | 'id' | 'county' | 'endedAt' | 'places' | 'rule'> & {
  starts: Dayjs;
  ends?: Dayjs;
  rule: string;
  own?: string;
};

function PlanForm({ plan, onDone }: { plan: Plan | undefined; onDone(): void }) {
  const { t, language } = useWords();
  const me = useMe();
  const directory = useDirectory();
  const regions = useMyRegions();
  const teams = useQuery({ queryKey: ['teams'], queryFn: () => call(roundContracts.teams, {}) });
  const [form] = Form.useForm<PlanValues>();
  const each = Form.useWatch('each', form);
  const rule = Form.useWatch('rule', form);
  const send = useSending(
    ({ starts, ends, own, rule: chosen, ...rest }: PlanValues) =>
      call(roundContracts.putPlan, {
        body: {
          ...rest,
          id: plan?.id ?? uuid(),
          places: plan?.places ?? [],
          guide: rest.guide ?? '',
          placeKind: rest.each === 'place' ? rest.placeKind : null,
          team: rest.team ?? null,
          keyPeriod: Boolean(rest.keyPeriod),
          rule: chosen === 'own' ? (own ?? '') : chosen,
          starts: day(starts),
          ends: ends ? day(ends) : null,
        },
      }),
    ['plans', 'duties', 'coverage'],
    onDone,
  );
  const needed = useNeeded();
  const units = me.posts
    .filter(post => post.oversees.length)
    .map(post => ({ value: post.unit, label: directory.unitName(post.unit) }));
  const known = choices('planRule', language);
  return (
    <FormDialog
      title={t('addPlan')}
      send={send}
      onCancel={onDone}
      form={form}
      initial={
        plan
          ? {
              ...plan,
              starts: dayjs(plan.starts),
              ends: plan.ends && dayjs(plan.ends),
              ...(known.some(one => one.value === plan.rule) ? {} : { rule: 'own', own: plan.rule }),
            }
          : {
              sort: 'round',
              unit: units[0]?.value,
              region: regions[0]?.value,
              each: 'village',
              rule: known[1]!.value,
              hours: 130,
              starts: dayjs(),
            }
      }
      width={640}
    >
      <Form.Item name="name" label={t('planName')} rules={needed}>
        <Input maxLength={100} />
      </Form.Item>
      <div style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', columnGap: 12 }}>
        <Form.Item name="sort" label={t('sortOf')} rules={needed}>
          <Select options={choices('roundSort', language)} disabled={Boolean(plan)} />
        </Form.Item>
        <Form.Item name="unit" label={t('planUnit')} rules={needed}>
          <Select options={units} disabled={Boolean(plan)} />
        </Form.Item>
        <Form.Item name="region" label={t('regionOf')} rules={needed}>
          <Select options={regions} showSearch={{ optionFilterProp: 'label' }} />
        </Form.Item>
        <Form.Item name="each" label={t('eachOf')} rules={needed}>
          <Select options={choices('planEach', language)} />
        </Form.Item>
        {each === 'place' && (
          <Form.Item name="placeKind" label={t('placeKindOf')} rules={needed}>
            <Select options={choices('placeKind', language)} />
          </Form.Item>
        )}
        <Form.Item name="rule" label={t('ruleOf')} rules={needed}>
          <Select options={[...known, { value: 'own', label: t('ownRuleOf') }]} />
        </Form.Item>
        {rule === 'own' && (
          <Form.Item name="own" label={t('ownRuleOf')} rules={needed}>
            <Input placeholder="FREQ=WEEKLY;BYDAY=TU,FR" />
          </Form.Item>
        )}
        <Form.Item name="hours" label={t('hoursOf')} rules={needed}>
          <InputNumber min={1} max={2400} style={{ width: '100%' }} />
        </Form.Item>
        <Form.Item name="team" label={t('teamOf')}>
          <Select allowClear options={(teams.data?.teams ?? []).map(team => ({ value: team.id, label: team.name }))} />
        </Form.Item>
        <Form.Item name="starts" label={t('startsOn')} rules={needed}>
          <DatePicker style={{ width: '100%' }} disabled={Boolean(plan)} />
        </Form.Item>
        <Form.Item name="ends" label={t('endsOn')}>
          <DatePicker style={{ width: '100%' }} />
        </Form.Item>
      </div>
      <Form.Item name="guide" label={t('guideOf')}>
        <Input.TextArea rows={3} maxLength={4000} />
      </Form.Item>
      <Form.Item name="keyPeriod" valuePropName="checked">
        <Checkbox>{t('keyPeriod')}</Checkbox>
      </Form.Item>
    </FormDialog>
  );
}
