/** 排查与走访: coverage, plans, duties, what was found, teams. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Button, Checkbox, DatePicker, Form, Input, InputNumber, Modal, Popconfirm, Select, Table, Tabs } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { lazy, Suspense, useState } from 'react';
import { v7 as uuid } from 'uuid';
import { Link } from 'wouter';
import { roundContracts, type Sort } from '../../rounds/contract.ts';
import { type Answer, call, download, urlOf } from '../ui/api.ts';
import { Await, dateTime, More, messageOf, Nothing, useDirectory, useMe } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { useKeeps, useSending } from './sending.ts';
import { type Span, SpanPicker } from './span.tsx';
import { Teams } from './teams.tsx';

const CoverageMap = lazy(() => import('./coverage-map.tsx'));
type Plan = Answer<typeof roundContracts.plans>['plans'][number];
type Duty = Answer<typeof roundContracts.duties>['rows'][number];

export default function Rounds() {
  const { t } = useWords();
  return (
    <>
      <h1 style={{ fontSize: 18, margin: 0 }}>{t('rounds')}</h1>
      <Tabs
        destroyOnHidden
        items={[
          { key: 'c', label: t('coverageTab'), children: <Coverage /> },
          { key: 'p', label: t('plansTab'), children: <Plans /> },
          { key: 'd', label: t('dutiesTab'), children: <Duties /> },
          { key: 'e', label: t('entriesTab'), children: <Entries /> },
          { key: 't', label: t('teamsTab'), children: <Teams /> },
        ]}
      />
    </>
  );
}

const thisMonth = (): Span => [dayjs().startOf('month'), dayjs().endOf('day')];
const day = (moment: Dayjs) => moment.format('YYYY-MM-DD');

function SortPicker({ value, onChange }: { value: Sort | undefined; onChange(sort: Sort | undefined): void }) {
  const { t, language } = useWords();
  return (
    <Select
      allowClear
      aria-label={t('sortOf')}
      placeholder={t('sortOf')}
      style={{ width: 130 }}
      value={value}
      onChange={onChange}
      options={choices('roundSort', language)}
    />
  );
}

/** The regions of one's posts and below, from the county down, for choosing where to look. */
function useMyRegions() {
  const me = useMe();
  const directory = useDirectory();
  const mine = me.posts.flatMap(post => post.oversees);
  const below = (code: string) => mine.some(top => code.startsWith(top.replace(/0+$/, '')));
  return directory.regions.filter(region => below(region.code)).map(({ code, name }) => ({ value: code, label: name }));
}

function Coverage() {
  const { t, language } = useWords();
  const directory = useDirectory();
  const me = useMe();
  const top = me.posts.find(post => post.oversees.length)?.oversees[0];
  const [span, setSpan] = useState<Span>(thisMonth);
  const [sort, setSort] = useState<Sort>();
  const [region, setRegion] = useState<string | undefined>(top);
  const regions = useMyRegions();
  const asked = { from: day(span[0]), to: day(span[1]), ...(region && { region }), ...(sort && { sort }) };
  const query = useQuery({
    queryKey: ['coverage', asked],
    queryFn: () => call(roundContracts.coverage, { query: asked }),
  });
  const names = new Map(directory.regions.map(one => [one.code, one.name]));
  const nameOf = (code: string) => names.get(code) ?? names.get(code.slice(0, 12)) ?? code;
  const number = (
    key: 'due' | 'done' | 'late' | 'missed' | 'excused' | 'open' | 'proven' | 'found' | 'reasons',
    word: Parameters<typeof t>[0],
  ) => ({
    title: t(word),
    dataIndex: key,
    align: 'right' as const,
    width: 84,
  });
  return (
    <>
      <div className="bar">
        <SpanPicker span={span} onChange={setSpan} />
        <SortPicker value={sort} onChange={setSort} />
        <Select
          aria-label={t('regionOf')}
          style={{ width: 180 }}
          value={region ?? null}
          showSearch={{ optionFilterProp: 'label' }}
          onChange={value => setRegion(value ?? undefined)}
          options={regions}
        />
        <Button onClick={() => download(urlOf(roundContracts.ledger.path, {}, asked))}>{t('exportLedger')}</Button>
      </div>
      <Await query={query}>
        {data =>
          data.rows.length === 0 ? (
            <Nothing title={t('noCoverage')} hint={t('noCoverageHint')} />
          ) : (
            <>
              <Suspense fallback={null}>
                <CoverageMap top={region ?? top ?? ''} rows={data.rows} onPick={setRegion} />
              </Suspense>
              <p className="quiet">{t('coverHint')}</p>
              <Table
                size="small"
                rowKey="region"
                pagination={false}
                scroll={{ x: 900 }}
                dataSource={data.rows}
                columns={[
                  { title: t('regionOf'), key: 'r', render: (_, row) => nameOf(row.region) },
                  number('due', 'dueN'),
                  number('done', 'doneN'),
                  {
                    title: t('rateN'),
                    key: 'q',
                    align: 'right',
                    width: 84,
                    render: (_, row) =>
                      row.due - row.excused ? `${Math.round((100 * row.done) / (row.due - row.excused))}%` : '—',
                  },
                  number('late', 'lateDone'),
                  number('missed', 'missedN'),
                  number('reasons', 'reasonsN'),
                  number('excused', 'excusedN'),
                  number('open', 'openN'),
                  number('proven', 'provenN'),
                  number('found', 'foundN'),
                ]}
              />
              <p className="quiet">{sort ? optionName('roundSort', sort, language) : ''}</p>
            </>
          )
        }
      </Await>
    </>
  );
}

function Plans() {
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
      <Await query={query}>
        {data => (
          <Table
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={data.plans}
            locale={{ emptyText: <Nothing title={t('noPlans')} hint={t('noCoverageHint')} /> }}
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
                      <Popconfirm
                        title={t('endPlanSure')}
                        okText={t('ok')}
                        cancelText={t('cancel')}
                        onConfirm={() => end.mutate(p)}
                      >
                        <Button size="small">{t('endPlan')}</Button>
                      </Popconfirm>
                    </>
                  ) : null,
              },
            ]}
          />
        )}
      </Await>
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
  const needed = [{ required: true, message: t('required') }];
  const units = me.posts
    .filter(post => post.oversees.length)
    .map(post => ({ value: post.unit, label: directory.unitName(post.unit) }));
  const known = choices('planRule', language);
  return (
    <Modal open title={t('addPlan')} footer={null} onCancel={onDone} width={640}>
      <Form
        form={form}
        layout="vertical"
        onFinish={send.mutate}
        initialValues={
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
            <Select
              allowClear
              options={(teams.data?.teams ?? []).map(team => ({ value: team.id, label: team.name }))}
            />
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
        <Button type="primary" htmlType="submit" loading={send.isPending}>
          {t('ok')}
        </Button>
      </Form>
    </Modal>
  );
}

function Duties() {
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
  const list = useInfiniteQuery({
    queryKey: ['duties', state, sort],
    queryFn: ({ pageParam }) =>
      call(roundContracts.duties, {
        query: { limit: 50, ...(state && { state }), ...(sort && { sort }), ...(pageParam && { cursor: pageParam }) },
      }),
    initialPageParam: '',
    getNextPageParam: page => page.next,
  });
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
  const needed = [{ required: true, message: t('required') }];
  return (
    <Modal open title={t('addTask')} footer={null} onCancel={onDone}>
      <Form layout="vertical" onFinish={send.mutate} initialValues={{ minutes: 60, region: regions[0]?.value }}>
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
        <Button type="primary" htmlType="submit" loading={send.isPending}>
          {t('ok')}
        </Button>
      </Form>
    </Modal>
  );
}

function Entries() {
  const { t, language } = useWords();
  const directory = useDirectory();
  const [sort, setSort] = useState<Sort>();
  const list = useInfiniteQuery({
    queryKey: ['entries', sort],
    queryFn: ({ pageParam }) =>
      call(roundContracts.entries, {
        query: { limit: 50, ...(sort && { sort }), ...(pageParam && { cursor: pageParam }) },
      }),
    initialPageParam: '',
    getNextPageParam: page => page.next,
  });
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
