import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Checkbox, Form, Input, Modal, Select, Table, Typography } from 'antd';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { peopleContracts } from '../../people/contract.ts';
import { syncContracts } from '../../sync/contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { Await, messageOf, useDirectory, useMe } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';

type Person = Answer<typeof peopleContracts.people>['people'][number];
type Role = Person['posts'][number]['role'];

export default function People() {
  const { t, language } = useWords();
  const me = useMe();
  const { message, modal } = App.useApp();
  const directory = useDirectory();
  const cache = useQueryClient();
  const [search, setSearch] = useState('');
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Person['posts'][number]>();
  const [substitute, setSubstitute] = useState<string>();
  const [form] = Form.useForm();
  const system = me.posts.some(post => post.role === 'system-admin');
  const people = useQuery({
    queryKey: ['people', search],
    queryFn: () => call(peopleContracts.people, { query: { search } }),
    placeholderData: old => old,
  });
  const renew = () => cache.invalidateQueries({ queryKey: ['people'] });
  const fail = (error: unknown) => void message.error(messageOf(error));
  const once = (password: string) =>
    modal.info({
      title: t('oneTime'),
      content: (
        <Typography.Text copyable strong style={{ fontSize: 18 }}>
          {password}
        </Typography.Text>
      ),
      okText: t('ok'),
    });
  const add = useMutation({
    mutationFn: (values: { login: string; name: string; unit: string; role: Role; needToKnow?: boolean }) =>
      call(peopleContracts.addPerson, { body: { id: uuid(), needToKnow: false, ...values } }),
    onSuccess: ({ password }) => {
      setAdding(false);
      form.resetFields();
      renew();
      once(password);
    },
    onError: fail,
  });
  const reset = useMutation({
    mutationFn: (person: string) => call(peopleContracts.resetPassword, { params: { person } }),
    onSuccess: ({ password }) => {
      renew();
      once(password);
    },
    onError: fail,
  });
  const unprove = useMutation({
    mutationFn: (person: string) => call(peopleContracts.resetFactors, { params: { person } }),
    onSuccess: renew,
    onError: fail,
  });
  const disable = useMutation({
    mutationFn: ({ person, disabled }: { person: string; disabled: boolean }) =>
      call(peopleContracts.disable, { params: { person }, body: { disabled } }),
    onSuccess: renew,
    onError: fail,
  });
  const revoke = useMutation({
    mutationFn: (person: string) => call(syncContracts.revoke, { params: { person } }),
    onSuccess: ({ revoked }) => void message.success(t('revoked').replace('{n}', String(revoked))),
    onError: fail,
  });
  const end = useMutation({
    mutationFn: () =>
      call(peopleContracts.endPost, { params: { post: ending!.id }, body: substitute ? { substitute } : {} }),
    onSuccess: ({ handover }) => {
      setEnding(undefined);
      renew();
      modal.info({
        width: 640,
        title: `${t('handover')}（${handover.length}）`,
        content: handover.length ? (
          <ol>
            {handover.map(h => (
              <li key={h.id}>
                {h.number} {h.summary}
              </li>
            ))}
          </ol>
        ) : (
          t('nothingHanded')
        ),
        okText: t('ok'),
      });
    },
    onError: fail,
  });
  return (
    <>
      <div className="bar">
        <h1 style={{ fontSize: 18, margin: 0 }}>{t('people')}</h1>
        <Input.Search
          aria-label={t('searchShort')}
          placeholder={t('name')}
          allowClear
          onSearch={setSearch}
          style={{ width: 240 }}
        />
        {system && (
          <Button type="primary" onClick={() => setAdding(true)}>
            {t('addPerson')}
          </Button>
        )}
      </div>
      <Await query={people}>
        {data => (
          <Table<Person>
            size="small"
            rowKey="id"
            dataSource={data.people}
            pagination={{ pageSize: 50, hideOnSinglePage: true }}
            columns={[
              { title: t('login'), dataIndex: 'login', width: 140 },
              { title: t('name'), dataIndex: 'name', width: 120 },
              {
                title: t('posts'),
                key: 'posts',
                render: (_, person) =>
                  person.posts.map(post => (
                    <div key={post.id} className={post.valid_to ? 'quiet' : ''}>
                      {directory.unitName(post.unit)} · {optionName('postRole', post.role, language)}
                      {post.need_to_know && ` · ${t('needToKnow')}`}
                      {post.valid_to
                        ? ` · ${t('ended')} ${post.valid_to}`
                        : system && (
                            <Button
                              size="small"
                              type="link"
                              onClick={() => {
                                setEnding(post);
                                setSubstitute(post.substitute ?? undefined);
                              }}
                            >
                              {t('endPost')}
                            </Button>
                          )}
                    </div>
                  )),
              },
              {
                title: t('state'),
                key: 'state',
                width: 100,
                render: (_, person) =>
                  person.disabled_at
                    ? t('disabled')
                    : person.locked_until && person.locked_until > Date.now()
                      ? t('locked')
                      : '',
              },
              ...(system
                ? []
                : [
                    {
                      title: t('action'),
                      key: 'do',
                      width: 300,
                      render: (_: unknown, person: Person) => (
                        <>
                          <Button size="small" onClick={() => reset.mutate(person.id)}>
                            {t('reset')}
                          </Button>{' '}
                          <Button
                            size="small"
                            onClick={() => disable.mutate({ person: person.id, disabled: !person.disabled_at })}
                          >
                            {t(person.disabled_at ? 'enable' : 'disable')}
                          </Button>{' '}
                          <Button size="small" onClick={() => unprove.mutate(person.id)}>
                            {t('resetFactors')}
                          </Button>{' '}
                          <Button size="small" onClick={() => revoke.mutate(person.id)}>
                            {t('revokePhones')}
                          </Button>
                        </>
                      ),
                    },
                  ]),
            ]}
          />
        )}
      </Await>
      <Modal
        open={adding}
        title={t('addPerson')}
        onCancel={() => setAdding(false)}
        onOk={() => form.submit()}
        okText={t('ok')}
        cancelText={t('cancel')}
        confirmLoading={add.isPending}
      >
        <Form form={form} layout="vertical" onFinish={add.mutate}>
          <Form.Item
            name="login"
            label={t('login')}
            rules={[{ required: true, pattern: /^[a-z][a-z0-9._-]{1,31}$/, message: 'a–z 0–9 . _ -' }]}
          >
            <Input />
          </Form.Item>
          <Form.Item name="name" label={t('name')} rules={[{ required: true, message: t('required') }]}>
            <Input />
          </Form.Item>
          <Form.Item name="unit" label={t('unit')} rules={[{ required: true, message: t('required') }]}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={directory.units.map(u => ({ value: u.id, label: u.name }))}
            />
          </Form.Item>
          <Form.Item name="role" label={t('role')} rules={[{ required: true, message: t('required') }]}>
            <Select options={choices('postRole', language)} />
          </Form.Item>
          <Form.Item name="needToKnow" valuePropName="checked">
            <Checkbox>{t('needToKnow')}</Checkbox>
          </Form.Item>
        </Form>
      </Modal>
      <Modal
        open={Boolean(ending)}
        title={t('endPost')}
        onCancel={() => setEnding(undefined)}
        onOk={() => end.mutate()}
        okText={t('endPost')}
        cancelText={t('cancel')}
        confirmLoading={end.isPending}
        okButtonProps={{ disabled: !substitute }}
      >
        <Alert type="info" title={t('substitute')} style={{ marginBottom: 8 }} />
        <Select
          aria-label={t('substitute')}
          style={{ width: '100%' }}
          showSearch={{ optionFilterProp: 'label' }}
          value={substitute}
          onChange={setSubstitute}
          options={(people.data?.people ?? []).map(p => ({ value: p.id, label: `${p.name}（${p.login}）` }))}
        />
      </Modal>
    </>
  );
}
