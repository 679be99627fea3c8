/** The rules in force, each explained; an administrator sets the county's own from a day on. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input, Select, Table } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { type KindName, kindNames, kinds } from '../../kinds/kinds.ts';
import { Points } from '../../matters/grading.ts';
import { Alarms } from '../../matters/supervision.ts';
import { Chains, ruleNames, supervisionContracts } from '../../supervision/contract.ts';
import { call } from '../ui/api.ts';
import { Await, messageOf, useMe } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';

export default function Rules() {
  const { t, language } = useWords();
  const me = useMe();
  const [kind, setKind] = useState<KindName>('request');
  const query = useQuery({
    queryKey: ['rules', kind],
    queryFn: () => call(supervisionContracts.rules, { query: { kind } }),
  });
  return (
    <>
      <div className="bar">
        <h1 style={{ fontSize: 18, margin: 0 }}>{t('rules')}</h1>
        <Select
          aria-label={t('kind')}
          value={kind}
          onChange={setKind}
          style={{ width: 140 }}
          options={kindNames.map(value => ({ value, label: kinds[value].label[language] }))}
        />
      </div>
      <Await query={query}>
        {data => {
          const alarms = Alarms.parse(data.alarms);
          const points = Points.parse(data.points);
          return (
            <>
              <section className="panel">
                <h2>{t('clocksInForce')}</h2>
                <Table
                  size="small"
                  rowKey="step"
                  pagination={false}
                  dataSource={data.clocks}
                  columns={[
                    {
                      title: t('nextStep'),
                      key: 's',
                      width: 120,
                      render: (_, c) => optionName('step', c.step, language),
                    },
                    { title: t('basis'), dataIndex: 'sentence' },
                  ]}
                />
              </section>
              <section className="panel">
                <h2>{t('alarmsInForce')}</h2>
                <ol>
                  {alarms.map((alarm, i) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the order is what they are
                    <li key={i}>
                      {alarm.after.count === 0
                        ? t('byDue')
                        : `${t(alarm.after.count < 0 ? 'before' : 'after')} ${Math.abs(alarm.after.count)} ${t(alarm.after.unit)}`}
                      ：<strong>{optionName('alarm', alarm.do, language)}</strong>
                      {alarm.reply && `　${t('days')} ${alarm.reply}`}
                    </li>
                  ))}
                </ol>
              </section>
              <section className="panel">
                <h2>{t('chainsInForce')}</h2>
                {Object.entries(data.chains).map(([level, chains]) => (
                  <div key={level}>
                    <strong>{optionName('regionLevel', level, language)}</strong>　
                    {Object.entries(Chains.parse(chains))
                      .filter(([, chain]) => chain.length)
                      .map(
                        ([paper, chain]) =>
                          `${optionName('paperKind', paper, language)}：${chain.map(step => optionName('chainStep', step, language)).join(' → ')}`,
                      )
                      .join('；') || t('noneNeeded')}
                  </div>
                ))}
              </section>
              <section className="panel">
                <h2>
                  {t('pointsInForce')}（{points.version}）
                </h2>
                <p className="quiet">{points.basis}</p>
                {points.items.map(item => (
                  <div key={item.code}>
                    {item[language]}：
                    {item.bands
                      .map(band => (item.yes ? `+${band.points}` : `≥ ${band.from} +${band.points}`))
                      .join('，')}
                  </div>
                ))}
              </section>
              {data.own.length > 0 && (
                <section className="panel">
                  <h2>{t('ownRules')}</h2>
                  {data.own.map(rule => (
                    <div key={rule.what + rule.effective_from}>
                      {rule.effective_from}　{rule.what}　{rule.basis}
                    </div>
                  ))}
                </section>
              )}
              {me.posts.some(post => post.role === 'system-admin') && (
                <SetRule kind={kind} now={{ alarms, points, fields: data.fields }} />
              )}
            </>
          );
        }}
      </Await>
    </>
  );
}

function SetRule({ kind, now }: { kind: KindName; now: Record<string, unknown> }) {
  const { t } = useWords();
  const me = useMe();
  const cache = useQueryClient();
  const [form] = Form.useForm();
  const [unreadable, setUnreadable] = useState(false);
  const set = useMutation({
    mutationFn: (values: { what: (typeof ruleNames)[number]; from: string; basis: string; value: unknown }) =>
      call(supervisionContracts.setRule, { body: { county: me.counties[0]!, kind, ...values } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['rules'] }),
  });
  return (
    <section className="panel">
      <h2>{t('setRule')}</h2>
      <Form
        form={form}
        layout="vertical"
        initialValues={{
          what: 'alarms',
          from: dayjs().format('YYYY-MM-DD'),
          value: JSON.stringify(now.alarms, null, 1),
        }}
        onFinish={values => {
          try {
            setUnreadable(false);
            set.mutate({ ...values, value: JSON.parse(values.value) });
          } catch {
            setUnreadable(true);
          }
        }}
      >
        <Form.Item name="what" label={t('ruleWhat')}>
          <Select
            options={ruleNames.map(value => ({ value, label: value }))}
            onChange={what => form.setFieldValue('value', JSON.stringify(now[what] ?? {}, null, 1))}
          />
        </Form.Item>
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
        <Form.Item name="value" label={t('ruleValue')} rules={[{ required: true, message: t('required') }]}>
          <Input.TextArea rows={10} style={{ fontFamily: 'monospace' }} />
        </Form.Item>
        {(set.error || unreadable) && (
          <Alert
            role="alert"
            type="error"
            showIcon
            title={unreadable ? 'JSON' : messageOf(set.error)}
            style={{ marginBottom: 8 }}
          />
        )}
        {set.isSuccess && <Alert type="success" showIcon title={t('done')} style={{ marginBottom: 8 }} />}
        <Button htmlType="submit" type="primary" loading={set.isPending}>
          {t('save')}
        </Button>
      </Form>
    </section>
  );
}
