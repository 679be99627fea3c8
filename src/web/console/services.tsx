/** The menu of services, and the reception days and windows that residents book. */
import { useQuery } from '@tanstack/react-query';
import { Button, Checkbox, DatePicker, Form, Input, InputNumber, Modal, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { portalDesk } from '../../portal/desk-contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { AskFirst, dateTime, useDirectory, useMe } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { Rows } from './rows.tsx';
import { FormDialog, useNeeded, useSending } from './sending.tsx';

type Service = Answer<typeof portalDesk.services>['rows'][number];
type Reception = Answer<typeof portalDesk.receptions>['rows'][number];

const useUnits = () => useDirectory().units.map(unit => ({ value: unit.id, label: unit.name }));

export function Services() {
  const { t } = useWords();
  const directory = useDirectory();
  const county = useMe().counties[0]!;
  const [editing, setEditing] = useState<Service | 'new'>();
  const query = useQuery({ queryKey: ['services'], queryFn: () => call(portalDesk.services, { params: { county } }) });
  return (
    <>
      <div className="bar">
        <Button type="primary" onClick={() => setEditing('new')}>
          {t('addService')}
        </Button>
      </div>
      <Rows
        query={query}
        rows={data => data.rows}
        empty={t('noServices')}
        columns={[
          { title: t('serviceName'), dataIndex: 'name' },
          { title: t('serviceSort'), dataIndex: 'sort', width: 120 },
          { title: t('unit'), key: 'unit', render: (_, row) => directory.unitName(row.unit) },
          { title: t('papersOf'), key: 'papers', render: (_, row) => row.body.papers },
          { title: t('errandOf'), key: 'errand', width: 120, render: (_, row) => (row.errand ? '✓' : '') },
          {
            title: t('action'),
            key: 'do',
            width: 110,
            render: (_, row) =>
              row.ended ? (
                t('offMenu')
              ) : (
                <Button size="small" onClick={() => setEditing(row)}>
                  {t('setIt')}
                </Button>
              ),
          },
        ]}
      />
      {editing && (
        <ServiceForm
          county={county}
          service={editing === 'new' ? undefined : editing}
          onDone={() => setEditing(undefined)}
        />
      )}
    </>
  );
}

function ServiceForm({ county, service, onDone }: { county: string; service: Service | undefined; onDone(): void }) {
  const { t } = useWords();
  const needed = useNeeded();
  const units = useUnits();
  type Values = {
    name: string;
    sort: string;
    unit?: string;
    papers?: string;
    steps?: string;
    time?: string;
    fee?: string;
    errand?: boolean;
    ended?: boolean;
  };
  const send = useSending(
    ({ name, sort, unit, papers = '', steps = '', time = '', fee = '', errand = false, ended = false }: Values) =>
      call(portalDesk.putService, {
        params: { county, id: service?.id ?? uuid() },
        body: { name, sort, unit: unit ?? null, body: { papers, steps, time, fee }, errand, ended },
      }),
    ['services'],
    onDone,
  );
  return (
    <FormDialog
      title={t('addService')}
      send={send}
      onCancel={onDone}
      initial={{ errand: true, ...service, ...service?.body }}
      width={600}
    >
      <Form.Item name="name" label={t('serviceName')} rules={needed}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="sort" label={t('serviceSort')} rules={needed}>
        <Input maxLength={30} />
      </Form.Item>
      <Form.Item name="unit" label={t('unit')}>
        <Select allowClear showSearch={{ optionFilterProp: 'label' }} options={units} />
      </Form.Item>
      <Form.Item name="papers" label={t('papersOf')}>
        <Input.TextArea rows={2} maxLength={2000} />
      </Form.Item>
      <Form.Item name="steps" label={t('stepsOf')}>
        <Input.TextArea rows={2} maxLength={2000} />
      </Form.Item>
      <Form.Item name="time" label={t('timeOf')}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="fee" label={t('feeOf')}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="errand" valuePropName="checked">
        <Checkbox>{t('errandOf')}</Checkbox>
      </Form.Item>
      {service && (
        <Form.Item name="ended" valuePropName="checked">
          <Checkbox>{t('offMenu')}</Checkbox>
        </Form.Item>
      )}
    </FormDialog>
  );
}

export function Receptions() {
  const { t, language } = useWords();
  const directory = useDirectory();
  const county = useMe().counties[0]!;
  const [adding, setAdding] = useState(false);
  const [seeing, setSeeing] = useState<Reception>();
  const query = useQuery({
    queryKey: ['receptions'],
    queryFn: () => call(portalDesk.receptions, { params: { county } }),
  });
  const callOff = useSending(
    ({ id, booked: _, ...row }: Reception) =>
      call(portalDesk.putReception, { params: { county, id }, body: { ...row, ended: true } }),
    ['receptions'],
    () => {},
  );
  return (
    <>
      <div className="bar">
        <Button type="primary" onClick={() => setAdding(true)}>
          {t('addReception')}
        </Button>
      </div>
      <Rows
        query={query}
        rows={data => data.rows}
        empty={t('noReceptions')}
        columns={[
          { title: t('startsAt'), key: 'at', width: 150, render: (_, row) => dateTime(row.at) },
          {
            title: t('receptionSort'),
            key: 'sort',
            width: 100,
            render: (_, row) => optionName('receptionSort', row.sort, language),
          },
          { title: t('whoReceives'), dataIndex: 'who', width: 120 },
          { title: t('unit'), key: 'unit', render: (_, row) => directory.unitName(row.unit) },
          { title: t('roomOf'), dataIndex: 'room' },
          { title: t('bookedOf'), key: 'booked', width: 90, render: (_, row) => `${row.booked} / ${row.slots}` },
          {
            title: t('action'),
            key: 'do',
            width: 200,
            render: (_, row) => (
              <>
                <Button size="small" onClick={() => setSeeing(row)}>
                  {t('seeBookings')}
                </Button>{' '}
                {row.ended ? (
                  t('callOff')
                ) : (
                  <AskFirst title={`${t('callOff')}？`} onConfirm={() => callOff.mutate(row)} danger>
                    {t('callOff')}
                  </AskFirst>
                )}
              </>
            ),
          },
        ]}
      />
      {adding && <ReceptionForm county={county} onDone={() => setAdding(false)} />}
      {seeing && <Bookings county={county} reception={seeing} onDone={() => setSeeing(undefined)} />}
    </>
  );
}

function ReceptionForm({ county, onDone }: { county: string; onDone(): void }) {
  const { t, language } = useWords();
  const needed = useNeeded();
  const me = useMe();
  const units = useUnits();
  const send = useSending(
    (values: {
      unit: string;
      who: string;
      sort: 'leader' | 'window';
      at: Dayjs;
      minutes: number;
      slots: number;
      room: string;
    }) =>
      call(portalDesk.putReception, { params: { county, id: uuid() }, body: { ...values, at: values.at.valueOf() } }),
    ['receptions'],
    onDone,
  );
  return (
    <FormDialog
      title={t('addReception')}
      send={send}
      onCancel={onDone}
      initial={{ sort: 'leader', minutes: 15, slots: 8, unit: me.posts[0]?.unit }}
    >
      <Form.Item name="sort" label={t('receptionSort')} rules={needed}>
        <Select options={choices('receptionSort', language)} />
      </Form.Item>
      <Form.Item name="who" label={t('whoReceives')} rules={needed}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="unit" label={t('unit')} rules={needed}>
        <Select showSearch={{ optionFilterProp: 'label' }} options={units} />
      </Form.Item>
      <Form.Item name="at" label={t('startsAt')} rules={needed}>
        <DatePicker format="YYYY-MM-DD HH:mm" showTime={{ format: 'HH:mm' }} style={{ width: '100%' }} />
      </Form.Item>
      <Form.Item name="minutes" label={t('slotMinutes')} rules={needed}>
        <InputNumber min={5} max={240} />
      </Form.Item>
      <Form.Item name="slots" label={t('slotCount')} rules={needed}>
        <InputNumber min={1} max={100} />
      </Form.Item>
      <Form.Item name="room" label={t('roomOf')} rules={needed}>
        <Input maxLength={100} />
      </Form.Item>
    </FormDialog>
  );
}

function Bookings({ county, reception, onDone }: { county: string; reception: Reception; onDone(): void }) {
  const { t, language } = useWords();
  const query = useQuery({
    queryKey: ['bookings', reception.id],
    queryFn: () => call(portalDesk.bookings, { params: { county, id: reception.id } }),
  });
  const mark = useSending(
    ({ id, to }: { id: string; to: 'came' | 'missed' }) =>
      call(portalDesk.markBooking, { params: { county, id }, body: { to } }),
    ['bookings'],
    () => {},
  );
  return (
    <Modal open title={`${dateTime(reception.at)} ${reception.who}`} footer={null} onCancel={onDone} width={760}>
      <Rows
        query={query}
        rows={data => data.rows}
        whole
        empty={t('noReceptions')}
        columns={[
          { title: t('startsAt'), key: 'at', render: (_, row) => dateTime(row.at) },
          { title: t('name'), dataIndex: 'name' },
          { title: t('phone'), dataIndex: 'phone' },
          { title: t('aboutOf'), dataIndex: 'about' },
          { title: t('state'), key: 'state', render: (_, row) => optionName('bookingState', row.state, language) },
          {
            title: t('action'),
            key: 'do',
            render: (_, row) =>
              row.state === 'booked' && (
                <>
                  <Button size="small" onClick={() => mark.mutate({ id: row.id, to: 'came' })}>
                    {t('cameIn')}
                  </Button>{' '}
                  <Button size="small" onClick={() => mark.mutate({ id: row.id, to: 'missed' })}>
                    {t('didNotCome')}
                  </Button>
                </>
              ),
          },
        ]}
      />
    </Modal>
  );
}
