/** The rules in force, each explained; an administrator sets the county's own from a day on. */
import { useQuery } from '@tanstack/react-query';
import { Select, Table } from 'antd';
import { useState } from 'react';
import { type KindName, kindNames, kinds } from '../../kinds/kinds.ts';
import { type Grade, gradeNames, Points } from '../../matters/grading.ts';
import { type Alarm, Alarms } from '../../matters/supervision.ts';
import { Chains, supervisionContracts } from '../../supervision/contract.ts';
import { call } from '../ui/api.ts';
import { Await, useMe } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { SetRules } from './rules-forms.tsx';

export default function Rules() {
  const { t, language } = useWords();
  const me = useMe();
  const [kind, setKind] = useState<KindName>('request');
  const query = useQuery({
    queryKey: ['rules', kind],
    queryFn: () => call(supervisionContracts.rules, { query: { kind } }),
  });
  /** `alarms.large`, `clock.handle.simple`, `chain.village` in words. */
  const nameOf = (what: string) => {
    const [table, ...of] = what.split('.');
    const words = { alarms: 'alarmsInForce', clock: 'clock', chain: 'chainsInForce', points: 'pointsInForce' } as const;
    const name = t(words[table as keyof typeof words] ?? 'ownFields');
    const sets = ['step', 'regionLevel'] as const;
    const parts = of.map(
      part =>
        gradeNames[language][part as Grade] ??
        sets.map(set => optionName(set, part, language)).find(word => word !== part) ??
        part,
    );
    return parts.length ? `${name}：${parts.join(' ')}` : name;
  };
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
                <AlarmList alarms={alarms} />
                {Object.entries(data.gradedAlarms).map(([grade, graded]) => (
                  <div key={grade}>
                    <strong>{gradeNames[language][grade as Grade]}</strong>
                    <AlarmList alarms={Alarms.parse(graded)} />
                  </div>
                ))}
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
                      {rule.effective_from}　{nameOf(rule.what)}　{rule.basis}
                    </div>
                  ))}
                </section>
              )}
              {me.posts.some(post => post.role === 'system-admin') && (
                <SetRules kind={kind} now={{ alarms, points, fields: data.fields }} />
              )}
            </>
          );
        }}
      </Await>
    </>
  );
}

function AlarmList({ alarms }: { alarms: readonly Alarm[] }) {
  const { t, language } = useWords();
  return (
    <ol>
      {alarms.map((alarm, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the order is what they are
        <li key={i}>
          {alarm.after.count === 0
            ? t('byDue')
            : `${t(alarm.after.count < 0 ? 'before' : 'after')} ${Math.abs(alarm.after.count)} ${t(alarm.after.unit)}`}
          ：{optionName('issuer', alarm.by, language)} <strong>{optionName('alarm', alarm.do, language)}</strong>
          {alarm.reply && `　${t('replyWithin').replace('{n}', String(alarm.reply))}`}
          {alarm.escalates && `　${t('escalates')}`}
        </li>
      ))}
    </ol>
  );
}
