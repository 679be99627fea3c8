/** Batch import in three steps: choose, check columns, run; refused rows come back as a spreadsheet. */
import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Checkbox, Input, Select, Table, Upload } from 'antd';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { deskContracts } from '../../desk/contract.ts';
import { letterFields, type Mapping } from '../../imports/letters.ts';
import { type KindName, kindNames, kinds } from '../../kinds/kinds.ts';
import { type Answer, call, upload } from '../ui/api.ts';
import { messageOf, useDirectory, useMe } from '../ui/pieces.tsx';
import { useWords, type Word } from '../ui/words.ts';
import { TaskTable } from './tasks.tsx';

const fieldWords: Record<(typeof letterFields)[number], Word> = {
  sourceId: 'sourceNumber',
  sender: 'name',
  title: 'title',
  receivedAt: 'receivedAt',
  text: 'narrative',
  category: 'category',
  phone: 'phone',
  region: 'place',
  external: 'externals',
};

export default function Imports() {
  const { t, language } = useWords();
  const me = useMe();
  const directory = useDirectory();
  const [source, setSource] = useState('');
  const [preview, setPreview] = useState<Answer<typeof deskContracts.uploadLetters>>();
  const [mapping, setMapping] = useState<Mapping>({});
  const [kind, setKind] = useState<KindName>('request');
  const [region, setRegion] = useState<string>();
  const [live, setLive] = useState(false);
  const [dryRun, setDryRun] = useState(false);
  const [task, setTask] = useState<string>();
  const choose = useMutation({
    mutationFn: (file: File) => {
      const name = source.trim() || file.name.replace(/\.\w+$/, '').slice(0, 60);
      setSource(name);
      return upload(deskContracts.uploadLetters, {}, { id: uuid(), source: name }, file);
    },
    onSuccess: data => {
      setPreview(data);
      setMapping(data.mapping);
      setTask(undefined);
    },
  });
  const place = region ?? me.posts.flatMap(post => post.oversees)[0];
  const run = useMutation({
    mutationFn: () => {
      const id = uuid();
      return call(deskContracts.runImport, {
        params: { id: preview!.id },
        body: { task: id, source, mapping, region: place!, kind, live, dryRun },
      }).then(() => setTask(id));
    },
  });
  const missing = (['sourceId', 'text'] as const).filter(field => !mapping[field]);
  return (
    <>
      <h1 style={{ fontSize: 18, marginTop: 0 }}>{t('importLetters')}</h1>
      <section className="panel">
        <h2>1 {t('importStep1')}</h2>
        <p className="quiet">{t('importHint')}</p>
        <div className="bar">
          <Input
            aria-label={t('sourceName')}
            placeholder={t('sourceName')}
            value={source}
            maxLength={60}
            onChange={event => setSource(event.target.value)}
            style={{ width: 240 }}
          />
          <Upload
            accept=".xlsx,.xls,.csv"
            showUploadList={false}
            beforeUpload={file => {
              choose.mutate(file);
              return false;
            }}
          >
            <Button type="primary" loading={choose.isPending}>
              {t('importStep1')}
            </Button>
          </Upload>
        </div>
        {choose.error && <Alert role="alert" type="error" showIcon title={messageOf(choose.error)} />}
      </section>
      {preview && (
        <section className="panel">
          <h2>
            2 {t('importStep2')}{' '}
            <span className="quiet" style={{ marginInlineStart: 12 }}>
              {t('rowsTotal')} {preview.total}
            </span>
          </h2>
          <div
            style={{
              display: 'grid',
              gridTemplateColumns: 'repeat(auto-fill, minmax(210px, 1fr))',
              gap: 8,
              marginBottom: 10,
            }}
          >
            {letterFields.map(field => (
              <div key={field} style={{ display: 'grid', gap: 2 }}>
                <span>
                  {t(fieldWords[field])}
                  {['sourceId', 'text'].includes(field) && ' *'}
                </span>
                <Select
                  allowClear
                  aria-label={t(fieldWords[field])}
                  placeholder={t('remaining')}
                  value={mapping[field]}
                  onChange={header => setMapping({ ...mapping, [field]: header })}
                  options={preview.headers.filter(Boolean).map(value => ({ value, label: value }))}
                />
              </div>
            ))}
          </div>
          {missing.length > 0 && (
            <Alert
              type="warning"
              showIcon
              title={`${t('missingColumns')}：${missing.map(field => t(fieldWords[field])).join('、')}`}
              style={{ marginBottom: 10 }}
            />
          )}
          <Table
            size="small"
            pagination={false}
            rowKey={(_, i) => String(i)}
            scroll={{ x: 'max-content' }}
            dataSource={preview.rows.slice(0, 5)}
            columns={preview.headers.map((title, i) => ({
              key: i,
              title,
              width: 180,
              ellipsis: true,
              render: (_, row: string[]) => row[i]?.slice(0, 60),
            }))}
          />
        </section>
      )}
      {preview && (
        <section className="panel">
          <h2>3 {t('importStep3')}</h2>
          <div className="bar">
            <Select
              aria-label={t('kind')}
              value={kind}
              onChange={setKind}
              options={kindNames.map(value => ({ value, label: kinds[value].label[language] }))}
              style={{ width: 130 }}
            />
            <Select
              aria-label={t('defaultPlace')}
              placeholder={t('defaultPlace')}
              value={place}
              onChange={setRegion}
              showSearch={{ optionFilterProp: 'label' }}
              options={directory.regions
                .filter(r => r.level !== 'city')
                .map(r => ({ value: r.code, label: `${t('defaultPlace')}：${r.name}` }))}
              style={{ width: 320 }}
            />
            <Checkbox checked={live} onChange={event => setLive(event.target.checked)}>
              {t('live')}
            </Checkbox>
            <Checkbox checked={dryRun} onChange={event => setDryRun(event.target.checked)}>
              {t('dryRun')}
            </Checkbox>
            <Button
              type="primary"
              disabled={missing.length > 0 || !place}
              loading={run.isPending}
              onClick={() => run.mutate()}
            >
              {t('importStep3')}
            </Button>
          </div>
          {run.error && <Alert role="alert" type="error" showIcon title={messageOf(run.error)} />}
          {task && <TaskTable only={task} />}
        </section>
      )}
    </>
  );
}
