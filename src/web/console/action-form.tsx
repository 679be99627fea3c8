/** The form of one action, drawn from a description: every step of the loop asks for what its schema wants, no more. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, Button, Checkbox, DatePicker, Form, Input, InputNumber, Select } from 'antd';
import { useRef } from 'react';
import { v7 as uuid } from 'uuid';
import { Action } from '../../matters/actions.ts';
import { matterContracts } from '../../matters/contract.ts';
import { gradeNames, grades } from '../../matters/grading.ts';
import type { Matter } from '../../matters/matter.ts';
import { nextStepOf } from '../../matters/papers.ts';
import { actionNames } from '../../matters/words.ts';
import { placeContracts } from '../../places/contract.ts';
import { regionContracts } from '../../regions/contract.ts';
import { supervisionContracts } from '../../supervision/contract.ts';
import { call, Refused } from '../ui/api.ts';
import { dateTime, messageOf, useDirectory, useMe } from '../ui/pieces.tsx';
import { choices, type OptionSet, optionName, useWords, type Word } from '../ui/words.ts';
import { Answers } from './grading.tsx';
import { type Place, PlaceSearch } from './intake-parts.tsx';

type Field = {
  name: string;
  label: Word;
  in: 'data' | 'words';
  as:
    | OptionSet
    | 'unit'
    | 'units'
    | 'text'
    | 'bool'
    | 'route'
    | 'acceptRoute'
    | 'matter'
    | 'told'
    | 'line'
    | 'place'
    | 'moment'
    | 'category'
    | 'number'
    | 'order'
    | 'paper'
    | 'answers'
    | 'called'
    | 'gradeOr'
    | 'region'
    | 'agreement'
    | 'officers'
    | 'photo';
  optional?: boolean;
};
const text = (label: Word, optional = false): Field => ({ name: 'text', label, in: 'words', as: 'text', optional });
const pick = (name: string, label: Word, as: Field['as'], optional = false): Field => ({
  name,
  label,
  in: 'data',
  as,
  optional,
});

/** What each action asks for. */
const forms: Partial<Record<Action['type'], Field[]>> = {
  accept: [pick('route', 'acceptRoute', 'acceptRoute', true), text('opinion', true)],
  decline: [pick('route', 'declineRoute', 'route'), pick('told', 'toldHow', 'told'), text('reason')],
  dispatch: [pick('unit', 'unit', 'unit'), text('opinion', true)],
  recall: [text('reason')],
  sign: [text('opinion', true)],
  note: [text('content'), pick('audience', 'onlyUnit', 'bool', true)],
  ask: [text('content')],
  contact: [pick('way', 'contactWay', 'way'), pick('reached', 'reached', 'bool', true), text('content')],
  report: [pick('result', 'handlingResult', 'result'), text('content')],
  sendBack: [text('reason')],
  answer: [pick('way', 'answerWay', 'way'), pick('position', 'conclusion', 'position'), text('answerText')],
  close: [pick('cause', 'rootCause', 'cause', true), text('opinion', true)],
  followUp: [
    pick('outcome', 'followUpResult', 'outcome'),
    pick('cause', 'whyNot', 'dissatisfied', true),
    text('content', true),
  ],
  rate: [
    pick('stars', 'rating', 'stars'),
    pick('solved', 'reallySolved', 'bool', true),
    pick('cause', 'whyNot', 'dissatisfied', true),
    text('opinion', true),
  ],
  return: [pick('ground', 'reason', 'ground'), text('opinion')],
  rule: [pick('unit', 'unit', 'unit'), text('opinion')],
  escalate: [text('reason')],
  reopen: [text('reason')],
  link: [pick('matter', 'number', 'matter'), pick('relation', 'relationOf', 'relation')],
  merge: [pick('matter', 'mergedInto', 'matter'), text('reason')],
  withdraw: [pick('by', 'withdrawnBy', 'by'), text('reason')],
  correct: [
    text('reason'),
    { name: 'title', label: 'title', in: 'words', as: 'line', optional: true },
    { name: 'narrative', label: 'narrative', in: 'words', as: 'text', optional: true },
    pick('category', 'category', 'category', true),
    pick('place', 'place', 'place', true),
    pick('receivedAt', 'receivedAt', 'moment', true),
    pick('system', 'externalSystem', 'system', true),
    pick('number', 'externalNumber', 'line', true),
  ],
  protect: [
    pick('sensitive', 'sensitiveMark', 'bool', true),
    pick('excludedUnits', 'complainedOf', 'units', true),
    text('reason'),
  ],
  urgent: [pick('danger', 'urgent', 'danger'), pick('told', 'told', 'whoTold'), text('content', true)],
  openStock: [text('opinion', true)],
  remind: [text('content')],
  order: [text('content'), pick('days', 'days', 'number')],
  notice: [text('content'), pick('days', 'days', 'number')],
  reply: [pick('order', 'whichOrder', 'order'), text('content')],
  lead: [text('opinion', true)],
  suspend: [pick('ground', 'groundOf', 'ground2'), text('reason')],
  resume: [text('content', true)],
  askExtension: [pick('count', 'count', 'number'), text('reason')],
  decideExtension: [pick('granted', 'granted', 'bool', true), pick('told', 'toldHow', 'told'), text('opinion')],
  grade: [
    pick('answers', 'grade', 'answers', true),
    pick('override', 'override', 'gradeOr', true),
    text('reason', true),
  ],
  askReview: [text('reason')],
  decideReview: [pick('outcome', 'outcome', 'reviewOutcome'), text('opinion')],
  whistle: [pick('parts', 'callUnits', 'called'), text('content')],
  invite: [
    pick('place', 'otherPlace', 'region', true),
    pick('county', 'outsideName', 'line', true),
    pick('agreement', 'byAgreement', 'agreement', true),
    text('content'),
  ],
  consent: [pick('way', 'consentWay', 'consentWay'), text('content')],
  agreeClose: [text('opinion', true)],
  orderRectify: [pick('until', 'orderedUntil', 'moment'), pick('officers', 'officersOf', 'officers'), text('content')],
  rectify: [pick('file', 'photoOf', 'photo'), text('content')],
  reinspect: [pick('passed', 'passedOf', 'bool', true), text('content')],
  draft: [pick('paper', 'paperKind', 'paperKind'), { name: 'text', label: 'paperText', in: 'words', as: 'text' }],
  pass: [pick('paper', 'whichPaper', 'paper'), text('opinion', true)],
  reject: [pick('paper', 'whichPaper', 'paper'), text('reason')],
  serve: [pick('paper', 'whichPaper', 'paper'), pick('way', 'serveWay', 'serveWay')],
};
/** What a correction sets: only what was filled in. */
function corrections(values: Record<string, unknown>): Record<string, unknown> {
  const place = values.place as Place | undefined;
  const received = values.receivedAt as { valueOf(): number } | undefined;
  return {
    ...(values.category ? { category: values.category } : {}),
    ...(place && { path: place.path, grid: place.grid }),
    ...(received && { receivedAt: received.valueOf() }),
    ...(values.system && values.number
      ? { externals: [{ system: values.system, number: String(values.number).trim() }] }
      : {}),
  };
}

export const hasForm = (type: string) => type in forms;

/** What a form calls a field of an action. */
export const fieldLabel = (type: string, name: string): Word | undefined =>
  forms[type as Action['type']]?.find(field => field.in === 'data' && field.name === name)?.label;

export function ActionForm({
  matter,
  text,
  type,
  onDone,
  onStale,
  onCancel,
}: {
  matter: Matter;
  /** The narrative, for suggesting whom to dispatch it to. */
  text: string;
  type: Action['type'];
  onDone(): void;
  onStale(): void;
  onCancel(): void;
}) {
  const { t, language } = useWords();
  const me = useMe();
  const directory = useDirectory();
  const [form] = Form.useForm();
  const outcome = Form.useWatch('outcome', form);
  const stars = Form.useWatch('stars', form);
  const asksForUnit = type === 'dispatch' || type === 'rule';
  const suggested = useQuery({
    queryKey: ['suggest-unit', matter.id],
    queryFn: () =>
      call(matterContracts.suggest, {
        body: { text, region: matter.path.at(-1)!, kind: matter.kind, excludedUnits: matter.excludedUnits },
      }),
    enabled: asksForUnit && text.length > 0,
  });
  const others = useQuery({
    queryKey: ['neighbours'],
    queryFn: () => call(regionContracts.neighbours, {}),
    enabled: type === 'invite',
  });
  const agreements = useQuery({
    queryKey: ['agreements'],
    queryFn: () => call(supervisionContracts.agreements, {}),
    enabled: type === 'invite',
  });
  const certificates = useQuery({
    queryKey: ['certificates'],
    queryFn: () => call(placeContracts.certificates, {}),
    enabled: type === 'orderRectify',
  });
  // One id for one intention: pressing twice, or again after a lost connection, does it once.
  const id = useRef(uuid());
  const fields = forms[type] ?? [];
  const act = useMutation({
    mutationFn: async (values: Record<string, unknown>) => {
      const data: Record<string, unknown> = {};
      const words: Record<string, unknown> = {};
      for (const field of fields) {
        const value = values[field.name];
        if (field.in === 'words') words[field.name] = value || undefined;
        else if (field.as === 'bool')
          data[field.name] = field.name === 'audience' ? (value ? 'unit' : 'participants') : Boolean(value);
        else if (field.as === 'answers')
          data.answers = Object.fromEntries(
            Object.entries((value ?? {}) as Record<string, number | boolean | null>).map(([code, v]) => [
              code,
              Number(v ?? 0),
            ]),
          );
        else if (field.as === 'officers')
          data.officers = (value as string[]).map(one => {
            const [person, certificate] = one.split(' ');
            return { person, certificate };
          });
        else if (field.as === 'called') data.parts = (value as string[]).map(unit => ({ matter: uuid(), unit }));
        else if (field.as === 'whoTold') data[field.name] = (value as string[]).map(who => ({ who, at: Date.now() }));
        else if (field.as === 'matter') {
          const { rows } = await call(matterContracts.find, { body: { typed: String(value) } });
          if (!rows[0]) throw new Refused(404, 'not_found', t('emptyList'));
          Object.assign(data, { county: rows[0].county, matter: rows[0].id });
        } else if (field.as === 'moment' && type === 'orderRectify')
          data[field.name] = (value as { valueOf(): number }).valueOf();
        else if (value !== undefined && value !== null && value !== '')
          data[field.name] = field.as === 'stars' || field.as === 'acceptRoute' ? Number(value) : value;
      }
      if (type === 'correct') data.set = corrections(values);
      if (type === 'invite') {
        const [county, region] = data.place ? String(data.place).split('/') : [String(data.county ?? '')];
        Object.assign(data, { county, matter: uuid(), ...(region && { region }) });
        delete data.place;
      }
      if (type === 'lead') data.person = me.person;
      if (type === 'serve') data.at = Date.now();
      if (type === 'pass') {
        const paper = matter.papers.find(one => one.n === data.paper);
        data.step = paper && nextStepOf(paper);
      }
      const action = Action.parse({ type, data, words });
      return call(matterContracts.act, {
        params: { county: matter.county, id: matter.id },
        body: { id: id.current, action, saw: matter.seq },
      });
    },
    onSuccess: onDone,
    onError: error => {
      if (error instanceof Refused && error.status === 409) {
        id.current = uuid();
        onStale();
      }
    },
  });
  const input = (field: Field) => {
    if (field.as === 'text') return <Input.TextArea autoSize={{ minRows: 3, maxRows: 12 }} maxLength={4000} />;
    if (field.as === 'line' || field.as === 'matter') return <Input maxLength={200} />;
    if (field.as === 'number') return <InputNumber min={1} max={365} />;
    if (field.as === 'gradeOr')
      return <Select allowClear options={grades.map(value => ({ value, label: gradeNames[language][value] }))} />;
    if (field.as === 'order')
      return (
        <Select
          options={matter.orders
            .filter(o => o.to === matter.unit && o.repliedAt === null && !o.over && o.level !== 'remind')
            .map(o => ({ value: o.n, label: `${optionName('alarm', o.level, language)} ${dateTime(o.at)}` }))}
        />
      );
    if (field.as === 'paper')
      return (
        <Select
          options={matter.papers
            .filter(paper => (type === 'serve' ? paper.state === 'out' && !paper.served : paper.state === 'draft'))
            .map(paper => ({
              value: paper.n,
              label: `${optionName('paperKind', paper.paper, language)} · ${paper.number ?? optionName('chainStep', nextStepOf(paper), language)}`,
            }))}
        />
      );
    if (field.as === 'answers') return <Answers kind={matter.kind} />;
    if (field.as === 'agreement')
      return (
        <Select
          allowClear
          options={(agreements.data?.agreements ?? []).map(a => ({ value: a.id, label: `${a.neighbour} ${a.title}` }))}
        />
      );
    if (field.as === 'region')
      return (
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={(others.data?.regions ?? []).map(r => ({ value: `${r.county}/${r.code}`, label: r.name }))}
        />
      );
    if (field.as === 'officers')
      return (
        <Select
          mode="multiple"
          maxCount={2}
          options={(certificates.data?.rows ?? []).map(one => ({
            value: `${one.person} ${one.number}`,
            label: `${one.name} ${one.number}`,
          }))}
        />
      );
    if (field.as === 'photo')
      return (
        <Select
          options={matter.files
            .filter(file => file.type.startsWith('image/'))
            .map((file, n) => ({ value: file.id, label: `${t('photoOf')} ${n + 1}` }))}
        />
      );
    if (field.as === 'place') return <PlaceSearch />;
    if (field.as === 'moment') return <DatePicker showTime={{ format: 'HH:mm' }} style={{ width: '100%' }} />;
    if (field.as === 'category')
      return (
        <Select
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          options={(directory.categories[matter.kind] ?? []).map(c => ({
            value: c.code,
            label: `${c.code} ${c.name}`,
          }))}
        />
      );
    if (field.as === 'bool') return <Checkbox>{t(field.label)}</Checkbox>;
    if (field.as === 'unit' || field.as === 'units' || field.as === 'called') {
      const units = directory.units.filter(unit => field.as === 'units' || !matter.excludedUnits.includes(unit.id));
      return (
        <Select
          {...(field.as !== 'unit' && { mode: 'multiple' as const })}
          showSearch={{
            filterOption: (typed, option) =>
              Boolean(option && (option.label.includes(typed) || option.pinyin.includes(typed.toLowerCase()))),
          }}
          options={units.map(unit => ({ value: unit.id, label: unit.name, pinyin: unit.pinyin.replaceAll(' ', '') }))}
        />
      );
    }
    if (field.as === 'whoTold') return <Select mode="multiple" options={choices('whoTold', language)} />;
    return <Select options={choices(field.as as OptionSet, language)} />;
  };
  return (
    <Form
      form={form}
      layout="vertical"
      onFinish={act.mutate}
      onKeyDown={event => {
        if (event.ctrlKey && event.key === 'Enter') form.submit();
        if (event.key === 'Escape') onCancel();
      }}
      initialValues={{
        ...(type === 'rate' && { solved: true }),
        ...(type === 'contact' && { reached: true }),
        ...((type === 'order' || type === 'notice') && { days: type === 'order' ? 2 : 3 }),
        ...(type === 'decideExtension' && { granted: true, told: 'phone' }),
        ...(type === 'draft' && { paper: 'opinion' }),
        ...(type === 'protect' && { sensitive: matter.sensitive, excludedUnits: [] }),
      }}
    >
      {act.error && (
        <Alert
          role="alert"
          type="error"
          showIcon
          title={t('refused')}
          description={messageOf(act.error)}
          style={{ marginBottom: 12 }}
        />
      )}
      {fields
        .filter(field => !(field.as === 'acceptRoute' && matter.kind !== 'petition'))
        .filter(field => !(field.as === 'dissatisfied' && outcome !== 'unsatisfied' && !(Number(stars) <= 2)))
        .map(field => (
          <Form.Item
            key={field.name}
            name={field.name}
            {...(field.as !== 'bool' && { label: t(field.label) })}
            {...(field.as === 'bool' && { valuePropName: 'checked' })}
            rules={field.optional ? [] : [{ required: true, message: t('required') }]}
          >
            {input(field)}
          </Form.Item>
        ))}
      {asksForUnit &&
        suggested.data?.units.map(unit => (
          <div key={unit.value} style={{ marginBottom: 8 }}>
            <Button size="small" onClick={() => form.setFieldValue('unit', unit.value)}>
              {t('accept1')}：{directory.unitName(unit.value)}
            </Button>
            <div className="ground">
              {t('grounds')}：{unit.grounds.join('；')}
            </div>
          </div>
        ))}
      <div style={{ display: 'flex', gap: 8 }}>
        <Button type="primary" htmlType="submit" loading={act.isPending}>
          {actionNames[language][type]}
        </Button>
        <Button onClick={onCancel}>{t('cancel')}</Button>
      </div>
    </Form>
  );
}
