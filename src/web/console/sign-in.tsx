import { startAuthentication } from '@simplewebauthn/browser';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import type { Me } from '../../people/contract.ts';
import { peopleContracts } from '../../people/contract.ts';
import { call, Refused } from '../ui/api.ts';
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

type Owed = { ticket: string; ways: string[] };
/** What the identity provider's page left behind the #: a second factor owed, or a refusal. Never kept in history. */
function fromProvider(): { owed?: Owed; refused?: boolean } {
  const left = new URLSearchParams(location.hash.slice(1));
  const ticket = left.get('factor');
  if (!ticket && !left.get('refused')) return {};
  history.replaceState(null, '', location.pathname);
  return ticket ? { owed: { ticket, ways: (left.get('ways') ?? 'totp').split(',') } } : { refused: true };
}

export function SignIn({ onDone }: { onDone(me: Me): void }) {
  const { t } = useWords();
  const [came] = useState(fromProvider);
  const [owed, setOwed] = useState(came.owed);
  const ways = useQuery({ queryKey: ['ways'], queryFn: () => call(peopleContracts.ways, {}) });
  const signIn = useMutation({
    mutationFn: (body: { login: string; password: string }) => call(peopleContracts.signIn, { body }),
    onSuccess: onDone,
    onError: error => {
      if (error instanceof Refused && error.code === 'second_factor') setOwed(error.details as Owed);
    },
  });
  const passkey = usePasskey(onDone);
  if (owed) return <SecondStep owed={owed} onDone={onDone} onBack={() => setOwed(undefined)} />;
  const wrong = passkey.error ?? signIn.error;
  return (
    <main className="signin">
      <Form layout="vertical" className="panel" onFinish={signIn.mutate} requiredMark={false}>
        <Brand />
        {came.refused && !wrong && (
          <Alert role="alert" type="error" showIcon title={t('oidcRefused')} style={{ marginBottom: 12 }} />
        )}
        {wrong && <Alert role="alert" type="error" showIcon title={messageOf(wrong)} style={{ marginBottom: 12 }} />}
        <Form.Item name="login" label={t('login')} rules={[{ required: true, message: t('required') }]}>
          <Input autoFocus autoComplete="username webauthn" size="large" />
        </Form.Item>
        <Form.Item name="password" label={t('password')} rules={[{ required: true, message: t('required') }]}>
          <Input.Password autoComplete="current-password" size="large" />
        </Form.Item>
        <Button type="primary" htmlType="submit" size="large" block loading={signIn.isPending}>
          {t('signIn')}
        </Button>
        {'PublicKeyCredential' in window && (
          <Button block style={{ marginTop: 10 }} loading={passkey.isPending} onClick={() => passkey.mutate(undefined)}>
            {t('signInPasskey')}
          </Button>
        )}
        {ways.data?.oidc && (
          <Button block style={{ marginTop: 10 }} href="/api/v1/oidc/start">
            {ways.data.oidc}
          </Button>
        )}
      </Form>
    </main>
  );
}

/** A passkey instead of a password, or after one by its ticket. */
const usePasskey = (onDone: (me: Me) => void) =>
  useMutation({
    mutationFn: async (after: string | undefined) => {
      const { options, ticket } = await call(peopleContracts.askPasskey, { body: after ? { ticket: after } : {} });
      const response = await startAuthentication({ optionsJSON: options as never });
      return call(peopleContracts.passkey, { body: { ticket, response: response as never } });
    },
    onSuccess: onDone,
  });

function SecondStep({ owed, onDone, onBack }: { owed: Owed; onDone(me: Me): void; onBack(): void }) {
  const { t } = useWords();
  const passkey = usePasskey(onDone);
  const code = useMutation({
    mutationFn: (body: { code: string }) => call(peopleContracts.factor, { body: { ticket: owed.ticket, ...body } }),
    onSuccess: onDone,
  });
  const wrong = passkey.error ?? code.error;
  return (
    <main className="signin">
      <Form layout="vertical" className="panel" onFinish={code.mutate} requiredMark={false}>
        <Brand />
        <h2>{t('secondStep')}</h2>
        {wrong && <Alert role="alert" type="error" showIcon title={messageOf(wrong)} style={{ marginBottom: 12 }} />}
        {owed.ways.includes('totp') && (
          <>
            <Form.Item name="code" label={t('totpCode')} rules={[{ required: true, message: t('required') }]}>
              <Input autoFocus inputMode="numeric" autoComplete="one-time-code" maxLength={8} size="large" />
            </Form.Item>
            <Button type="primary" htmlType="submit" size="large" block loading={code.isPending}>
              {t('signIn')}
            </Button>
          </>
        )}
        {owed.ways.includes('passkey') && (
          <Button
            block
            style={{ marginTop: 10 }}
            loading={passkey.isPending}
            onClick={() => passkey.mutate(owed.ticket)}
          >
            {t('usePasskey')}
          </Button>
        )}
        <Button type="link" onClick={onBack}>
          {t('cancel')}
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
