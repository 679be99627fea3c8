import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Checkbox, DatePicker, Form, Input, Modal, Select, Table, Typography } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { type ReactNode, useState } from 'react';
import { v7 as uuid } from 'uuid';
import { isAdministrator, isGuarded } from '../../matters/policy.ts';
import { peopleContracts } from '../../people/contract.ts';
import { syncContracts } from '../../sync/contract.ts';
import { call } from '../ui/api.ts';
import { AskFirst, Await, More, messageOf, Nothing, useDirectory, useMe } from '../ui/pieces.tsx';
import { choices, optionName, useWords, type Word } from '../ui/words.ts';
import { type Person, PersonPick } from './person-pick.tsx';
import { FormDialog, useNeeded, useSending } from './sending.tsx';
import { usePages } from './use-pages.ts';

type Post = Person['posts'][number];
type Role = Post['role'];
/** What the security administrator may decide. A guarded post that is not granted does not count; to end it is the system administrator's. */
const decisions = (post: Post): Word[] =>
  post.pending
    ? ['grantPost', ...(isGuarded(post.role) ? [] : (['denyPost'] as const))]
    : [post.need_to_know || isGuarded(post.role) ? 'withdrawPost' : 'grantPost'];

export default function People() {
  const { t } = useWords();
  const me = useMe();
  const { message, modal } = App.useApp();
  const cache = useQueryClient();
  const [search, setSearch] = useState('');
  const [pending, setPending] = useState(false);
  const [chosen, setChosen] = useState<Person[]>([]);
  const [giving, setGiving] = useState<Person>();
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Post>();
  const [substitute, setSubstitute] = useState<string>();
  const [form] = Form.useForm();
  const system = me.posts.some(post => post.role === 'system-admin');
  const people = usePages(
    ['people', search, pending],
    after => call(peopleContracts.people, { query: { search, pending: String(pending), after } }),
    { keepOld: true },
  );
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
  const grant = useMutation({
    mutationFn: (body: { posts: string[]; granted: boolean }) => call(peopleContracts.grantPost, { body }),
    onSuccess: () => {
      setChosen([]);
      renew();
    },
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
      const listed = handover.map(h => `${h.number} ${h.summary ?? ''}`).join('\n');
      setEnding(undefined);
      renew();
      modal.info({
        width: 640,
        title: `${t('handover')}（${handover.length}）`,
        content: handover.length ? (
          <Typography.Paragraph copyable={{ text: listed }} style={{ whiteSpace: 'pre-line' }}>
            {listed}
          </Typography.Paragraph>
        ) : (
          t('nothingHanded')
        ),
        okText: t('ok'),
      });
    },
    onError: fail,
  });
  const waiting = chosen.flatMap(person =>
    person.posts.filter(post => post.pending && !post.valid_to).map(post => post.id),
  );
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
        {system ? (
          <Button type="primary" onClick={() => setAdding(true)}>
            {t('addPerson')}
          </Button>
        ) : (
          <Checkbox checked={pending} onChange={event => setPending(event.target.checked)}>
            {t('onlyPending')}
          </Checkbox>
        )}
        {pending && (
          <AskFirst
            size="middle"
            disabled={!waiting.length}
            title={`${t('grantChosen')}（${waiting.length}）`}
            onConfirm={() => grant.mutate({ posts: waiting, granted: true })}
          >
            {t('grantChosen')}（{waiting.length}）
          </AskFirst>
        )}
      </div>
      <Await query={people}>
        {data => (
          <Table<Person>
            size="small"
            rowKey="id"
            dataSource={data.pages.flatMap(page => page.people)}
            pagination={false}
            {...(pending && {
              rowSelection: {
                selectedRowKeys: chosen.map(person => person.id),
                onChange: (_: unknown, rows: Person[]) => setChosen(rows),
                getTitleCheckboxProps: () => ({ 'aria-label': t('chooseAll') }) as object,
                getCheckboxProps: (person: Person) => ({ 'aria-label': person.name }) as object,
              },
            })}
            locale={{ emptyText: <Nothing title={t('noPeople')} hint={t('noPeopleHint')} /> }}
            footer={shown => <More list={people} rows={shown.length} />}
            columns={[
              { title: t('login'), dataIndex: 'login', width: 140 },
              { title: t('name'), dataIndex: 'name', width: 120 },
              {
                title: t('posts'),
                key: 'posts',
                render: (_, person) =>
                  person.posts.map(post => (
                    <PostLine key={post.id} post={post}>
                      {system ? (
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
                      ) : (
                        person.id !== me.person &&
                        decisions(post).map(word => (
                          <AskFirst
                            key={word}
                            type="link"
                            title={`${t(word)}：${person.name} · ${t(isGuarded(post.role) ? 'guardedPost' : 'needToKnow')}`}
                            onConfirm={() => grant.mutate({ posts: [post.id], granted: word === 'grantPost' })}
                          >
                            {t(word)}
                          </AskFirst>
                        ))
                      )}
                    </PostLine>
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
                ? [
                    {
                      title: t('action'),
                      key: 'do',
                      width: 120,
                      render: (_: unknown, person: Person) =>
                        !person.posts.some(post => !post.valid_to && isAdministrator(post.role)) && (
                          <Button size="small" onClick={() => setGiving(person)}>
                            {t('addPost')}
                          </Button>
                        ),
                    },
                  ]
                : [
                    {
                      title: t('action'),
                      key: 'do',
                      width: 300,
                      render: (_: unknown, person: Person) => (
                        <>
                          <AskFirst title={`${t('reset')} ${person.name}`} onConfirm={() => reset.mutate(person.id)}>
                            {t('reset')}
                          </AskFirst>{' '}
                          <AskFirst
                            title={`${t(person.disabled_at ? 'enable' : 'disable')} ${person.name}`}
                            onConfirm={() => disable.mutate({ person: person.id, disabled: !person.disabled_at })}
                          >
                            {t(person.disabled_at ? 'enable' : 'disable')}
                          </AskFirst>{' '}
                          <AskFirst
                            title={`${t('resetFactors')} ${person.name}`}
                            onConfirm={() => unprove.mutate(person.id)}
                          >
                            {t('resetFactors')}
                          </AskFirst>{' '}
                          <AskFirst
                            title={`${t('revokePhones')} ${person.name}`}
                            onConfirm={() => revoke.mutate(person.id)}
                          >
                            {t('revokePhones')}
                          </AskFirst>
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
          <PostFields />
        </Form>
      </Modal>
      {giving && <AddPost person={giving} onDone={() => setGiving(undefined)} />}
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
        {ending && <PostLine post={ending} />}
        <p className="quiet">{t('endPostHint')}</p>
        <PersonPick
          key={ending?.id}
          aria-label={t('substitute')}
          placeholder={t('substitute')}
          style={{ width: '100%' }}
          {...(substitute && { value: substitute })}
          {...(ending?.substitute && { known: { value: ending.substitute, label: ending.substitute_name ?? '' } })}
          onChange={setSubstitute}
        />
      </Modal>
    </>
  );
}

function PostLine({ post, children }: { post: Post; children?: ReactNode }) {
  const { t, language } = useWords();
  const directory = useDirectory();
  return (
    <div className={post.valid_to ? 'quiet' : ''}>
      {directory.unitName(post.unit)} · {optionName('postRole', post.role, language)}
      {post.need_to_know && ` · ${t('needToKnow')}`}
      {post.substitute_name && ` · ${t('substitute')} ${post.substitute_name}`}
      {dayjs(post.valid_from).isAfter(dayjs()) && ` · ${t('postFrom')} ${post.valid_from}`}
      {post.pending && !post.valid_to && <strong className="late"> · {t('pendingPost')}</strong>}
      {post.valid_to ? ` · ${t('ended')} ${post.valid_to}` : children}
    </div>
  );
}

/** Where, as what, and whether what is sensitive is opened: of a first post and of another. */
function PostFields({ children }: { children?: ReactNode }) {
  const { t, language } = useWords();
  const directory = useDirectory();
  const required = useNeeded();
  return (
    <>
      <Form.Item name="unit" label={t('unit')} rules={required}>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={directory.units.map(u => ({ value: u.id, label: u.name }))}
        />
      </Form.Item>
      <Form.Item name="role" label={t('role')} rules={required}>
        <Select options={choices('postRole', language)} />
      </Form.Item>
      {children}
      <Form.Item name="needToKnow" valuePropName="checked" extra={t('guardedHint')}>
        <Checkbox>{t('needToKnow')}</Checkbox>
      </Form.Item>
    </>
  );
}

/** Another post, from a day on, with the colleague who takes over (AB 岗). */
function AddPost({ person, onDone }: { person: Person; onDone(): void }) {
  const { t } = useWords();
  const required = useNeeded();
  type Values = { unit: string; role: Role; from: Dayjs; substitute?: string; needToKnow?: boolean };
  const send = useSending(
    ({ from, ...values }: Values) =>
      call(peopleContracts.addPost, {
        body: { id: uuid(), person: person.id, ...values, from: from.format('YYYY-MM-DD') },
      }),
    ['people'],
    onDone,
  );
  return (
    <FormDialog title={`${t('addPost')} · ${person.name}`} send={send} onCancel={onDone} initial={{ from: dayjs() }}>
      <PostFields>
        <Form.Item name="from" label={t('postFrom')} rules={required}>
          <DatePicker style={{ width: '100%' }} />
        </Form.Item>
        <Form.Item name="substitute" label={t('substitute')}>
          <PersonPick allowClear />
        </Form.Item>
      </PostFields>
    </FormDialog>
  );
}
