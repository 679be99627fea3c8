/** An administrator sets the county's own rules from a day on: what happens around deadlines, clocks, chains, tables. */
import { CloseOutlined } from '@ant-design/icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Checkbox, Form, type FormInstance, Input, InputNumber, Select, Tabs } from 'antd';
import dayjs from 'dayjs';
import { type ReactNode, useState } from 'react';
import { paperKinds, type steps } from '../../kinds/kind.ts';
import type { KindName } from '../../kinds/kinds.ts';
import { gradeNames, grades } from '../../matters/grading.ts';
import type { Alarm } from '../../matters/supervision.ts';
import { type PlaceKind, placeKinds } from '../../places/kinds.ts';
import { type ruleNames, supervisionContracts } from '../../supervision/contract.ts';
import { call } from '../ui/api.ts';
import { messageOf, useMe } from '../ui/pieces.tsx';
import { choices, useWords } from '../ui/words.ts';

type Named = (typeof ruleNames)[number];
type Now = { alarms: readonly Alarm[]; points: unknown; fields: unknown };
type Dated = { from: string; basis: string };

/** What every rule has beside its content: from when, on which basis; then what the server says of it. */
function RuleForm<Values extends Dated>({
  name,
  initial,
  send,
  children,
}: {
  name: string;
  initial: Record<string, unknown>;
  send(values: Values): Promise<unknown>;
  children(form: FormInstance): ReactNode;
}) {
  const { t } = useWords();
  const cache = useQueryClient();
  const [form] = Form.useForm();
  const set = useMutation({ mutationFn: send, onSuccess: () => cache.invalidateQueries({ queryKey: ['rules'] }) });
  return (
    <Form
      form={form}
      name={name}
      layout="vertical"
      initialValues={{ from: dayjs().format('YYYY-MM-DD'), ...initial }}
      onFinish={values => set.mutate(values)}
    >
      {children(form)}
      <div className="pair">
        <Form.Item
          name="from"
          label={t('effectiveFrom')}
          rules={[{ required: true, pattern: /^\d{4}-\d{2}-\d{2}$/, message: 'YYYY-MM-DD' }]}
        >
          <Input />
        </Form.Item>
        <Form.Item name="basis" label={t('ruleBasis')} rules={[{ required: true, min: 4, message: t('required') }]}>
          <Input />
        </Form.Item>
      </div>
      {set.error && (
        <Alert role="alert" type="error" showIcon title={messageOf(set.error)} style={{ marginBottom: 8 }} />
      )}
      {set.isSuccess && <Alert type="success" showIcon title={t('done')} style={{ marginBottom: 8 }} />}
      <Button htmlType="submit" type="primary" loading={set.isPending}>
        {t('save')}
      </Button>
    </Form>
  );
}

function useSetRule(kind: KindName) {
  const me = useMe();
  return ({ from, basis }: Dated, what: Named, value: unknown) =>
    call(supervisionContracts.setRule, { body: { county: me.counties[0]!, kind, what, from, basis, value } });
}

function GradeItem() {
  const { t, language } = useWords();
  return (
    <Form.Item name="grade" label={t('grade')}>
      <Select
        allowClear
        placeholder={t('everyGrade')}
        options={grades.map(value => ({ value, label: gradeNames[language][value] }))}
      />
    </Form.Item>
  );
}

type AlarmLine = { when: 'before' | 'after'; count: number; unit: Alarm['after']['unit'] } & Omit<Alarm, 'after'>;
const lineOf = ({ after: { count, unit }, ...rest }: Alarm): AlarmLine => ({
  when: count < 0 ? 'before' : 'after',
  count: Math.abs(count),
  unit,
  ...rest,
});
const alarmOf = ({ when, count, unit, reply, ...rest }: AlarmLine): Alarm => ({
  after: { count: when === 'before' ? -count : count, unit },
  reply: reply ?? null,
  ...rest,
});

function Alarms({ kind, now }: { kind: KindName; now: Now }) {
  const { t, language } = useWords();
  const set = useSetRule(kind);
  return (
    <RuleForm<Dated & { grade?: (typeof grades)[number]; lines: AlarmLine[] }>
      name="alarms"
      initial={{ lines: now.alarms.map(lineOf) }}
      send={values => set(values, values.grade ? `alarms.${values.grade}` : 'alarms', values.lines.map(alarmOf))}
    >
      {() => (
        <>
          <GradeItem />
          <Form.List name="lines">
            {(lines, { add, remove }) => (
              <>
                {lines.map(({ key, name }) => (
                  <fieldset key={key} className="bar" aria-label={`${t('line')} ${name + 1}`}>
                    <Form.Item name={[name, 'when']} noStyle>
                      <Select
                        aria-label={t('beforeOrAfter')}
                        style={{ width: 90 }}
                        options={(['before', 'after'] as const).map(value => ({ value, label: t(value) }))}
                      />
                    </Form.Item>
                    <Form.Item name={[name, 'count']} noStyle rules={[{ required: true, message: t('required') }]}>
                      <InputNumber aria-label={t('amount')} min={0} max={400} style={{ width: 72 }} />
                    </Form.Item>
                    <Form.Item name={[name, 'unit']} noStyle>
                      <Select
                        aria-label={t('timeUnit')}
                        style={{ width: 120 }}
                        options={(['hour', 'workday'] as const).map(value => ({ value, label: t(value) }))}
                      />
                    </Form.Item>
                    <Form.Item name={[name, 'do']} noStyle>
                      <Select aria-label={t('action')} style={{ width: 130 }} options={choices('alarm', language)} />
                    </Form.Item>
                    <Form.Item name={[name, 'by']} noStyle>
                      <Select aria-label={t('issuer')} style={{ width: 130 }} options={choices('issuer', language)} />
                    </Form.Item>
                    <Form.Item name={[name, 'reply']} noStyle>
                      <InputNumber
                        aria-label={t('days')}
                        placeholder={t('days')}
                        min={1}
                        max={60}
                        style={{ width: 150 }}
                      />
                    </Form.Item>
                    <Form.Item name={[name, 'escalates']} valuePropName="checked" noStyle>
                      <Checkbox>{t('escalates')}</Checkbox>
                    </Form.Item>
                    <Button size="small" onClick={() => remove(name)} aria-label={`${t('removeLine')} ${name + 1}`}>
                      <CloseOutlined />
                    </Button>
                  </fieldset>
                ))}
                <Button
                  style={{ marginBottom: 12 }}
                  onClick={() =>
                    add({
                      when: 'after',
                      count: 1,
                      unit: 'workday',
                      do: 'remind',
                      by: 'centre',
                      reply: null,
                      escalates: false,
                    })
                  }
                >
                  {t('addLine')}
                </Button>
              </>
            )}
          </Form.List>
        </>
      )}
    </RuleForm>
  );
}

type ClockValues = Dated & {
  step: (typeof steps)[number];
  grade?: (typeof grades)[number];
  count: number;
  unit: 'hour' | 'day' | 'workday' | 'month';
  start: 'received' | 'registered' | 'accepted' | 'dispatched' | 'answered' | 'entered';
};
function Clocks({ kind }: { kind: KindName }) {
  const { t, language } = useWords();
  const me = useMe();
  return (
    <RuleForm<ClockValues>
      name="clock"
      initial={{ step: 'handle', count: 5, unit: 'workday', start: 'received' }}
      send={({ step, grade, count, unit, start, from, basis }) =>
        call(supervisionContracts.setClock, {
          body: {
            county: me.counties[0]!,
            kind,
            step,
            from,
            ...(grade && { grade }),
            value: { from: start, count, unit, basis },
          },
        })
      }
    >
      {() => (
        <div className="pair">
          <Form.Item name="step" label={t('nextStep')}>
            <Select options={choices('step', language)} />
          </Form.Item>
          <GradeItem />
          <Form.Item name="count" label={t('amount')} rules={[{ required: true, message: t('required') }]}>
            <InputNumber min={1} max={400} style={{ width: '100%' }} />
          </Form.Item>
          <Form.Item name="unit" label={t('timeUnit')}>
            <Select options={choices('timeUnit', language)} />
          </Form.Item>
          <Form.Item name="start" label={t('countedFrom')}>
            <Select options={choices('clockStart', language)} />
          </Form.Item>
        </div>
      )}
    </RuleForm>
  );
}

function ChainsOf({ kind }: { kind: KindName }) {
  const { t, language } = useWords();
  const set = useSetRule(kind);
  type Level = 'city' | 'county' | 'township' | 'village';
  const ordered = choices('chainStep', language);
  return (
    <RuleForm<Dated & { level?: Level; chains: Record<string, string[]> }>
      name="chain"
      initial={{ chains: Object.fromEntries(paperKinds.map(paper => [paper, []])) }}
      send={values => set(values, values.level ? `chain.${values.level}` : 'chain', values.chains)}
    >
      {() => (
        <>
          <Form.Item name="level" label={t('level')}>
            <Select allowClear placeholder={t('everyLevel')} options={choices('regionLevel', language)} />
          </Form.Item>
          <p className="quiet">{t('chainHint')}</p>
          <div className="pair">
            {choices('paperKind', language).map(paper => (
              <Form.Item key={paper.value} name={['chains', paper.value]} label={paper.label}>
                <Select mode="multiple" options={ordered} placeholder={t('noneNeeded')} />
              </Form.Item>
            ))}
          </div>
        </>
      )}
    </RuleForm>
  );
}

/** Tables with many columns are given as the JSON that the API documents. */
function Table({ kind, now }: { kind: KindName; now: Now }) {
  const { t } = useWords();
  const set = useSetRule(kind);
  const [unreadable, setUnreadable] = useState(false);
  const shown = (what: 'points' | 'fields') => JSON.stringify(now[what] ?? [], null, 1);
  return (
    <RuleForm<Dated & { what: 'points' | 'fields'; value: string }>
      name="table"
      initial={{ what: 'points', value: shown('points') }}
      send={async values => {
        let value: unknown;
        try {
          value = JSON.parse(values.value);
        } catch (error) {
          setUnreadable(true);
          throw error;
        }
        setUnreadable(false);
        return set(values, values.what, value);
      }}
    >
      {form => (
        <>
          <Form.Item name="what" label={t('ruleWhat')}>
            <Select
              options={(['points', 'fields'] as const).map(value => ({
                value,
                label: t(value === 'points' ? 'pointsInForce' : 'ownFields'),
              }))}
              onChange={what => form.setFieldValue('value', shown(what))}
            />
          </Form.Item>
          <Form.Item name="value" label={t('ruleValue')} rules={[{ required: true, message: t('required') }]}>
            <Input.TextArea rows={10} style={{ fontFamily: 'monospace' }} />
          </Form.Item>
          {unreadable && <Alert type="warning" title={t('notJson')} style={{ marginBottom: 8 }} />}
        </>
      )}
    </RuleForm>
  );
}

type CheckLine = { key: string; title: string; basis?: string };

/** What is looked at in each kind of place, line by line. */
function Checklists() {
  const { t, language } = useWords();
  const set = useSetRule('hazard');
  const first: PlaceKind = 'school';
  return (
    <RuleForm<Dated & { place: PlaceKind; lines: CheckLine[] }>
      name="checklist"
      initial={{ place: first, lines: placeKinds[first].checklist }}
      send={values =>
        set(
          values,
          `checklist.${values.place}`,
          values.lines.map(({ basis, ...line }) => ({ ...line, ...(basis && { basis }) })),
        )
      }
    >
      {form => (
        <>
          <Form.Item name="place" label={t('placeKindOf')}>
            <Select
              options={choices('placeKind', language)}
              onChange={(kind: PlaceKind) => form.setFieldValue('lines', placeKinds[kind].checklist)}
            />
          </Form.Item>
          <Form.List name="lines">
            {(lines, { add, remove }) => (
              <>
                {lines.map(({ key, name }) => (
                  <fieldset key={key} className="bar" aria-label={`${t('line')} ${name + 1}`}>
                    <Form.Item name={[name, 'title']} noStyle rules={[{ required: true, message: t('required') }]}>
                      <Input
                        aria-label={t('checkItem')}
                        placeholder={t('checkItem')}
                        style={{ width: 300 }}
                        maxLength={80}
                      />
                    </Form.Item>
                    <Form.Item name={[name, 'basis']} noStyle>
                      <Input
                        aria-label={t('checkBasis')}
                        placeholder={t('checkBasis')}
                        style={{ width: 180 }}
                        maxLength={80}
                      />
                    </Form.Item>
                    <Button icon={<CloseOutlined />} aria-label={t('removeLine')} onClick={() => remove(name)} />
                  </fieldset>
                ))}
                {/* The key stays the same for ever, whatever the words become. */}
                <Button onClick={() => add({ key: `own-${Date.now().toString(36)}` })}>{t('addLine')}</Button>
              </>
            )}
          </Form.List>
        </>
      )}
    </RuleForm>
  );
}

export function SetRules({ kind, now }: { kind: KindName; now: Now }) {
  const { t } = useWords();
  return (
    <section className="panel">
      <h2>{t('setRule')}</h2>
      <Tabs
        key={kind}
        items={[
          { key: 'alarms', label: t('alarmsInForce'), children: <Alarms kind={kind} now={now} /> },
          { key: 'clock', label: t('clock'), children: <Clocks kind={kind} /> },
          { key: 'chain', label: t('chainsInForce'), children: <ChainsOf kind={kind} /> },
          { key: 'table', label: t('tables'), children: <Table kind={kind} now={now} /> },
          ...(kind === 'hazard' ? [{ key: 'checklist', label: t('checklists'), children: <Checklists /> }] : []),
        ]}
      />
    </section>
  );
}
