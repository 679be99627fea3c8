/** 调解组织: the register of committees and mediators, the calendar of sittings, legal advisers, figures, pay by case. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Checkbox, DatePicker, Form, Input, Modal, Select, Table, Tabs, Tag, Upload } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { mediationContracts } from '../../mediation/contract.ts';
import { type Answer, call, download, upload, urlOf } from '../ui/api.ts';
import { Await, messageOf, Nothing, useDirectory } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { Calendar, Figures } from './mediation-figures.tsx';
import { Pay } from './pay.tsx';
import { Rows } from './rows.tsx';
import { useKeeps, useSending } from './sending.tsx';

type Mediator = Answer<typeof mediationContracts.mediators>['mediators'][number];

export default function Mediators() {
  const { t } = useWords();
  return (
    <>
      <h1 style={{ fontSize: 18, margin: 0 }}>{t('mediators')}</h1>
      <Tabs
        destroyOnHidden
        items={[
          { key: 'c', label: t('mediators'), children: <Committees /> },
          { key: 'm', label: t('mediatorList'), children: <People /> },
          { key: 's', label: t('calendarOf'), children: <Calendar /> },
          { key: 'a', label: t('advisers'), children: <Advisers /> },
          { key: 'f', label: t('mediationFigures'), children: <Figures /> },
          { key: 'p', label: t('payByCase'), children: <Pay /> },
        ]}
      />
    </>
  );
}

function Committees() {
  const { t, language } = useWords();
  const directory = useDirectory();
  const [adding, setAdding] = useState(false);
  const keeps = useKeeps();
  const query = useQuery({ queryKey: ['committees'], queryFn: () => call(mediationContracts.committees, {}) });
  type Values = {
    name: string;
    region: string;
    kind: 'village';
    line?: string;
    mark: string;
    founded?: Dayjs;
    termEnds?: Dayjs;
  };
  const add = useSending(
    ({ founded, termEnds, line, ...rest }: Values) =>
      call(mediationContracts.addCommittee, {
        body: {
          id: uuid(),
          ...rest,
          line: line || null,
          founded: founded?.format('YYYY-MM-DD') ?? null,
          termEnds: termEnds?.format('YYYY-MM-DD') ?? null,
        },
      }),
    ['committees', 'directory'],
    () => setAdding(false),
  );
  const needed = [{ required: true, message: t('required') }];
  return (
    <>
      {keeps && (
        <div className="bar">
          <Button type="primary" onClick={() => setAdding(true)}>
            {t('addCommittee')}
          </Button>
        </div>
      )}
      <Rows
        query={query}
        rowKey="unit"
        whole
        rows={data => data.committees}
        empty={t('noCommittees')}
        columns={[
          { title: t('committee'), dataIndex: 'name' },
          {
            title: t('kind'),
            key: 'k',
            width: 140,
            render: (_, row) => `${optionName('committeeKind', row.kind, language)}${row.line ? ` · ${row.line}` : ''}`,
          },
          {
            title: t('place'),
            key: 'p',
            width: 120,
            render: (_, row) => directory.placeName(['', row.region]) || '—',
          },
          { title: t('members'), dataIndex: 'members', width: 90, align: 'right' },
          {
            title: t('stars'),
            key: 's',
            width: 130,
            render: (_, row) => (
              <details>
                <summary>
                  <span aria-hidden>{'★'.repeat(row.stars)}</span> {row.stars}
                </summary>
                {row.lines.map(line => (
                  <div key={line.code} className="quiet">
                    {optionName('starFact', line.code, language)} {line.value}：+{line.points}
                  </div>
                ))}
              </details>
            ),
          },
          { title: t('termEnds'), key: 'e', width: 110, render: (_, row) => row.term_ends ?? '—' },
          {
            title: t('hintsOf'),
            key: 'h',
            width: 220,
            render: (_, row) =>
              row.hints.map(hint => (
                <Tag variant="outlined" key={hint}>
                  {optionName('hint', hint, language)}
                </Tag>
              )),
          },
        ]}
      />
      <Modal open={adding} title={t('addCommittee')} onCancel={() => setAdding(false)} footer={null} destroyOnHidden>
        <Form layout="vertical" initialValues={{ kind: 'village' }} onFinish={add.mutate}>
          <Form.Item name="name" label={t('name')} rules={needed}>
            <Input maxLength={60} />
          </Form.Item>
          <Form.Item name="region" label={t('place')} rules={needed}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={directory.regions.filter(r => r.level !== 'city').map(r => ({ value: r.code, label: r.name }))}
            />
          </Form.Item>
          <Form.Item name="kind" label={t('kind')}>
            <Select options={choices('committeeKind', language)} />
          </Form.Item>
          <Form.Item name="line" label={t('specialities')}>
            <Input maxLength={40} />
          </Form.Item>
          <Form.Item name="mark" label={t('mark')} rules={needed}>
            <Input maxLength={20} />
          </Form.Item>
          <Form.Item name="termEnds" label={t('termEnds')}>
            <DatePicker />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={add.isPending}>
            {t('save')}
          </Button>
        </Form>
      </Modal>
    </>
  );
}

function People() {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const directory = useDirectory();
  const cache = useQueryClient();
  const keeps = useKeeps();
  const [changing, setChanging] = useState<Partial<Mediator>>();
  const [typed, setTyped] = useState('');
  const query = useQuery({ queryKey: ['mediators'], queryFn: () => call(mediationContracts.mediators, {}) });
  const committees = useQuery({ queryKey: ['committees'], queryFn: () => call(mediationContracts.committees, {}) });
  const put = useSending(
    ({ until, ...values }: Record<string, unknown> & { until?: Dayjs }) =>
      call(mediationContracts.addMediator, {
        body: {
          ...(values as { committee: string; name: string }),
          id: changing?.id ?? uuid(),
          certificateUntil: until?.format('YYYY-MM-DD') ?? null,
          phone: (values.phone as string) || null,
          login: (values.login as string) || null,
        },
      }),
    ['mediators', 'committees'],
    () => setChanging(undefined),
  );
  const end = useSending(
    (id: string) => call(mediationContracts.endMediator, { params: { id } }),
    ['mediators', 'committees'],
    () => {},
  );
  const take = (file: File) =>
    upload(mediationContracts.importMediators, {}, {}, file)
      .then(({ imported, refused }) => {
        void message.info(`${imported} · ${refused.map(row => `${row.line}：${row.reason}`).join('；')}`, 10);
        cache.invalidateQueries({ queryKey: ['mediators'] });
      })
      .catch(error => void message.error(messageOf(error)));
  const today = dayjs().format('YYYY-MM-DD');
  return (
    <>
      <div className="bar">
        <Input.Search
          aria-label={t('searchShort')}
          placeholder={t('searchShort')}
          allowClear
          style={{ width: 220 }}
          onChange={event => setTyped(event.target.value.trim())}
        />
        {keeps && (
          <>
            <Button type="primary" onClick={() => setChanging({})}>
              {t('addMediator')}
            </Button>
            <Upload
              showUploadList={false}
              beforeUpload={file => {
                void take(file);
                return false;
              }}
            >
              <Button>{t('importLedger')}</Button>
            </Upload>
          </>
        )}
        <Button onClick={() => download(urlOf(mediationContracts.mediatorLedger.path))}>{t('exportLedger')}</Button>
      </div>
      <Await query={query}>
        {data => (
          <Table
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={data.mediators.filter(
              one => !typed || [one.name, ...one.specialities, ...one.languages].some(word => word.includes(typed)),
            )}
            locale={{ emptyText: <Nothing title={t('emptyList')} hint="" /> }}
            columns={[
              {
                title: t('name'),
                key: 'n',
                width: 170,
                render: (_, row) => (
                  <span style={{ display: 'inline-flex', gap: 6, alignItems: 'center' }}>
                    {row.photo && (
                      <img
                        src={urlOf(mediationContracts.photo.path, { id: row.id })}
                        alt=""
                        width={28}
                        height={28}
                        style={{ borderRadius: 14, objectFit: 'cover' }}
                      />
                    )}
                    {row.name} {row.head && <Tag variant="outlined">{t('head')}</Tag>}
                  </span>
                ),
              },
              { title: t('committee'), key: 'c', render: (_, row) => directory.unitName(row.committee) },
              {
                title: t('profession'),
                key: 'p',
                width: 110,
                render: (_, row) => optionName('professionName', row.profession, language),
              },
              {
                title: t('specialities'),
                key: 's',
                render: (_, row) => [...row.specialities, ...row.languages].join('、'),
              },
              { title: t('freeTimes'), dataIndex: 'free', width: 110 },
              { title: t('loadOf'), dataIndex: 'open', width: 70, align: 'right' },
              {
                title: t('resultsOf'),
                key: 'r',
                width: 130,
                align: 'right',
                render: (_, row) => `${row.agreed}/${row.ended}`,
              },
              {
                title: t('certificate'),
                key: 'u',
                width: 120,
                render: (_, row) =>
                  row.certificate_until && row.certificate_until < today ? (
                    <span className="late">⚠ {row.certificate_until}</span>
                  ) : (
                    (row.certificate_until ?? '—')
                  ),
              },
              ...(keeps
                ? [
                    {
                      title: t('action'),
                      key: 'a',
                      width: 210,
                      render: (_: unknown, row: Mediator) => (
                        <>
                          <Button size="small" onClick={() => setChanging(row)}>
                            {t('editLine')}
                          </Button>{' '}
                          <Upload
                            showUploadList={false}
                            accept="image/png,image/jpeg"
                            beforeUpload={file => {
                              upload(mediationContracts.putPhoto, { params: { id: row.id } }, {}, file)
                                .then(() => cache.invalidateQueries({ queryKey: ['mediators'] }))
                                .catch(error => void message.error(messageOf(error)));
                              return false;
                            }}
                          >
                            <Button size="small">{t('putPhoto')}</Button>
                          </Upload>{' '}
                          <Button size="small" onClick={() => end.mutate(row.id)}>
                            {t('endPost')}
                          </Button>
                        </>
                      ),
                    },
                  ]
                : []),
            ]}
          />
        )}
      </Await>
      <Modal
        open={Boolean(changing)}
        title={t('addMediator')}
        onCancel={() => setChanging(undefined)}
        footer={null}
        destroyOnHidden
      >
        {changing && (
          <Form
            layout="vertical"
            initialValues={{
              profession: 'mediator',
              specialities: [],
              languages: [],
              free: '',
              ...changing,
              fullTime: changing.full_time ?? false,
              civilServant: changing.civil_servant ?? false,
              until: changing.certificate_until ? dayjs(changing.certificate_until) : undefined,
            }}
            onFinish={put.mutate}
          >
            <Form.Item name="committee" label={t('committee')} rules={[{ required: true, message: t('required') }]}>
              <Select
                showSearch={{ optionFilterProp: 'label' }}
                options={(committees.data?.committees ?? []).map(one => ({ value: one.unit, label: one.name }))}
              />
            </Form.Item>
            <div className="pair">
              <Form.Item name="name" label={t('name')} rules={[{ required: true, message: t('required') }]}>
                <Input maxLength={40} />
              </Form.Item>
              <Form.Item name="profession" label={t('profession')}>
                <Select options={choices('professionName', language)} />
              </Form.Item>
              <Form.Item name="specialities" label={t('specialities')}>
                <Select mode="tags" open={false} />
              </Form.Item>
              <Form.Item name="languages" label={t('languages')}>
                <Select mode="tags" open={false} />
              </Form.Item>
              <Form.Item name="free" label={t('freeTimes')}>
                <Input maxLength={100} />
              </Form.Item>
              <Form.Item name="phone" label={t('phone')}>
                <Input maxLength={40} />
              </Form.Item>
              <Form.Item name="until" label={t('certificate')}>
                <DatePicker style={{ width: '100%' }} />
              </Form.Item>
              <Form.Item name="login" label={t('loginOf')}>
                <Input maxLength={40} />
              </Form.Item>
            </div>
            <div className="bar">
              {(['head', 'woman', 'fullTime', 'civilServant'] as const).map(name => (
                <Form.Item key={name} name={name} valuePropName="checked" noStyle>
                  <Checkbox>{t(name)}</Checkbox>
                </Form.Item>
              ))}
            </div>
            <Button type="primary" htmlType="submit" loading={put.isPending}>
              {t('save')}
            </Button>
          </Form>
        )}
      </Modal>
    </>
  );
}

function Advisers() {
  const { t } = useWords();
  const directory = useDirectory();
  const keeps = useKeeps();
  const query = useQuery({ queryKey: ['advisers'], queryFn: () => call(mediationContracts.advisers, {}) });
  const [form] = Form.useForm();
  const set = useSending(
    ({ phone, ...values }: { region: string; name: string; firm: string; phone?: string }) =>
      call(mediationContracts.setAdviser, {
        body: { ...values, phone: phone || null, from: dayjs().format('YYYY-MM-DD') },
      }),
    ['advisers'],
    () => form.resetFields(),
  );
  const needed = [{ required: true, message: t('required') }];
  return (
    <>
      {keeps && (
        <Form form={form} layout="inline" style={{ marginBottom: 12 }} onFinish={set.mutate}>
          <Form.Item name="region" rules={needed}>
            <Select
              aria-label={t('place')}
              placeholder={t('place')}
              style={{ width: 180 }}
              showSearch={{ optionFilterProp: 'label' }}
              options={directory.regions
                .filter(r => r.level === 'village')
                .map(r => ({ value: r.code, label: r.name }))}
            />
          </Form.Item>
          <Form.Item name="name" rules={needed}>
            <Input aria-label={t('adviser')} placeholder={t('adviser')} maxLength={40} />
          </Form.Item>
          <Form.Item name="firm" rules={needed}>
            <Input aria-label={t('firm')} placeholder={t('firm')} maxLength={80} />
          </Form.Item>
          <Form.Item name="phone">
            <Input aria-label={t('phone')} placeholder={t('phone')} maxLength={40} />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={set.isPending}>
            {t('setAdviser')}
          </Button>
        </Form>
      )}
      <Rows
        query={query}
        rowKey="region"
        whole
        rows={data => data.advisers}
        empty={t('emptyList')}
        columns={[
          {
            title: t('place'),
            key: 'r',
            render: (_, row) => directory.regions.find(region => region.code === row.region)?.name ?? row.region,
          },
          { title: t('adviser'), dataIndex: 'name' },
          { title: t('firm'), dataIndex: 'firm' },
          { title: t('phone'), dataIndex: 'phone' },
          { title: t('effectiveFrom'), dataIndex: 'from', width: 120 },
        ]}
      />
    </>
  );
}
