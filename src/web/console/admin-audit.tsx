/** Who did what, when, to what, with which result: asked by auditors, newest first; the address holds the question. */

import { Button, DatePicker, Input, Select, Table, Tooltip } from 'antd';
import dayjs from 'dayjs';
import { actName, auditActs, auditResults, detailText, resultName } from '../../kernel/audit-words.ts';
import { peopleContracts } from '../../people/contract.ts';
import { type Answer, call, download, type Request, urlOf } from '../ui/api.ts';
import { Await, dateTime, More, Nothing } from '../ui/pieces.tsx';
import { useWords } from '../ui/words.ts';
import { useFilters } from './use-filters.ts';
import { usePages } from './use-pages.ts';

type Line = Answer<typeof peopleContracts.audit>['lines'][number];
const filterKeys = ['person', 'what', 'result', 'matter', 'from', 'to'] as const;
type Asked = Request<typeof peopleContracts.audit>['query'];

export default function Audit() {
  const { t, language } = useWords();
  const { given, set, clear } = useFilters(filterKeys);
  const asked = given as Asked;
  const list = usePages(['audit', asked], cursor => call(peopleContracts.audit, { query: { ...asked, cursor } }));
  const typed = (key: 'person' | 'matter', label: string, width: number) => (
    <Input.Search
      key={`${key}${asked[key] ?? ''}`}
      aria-label={label}
      placeholder={label}
      allowClear
      defaultValue={asked[key]}
      onSearch={value => set({ [key]: value.trim() })}
      style={{ width }}
    />
  );
  return (
    <>
      <h1 style={{ fontSize: 18, marginTop: 0 }}>{t('audit')}</h1>
      <div className="bar">
        {typed('person', t('nameOrLogin'), 180)}
        <Select
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          aria-label={t('action')}
          placeholder={t('action')}
          value={asked.what}
          onChange={what => set({ what })}
          options={Object.keys(auditActs).map(value => ({ value, label: actName(value, language) }))}
          style={{ width: 170 }}
        />
        <Select
          allowClear
          aria-label={t('result')}
          placeholder={t('result')}
          value={asked.result}
          onChange={result => set({ result })}
          options={Object.keys(auditResults).map(value => ({ value, label: resultName(value, language) }))}
          style={{ width: 110 }}
        />
        {typed('matter', t('number'), 210)}
        <DatePicker.RangePicker
          aria-label={t('time')}
          value={[asked.from ? dayjs(asked.from) : null, asked.to ? dayjs(asked.to) : null]}
          allowEmpty={[true, true]}
          onChange={range => set({ from: range?.[0]?.format('YYYY-MM-DD'), to: range?.[1]?.format('YYYY-MM-DD') })}
          style={{ width: 240 }}
        />
        <Button onClick={clear}>{t('clear')}</Button>
        <Button onClick={() => download(urlOf(peopleContracts.exportAudit.path, {}, asked))}>{t('exportList')}</Button>
      </div>
      <Await query={list}>
        {data => {
          const lines = data.pages.flatMap(page => page.lines);
          return (
            <Table<Line>
              size="small"
              rowKey="n"
              pagination={false}
              dataSource={lines}
              locale={{ emptyText: <Nothing title={t('noAudit')} hint={t('noAuditHint')} /> }}
              footer={() => <More list={list} rows={lines.length} />}
              columns={[
                { title: t('time'), key: 'at', width: 150, render: (_, l) => dateTime(l.at) },
                {
                  title: t('person'),
                  key: 'person',
                  width: 150,
                  render: (_, l) =>
                    l.person ? (
                      <>
                        {l.person} <span className="quiet">{l.login}</span>
                      </>
                    ) : (
                      <span className="quiet">{t('notNamed')}</span>
                    ),
                },
                { title: t('action'), key: 'what', width: 140, render: (_, l) => actName(l.what, language) },
                {
                  title: t('result'),
                  key: 'result',
                  width: 90,
                  render: (_, l) => (
                    <span className={l.result === 'done' ? '' : 'late'}>{resultName(l.result, language)}</span>
                  ),
                },
                {
                  title: t('subject'),
                  key: 'subject',
                  width: 190,
                  ellipsis: { showTitle: false },
                  render: (_, l) => <Tooltip title={l.subject}>{l.about ?? l.subject}</Tooltip>,
                },
                {
                  title: t('details'),
                  key: 'd',
                  ellipsis: { showTitle: false },
                  render: (_, l) => {
                    const text = detailText(l.detail, language);
                    return <Tooltip title={text}>{text}</Tooltip>;
                  },
                },
              ]}
            />
          );
        }}
      </Await>
    </>
  );
}
