/** 点位与设施: the register of places with its labels; what each village has. */

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, InputNumber, Select, Table, Tabs, Upload } from 'antd';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { placeContracts } from '../../places/contract.ts';
import type { PlaceKind } from '../../places/kinds.ts';
import { call, download, upload, urlOf } from '../ui/api.ts';
import { AskFirst, Await, More, messageOf, Nothing, useDirectory, useMe } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { Certificates } from './certificates.tsx';
import { Footage } from './footage.tsx';
import { type Place as Found, PlaceSearch } from './intake-parts.tsx';
import { Listings } from './listings.tsx';
import type { Place } from './place-choice.tsx';
import { FormDialog, useNeeded, useSending } from './sending.tsx';
import { usePages } from './use-pages.ts';

export default function Places() {
  const { t } = useWords();
  return (
    <>
      <h1 style={{ fontSize: 18, margin: 0 }}>{t('places')}</h1>
      <Tabs
        destroyOnHidden
        items={[
          { key: 'r', label: t('registerTab'), children: <Register /> },
          { key: 's', label: t('summaryTab'), children: <Summary /> },
          { key: 'l', label: t('listingsTab'), children: <Listings /> },
          { key: 'f', label: t('footageTab'), children: <Footage /> },
          { key: 'c', label: t('certificatesTab'), children: <Certificates /> },
        ]}
      />
    </>
  );
}

function Register() {
  const { t, language } = useWords();
  const { message, modal } = App.useApp();
  const directory = useDirectory();
  const me = useMe();
  const cache = useQueryClient();
  const [kind, setKind] = useState<PlaceKind>();
  const [state, setState] = useState<Place['state']>();
  const [q, setQ] = useState('');
  const [editing, setEditing] = useState<Place | 'new'>();
  const asked = { limit: 100, ...(kind && { kind }), q: q.trim(), ...(state && { state }) };
  const list = usePages(['places', asked], cursor => call(placeContracts.list, { query: { ...asked, cursor } }), {
    keepOld: true,
  });
  const rows = list.data?.pages.flatMap(page => page.rows) ?? [];
  const end = useSending(
    (place: Place) =>
      call(placeContracts.end, { params: { county: place.county, id: place.id }, body: { reason: t('endPlace') } }),
    ['places'],
    () => {},
  );
  const take = (file: File) => {
    upload(placeContracts.import, {}, {}, file)
      .then(({ done, refused }) => {
        void cache.invalidateQueries({ queryKey: ['places'] });
        if (!refused.length) return void message.success(`${t('imported')} ${done}`);
        modal.warning({
          title: `${t('imported')} ${done}，${t('refused')} ${refused.length}`,
          width: 560,
          content: (
            <ul style={{ maxHeight: 320, overflow: 'auto' }}>
              {refused.map(one => (
                <li key={one.line}>
                  {one.line}：{one.reason}
                </li>
              ))}
            </ul>
          ),
        });
      })
      .catch(error => void message.error(messageOf(error), 6));
    return false;
  };
  const region = me.posts.find(post => post.oversees.length)?.region;
  return (
    <>
      <div className="bar">
        <Input.Search
          aria-label={t('search')}
          allowClear
          placeholder={t('placeName')}
          style={{ width: 220 }}
          onSearch={setQ}
        />
        <Select
          allowClear
          aria-label={t('placeKindOf')}
          placeholder={t('placeKindOf')}
          style={{ width: 150 }}
          value={kind}
          onChange={setKind}
          options={choices('placeKind', language) as { value: PlaceKind; label: string }[]}
        />
        <Select
          allowClear
          aria-label={t('placeState')}
          placeholder={t('placeState')}
          style={{ width: 110 }}
          value={state}
          onChange={setState}
          options={choices('placeState', language) as { value: Place['state']; label: string }[]}
        />
        <Button type="primary" onClick={() => setEditing('new')}>
          {t('addPlace')}
        </Button>
        <Upload showUploadList={false} accept=".xlsx,.xls,.csv" beforeUpload={take}>
          <Button>{t('importPlaces')}</Button>
        </Upload>
        <Button onClick={() => download(urlOf(placeContracts.export.path, {}, { ...(kind && { kind }) }))}>
          {t('exportPlaces')}
        </Button>
        <Button
          disabled={!kind || !region}
          onClick={() => download(urlOf(placeContracts.labels.path, {}, { kind, region }))}
        >
          {t('printLabels')}
        </Button>
      </div>
      {list.error ? <Nothing title={messageOf(list.error)} hint="" /> : null}
      <Table
        size="small"
        rowKey="id"
        pagination={false}
        loading={list.isPending}
        dataSource={rows}
        locale={{ emptyText: <Nothing title={t('noPlaces')} hint={t('noPlacesHint')} /> }}
        columns={[
          {
            title: t('placeKindOf'),
            key: 'k',
            width: 110,
            render: (_, p) => optionName('placeKind', p.kind, language),
          },
          {
            title: t('placeName'),
            key: 'n',
            render: (_, p) => (
              <>
                {p.name} {p.listed && <strong className="late">⚠ {`${t('listedUntil')} ${p.listed}`}</strong>}
              </>
            ),
          },
          { title: t('placeCode'), dataIndex: 'code', width: 130 },
          { title: t('place'), key: 'p', render: (_, p) => directory.placeName(p.path) },
          { title: t('ownerUnit'), key: 'u', width: 170, render: (_, p) => directory.unitName(p.unit) },
          {
            title: t('placeState'),
            key: 's',
            width: 80,
            render: (_, p) => optionName('placeState', p.state, language),
          },
          {
            title: t('action'),
            key: 'a',
            width: 150,
            render: (_, p) => (
              <>
                <Button size="small" onClick={() => setEditing(p)}>
                  {t('editLine')}
                </Button>{' '}
                <AskFirst title={`${t('endPlace')} ${p.name}`} onConfirm={() => end.mutate(p)}>
                  {t('endPlace')}
                </AskFirst>
              </>
            ),
          },
        ]}
      />
      <More list={list} rows={rows.length} />
      {editing && <PlaceForm place={editing === 'new' ? undefined : editing} onDone={() => setEditing(undefined)} />}
    </>
  );
}

/** Which villages have a kind of place or equipment, which have none, and what does not work. */
function Summary() {
  const { t, language } = useWords();
  const directory = useDirectory();
  const [kind, setKind] = useState<PlaceKind>('camera');
  const query = useQuery({
    queryKey: ['places', 'summary', kind],
    queryFn: () => call(placeContracts.summary, { query: { kind } }),
  });
  const names = new Map(directory.regions.map(one => [one.code, one.name]));
  return (
    <>
      <div className="bar">
        <Select
          aria-label={t('placeKindOf')}
          style={{ width: 150 }}
          value={kind}
          onChange={setKind}
          options={choices('placeKind', language) as { value: PlaceKind; label: string }[]}
        />
      </div>
      <Await query={query}>
        {data => (
          <>
            <Table
              size="small"
              rowKey="region"
              pagination={false}
              dataSource={data.rows}
              locale={{ emptyText: <Nothing title={t('noPlaces')} hint={t('noPlacesHint')} /> }}
              columns={[
                { title: t('regionOf'), key: 'r', render: (_, row) => names.get(row.region) ?? row.region },
                { title: t('placesN'), dataIndex: 'places', align: 'right', width: 120 },
                { title: t('faultyN'), dataIndex: 'faulty', align: 'right', width: 120 },
                { title: t('repairsN'), dataIndex: 'repairs', align: 'right', width: 160 },
              ]}
            />
            {data.without.length > 0 && (
              <p>
                {t('withoutAny')}：{data.without.map(code => names.get(code) ?? code).join('、')}
              </p>
            )}
          </>
        )}
      </Await>
    </>
  );
}

type PlaceValues = {
  kind: PlaceKind;
  name: string;
  code?: string;
  where?: Found;
  lng?: number;
  lat?: number;
  unit?: string;
  state: Place['state'];
};

function PlaceForm({ place, onDone }: { place: Place | undefined; onDone(): void }) {
  const { t, language } = useWords();
  const directory = useDirectory();
  const send = useSending(
    ({ where, lng, lat, code, unit, ...rest }: PlaceValues) =>
      call(placeContracts.put, {
        body: {
          id: place?.id ?? uuid(),
          ...rest,
          code: code || null,
          unit: unit ?? null,
          region: where ? (where.grid ?? where.code) : place!.region,
          location: lng !== undefined && lng !== null && lat !== undefined && lat !== null ? { lng, lat } : null,
          facts: place?.facts ?? {},
        },
      }),
    ['places'],
    onDone,
  );
  const needed = useNeeded();
  return (
    <FormDialog
      title={t(place ? 'editPlace' : 'addPlace')}
      send={send}
      onCancel={onDone}
      initial={
        place
          ? {
              ...place,
              lng: place.location?.lng,
              lat: place.location?.lat,
              where: { code: place.region, grid: null, label: directory.placeName(place.path), path: place.path },
            }
          : { kind: 'facility', state: 'working' }
      }
    >
      <Form.Item name="kind" label={t('placeKindOf')} rules={needed}>
        <Select options={choices('placeKind', language)} />
      </Form.Item>
      <Form.Item name="name" label={t('placeName')} rules={needed}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="where" label={t('place')} rules={needed}>
        <PlaceSearch />
      </Form.Item>
      <div style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', columnGap: 12 }}>
        <Form.Item name="lng" label={t('lngOf')}>
          <InputNumber min={-180} max={180} step={0.0001} style={{ width: '100%' }} />
        </Form.Item>
        <Form.Item name="lat" label={t('latOf')}>
          <InputNumber min={-90} max={90} step={0.0001} style={{ width: '100%' }} />
        </Form.Item>
        <Form.Item name="code" label={t('placeCode')}>
          <Input maxLength={40} />
        </Form.Item>
        <Form.Item name="state" label={t('placeState')} rules={needed}>
          <Select options={choices('placeState', language)} />
        </Form.Item>
      </div>
      <Form.Item name="unit" label={t('ownerUnit')}>
        <Select
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          options={directory.units.map(unit => ({ value: unit.id, label: unit.name }))}
        />
      </Form.Item>
    </FormDialog>
  );
}
