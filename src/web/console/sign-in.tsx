import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import type { Me } from '../../people/contract.ts';
import { peopleContracts } from '../../people/contract.ts';
import { call } from '../ui/api.ts';
import { messageOf } from '../ui/pieces.tsx';
import { useWords } from '../ui/words.ts';

function Brand() {
  const { t } = useWords();
  return (
    <div style={{ marginBottom: 20 }}>
      <div className="brand">
        <img src="/mark.svg" alt="" width={36} height={36} />
        <h1 style={{ fontSize: 24, margin: 0 }}>{t('appName')}</h1>
      </div>
      <div className="quiet" style={{ marginTop: 6 }}>
        {t('slogan')}
      </div>
    </div>
  );
}

export function SignIn({ onDone }: { onDone(me: Me): void }) {
  const { t } = useWords();
  const signIn = useMutation({
    mutationFn: (body: { login: string; password: string }) => call(peopleContracts.signIn, { body }),
    onSuccess: onDone,
  });
  return (
    <main className="signin">
      <Form layout="vertical" className="panel" onFinish={signIn.mutate} requiredMark={false}>
        <Brand />
        {signIn.error && (
          <Alert role="alert" type="error" showIcon title={messageOf(signIn.error)} style={{ marginBottom: 12 }} />
        )}
        <Form.Item name="login" label={t('login')} rules={[{ required: true, message: t('required') }]}>
          <Input autoFocus autoComplete="username" size="large" />
        </Form.Item>
        <Form.Item name="password" label={t('password')} rules={[{ required: true, message: t('required') }]}>
          <Input.Password autoComplete="current-password" size="large" />
        </Form.Item>
        <Button type="primary" htmlType="submit" size="large" block loading={signIn.isPending}>
          {t('signIn')}
        </Button>
      </Form>
    </main>
  );
}

export function PasswordForm({ first, onDone }: { first?: boolean; onDone(): void }) {
  const { t } = useWords();
  const change = useMutation({
    mutationFn: ({ old, fresh }: { old: string; fresh: string }) =>
      call(peopleContracts.password, { body: { old, fresh } }),
    onSuccess: onDone,
  });
  const form = (
    <Form layout="vertical" className="panel" onFinish={change.mutate} requiredMark={false} style={{ maxWidth: 380 }}>
      {first ? (
        <>
          <Brand />
          <Alert type="info" title={t('mustChange')} style={{ marginBottom: 12 }} />
        </>
      ) : (
        <h2>{t('changePassword')}</h2>
      )}
      {change.error && (
        <Alert role="alert" type="error" showIcon title={messageOf(change.error)} style={{ marginBottom: 12 }} />
      )}
      <Form.Item name="old" label={t('oldPassword')} rules={[{ required: true, message: t('required') }]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <Form.Item name="fresh" label={t('newPassword')} rules={[{ required: true, message: t('required') }]}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="again"
        label={t('again')}
        dependencies={['fresh']}
        rules={[
          ({ getFieldValue }) => ({
            validator: async (_, value) => {
              if (value !== getFieldValue('fresh')) throw new Error(t('notSame'));
            },
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={change.isPending}>
        {t('changePassword')}
      </Button>
    </Form>
  );
  return first ? <main className="signin">{form}</main> : form;
}
