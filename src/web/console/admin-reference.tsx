import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input, InputNumber, Select, Table, Upload } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { type KindName, kindNames, kinds } from '../../kinds/kinds.ts';
import { regionContracts } from '../../regions/contract.ts';
import { type Answer, call, download, upload, urlOf } from '../ui/api.ts';
import { messageOf, useDirectory } from '../ui/pieces.tsx';
import { useWords, type Word } from '../ui/words.ts';

type What = 'categories' | 'regions' | 'units' | 'people' | 'posts' | 'grids';
const names: Record<What, { name: Word; hint: Word }> = {
  categories: { name: 'categories', hint: 'categoriesHint' },
  regions: { name: 'regions', hint: 'regionsHint' },
  units: { name: 'units', hint: 'unitsHint' },
  people: { name: 'peopleTable', hint: 'peopleHint' },
  posts: { name: 'posts', hint: 'postsHint' },
  grids: { name: 'grids', hint: 'gridsHint' },
};
const dates = (text: string | undefined) => (text ?? '').split(/[,，\s]+/).filter(Boolean);

export default function Reference() {
  const { t, language } = useWords();
  const [what, setWhat] = useState<What>('categories');
  const [kind, setKind] = useState<KindName>('request');
  const [datum, setDatum] = useState<'WGS84' | 'GCJ02' | 'CGCS2000'>('WGS84');
  const send = useMutation({
    mutationFn: (file: File) =>
      upload(regionContracts.importReference, { params: { what }, query: { kind, datum } }, {}, file),
  });
  const calendar = useMutation({
    mutationFn: (values: { year: number; off: string; work: string; source: string }) =>
      call(regionContracts.calendar, {
        body: { year: values.year, off: dates(values.off), work: dates(values.work), source: values.source },
      }),
  });
  const data: Answer<typeof regionContracts.importReference> | undefined = send.data;
  return (
    <>
      <h1 style={{ fontSize: 18, marginTop: 0 }}>{t('reference')}</h1>
      <section className="panel">
        <h2>{t('importTables')}</h2>
        <p className="quiet">{t(names[what].hint)}</p>
        <div className="bar">
          <Select
            aria-label={t('what1')}
            value={what}
            onChange={value => {
              setWhat(value);
              send.reset();
            }}
            options={(Object.keys(names) as What[]).map(value => ({ value, label: t(names[value].name) }))}
            style={{ width: 220 }}
          />
          {what === 'categories' && (
            <Select
              aria-label={t('kind')}
              value={kind}
              onChange={setKind}
              options={kindNames.map(value => ({ value, label: kinds[value].label[language] }))}
              style={{ width: 140 }}
            />
          )}
          {what === 'grids' && (
            <Select
              aria-label={t('datum')}
              value={datum}
              onChange={setDatum}
              options={(['WGS84', 'GCJ02', 'CGCS2000'] as const).map(value => ({ value, label: value }))}
              style={{ width: 140 }}
            />
          )}
          <Upload
            accept={what === 'grids' ? '.geojson,.json' : '.xlsx,.xls,.csv'}
            showUploadList={false}
            beforeUpload={file => {
              send.mutate(file);
              return false;
            }}
          >
            <Button type="primary" loading={send.isPending}>
              {t('importStep1')}
            </Button>
          </Upload>
          {what !== 'grids' && (
            <Button onClick={() => download(urlOf(regionContracts.referenceForm.path, { what }))}>
              {t('emptyForm')}
            </Button>
          )}
        </div>
        {send.error && <Alert role="alert" type="error" showIcon title={messageOf(send.error)} />}
        {data && (
          <Alert
            type={data.refused.length ? 'warning' : 'success'}
            showIcon
            title={`${t('read')} ${data.read}　${t('imported')} ${data.imported}　${t('refusedRows')} ${data.refused.length}`}
          />
        )}
        {data && data.refused.length > 0 && (
          <Table
            size="small"
            rowKey="line"
            dataSource={data.refused}
            pagination={{ pageSize: 20, hideOnSinglePage: true }}
            columns={[
              { title: t('line'), dataIndex: 'line', width: 80 },
              { title: t('reason'), dataIndex: 'reason' },
            ]}
          />
        )}
        {data?.extra && data.extra.length > 0 && (
          <>
            <Alert type="info" title={t('oneTime')} style={{ margin: '8px 0' }} />
            <Table
              size="small"
              rowKey="login"
              dataSource={data.extra}
              pagination={false}
              columns={['login', 'name', 'password'].map(key => ({ title: t(key as Word), dataIndex: key }))}
            />
          </>
        )}
      </section>
      <CloseUnit />
      <section className="panel" style={{ maxWidth: 620 }}>
        <h2>{t('calendarYear')}</h2>
        <Form layout="vertical" onFinish={calendar.mutate} initialValues={{ year: dayjs().year() + 1 }}>
          <Form.Item name="year" label={t('year')}>
            <InputNumber min={2027} max={2100} />
          </Form.Item>
          <Form.Item name="off" label={t('restDays')} rules={[{ required: true, message: t('required') }]}>
            <Input.TextArea rows={3} />
          </Form.Item>
          <Form.Item name="work" label={t('workDays')}>
            <Input.TextArea rows={2} />
          </Form.Item>
          <Form.Item name="source" label={t('notice')} rules={[{ required: true, min: 4, message: t('required') }]}>
            <Input />
          </Form.Item>
          {calendar.error && (
            <Alert role="alert" type="error" showIcon title={messageOf(calendar.error)} style={{ marginBottom: 8 }} />
          )}
          {calendar.data && (
            <Alert
              type="success"
              showIcon
              title={`${t('recounted')}：${calendar.data.recounted}`}
              style={{ marginBottom: 8 }}
            />
          )}
          <Button type="primary" htmlType="submit" loading={calendar.isPending}>
            {t('save')}
          </Button>
        </Form>
      </section>
    </>
  );
}

/** Units merge and go: the successor is named first, then the unit closes. */
function CloseUnit() {
  const { t } = useWords();
  const directory = useDirectory();
  const cache = useQueryClient();
  const close = useMutation({
    mutationFn: ({ unit, successor }: { unit: string; successor: string }) =>
      call(regionContracts.closeUnit, { params: { unit }, body: { successor } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['directory'] }),
  });
  const choice = (label: string) => (
    <Select
      aria-label={label}
      placeholder={label}
      style={{ width: 240 }}
      showSearch={{ optionFilterProp: 'label' }}
      options={directory.units.map(u => ({ value: u.id, label: u.name }))}
    />
  );
  const required = [{ required: true, message: t('required') }];
  return (
    <section className="panel" style={{ maxWidth: 760 }}>
      <h2>{t('closeUnit')}</h2>
      <p className="quiet">{t('closeUnitHint')}</p>
      {close.error && <Alert role="alert" type="error" showIcon title={messageOf(close.error)} />}
      {close.data && <Alert type="success" showIcon title={`${t('movedMatters')}：${close.data.moved}`} />}
      <Form layout="inline" onFinish={close.mutate}>
        <Form.Item name="unit" rules={required}>
          {choice(t('unit'))}
        </Form.Item>
        <Form.Item name="successor" rules={required}>
          {choice(t('successor'))}
        </Form.Item>
        <Button danger htmlType="submit" loading={close.isPending}>
          {t('closeUnit')}
        </Button>
      </Form>
    </section>
  );
}
