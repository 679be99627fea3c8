/** Signing in with a network once, a PIN ever after. */
import { type FormEvent, useState } from 'react';
import { useSession } from './pieces.tsx';
import { Told } from './session.ts';
import { WrongPin } from './vault.ts';

function Waiting() {
  const { session, t } = useSession();
  return (
    <>
      {session.ended && (
        <p role="alert" className="say late">
          {t('ended')}
        </p>
      )}
      {session.waiting > 0 && <p className="say">{t('sealedWaiting', { n: session.waiting })}</p>}
    </>
  );
}

export function SignIn() {
  const { session, t } = useSession();
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const [name, setName] = useState(guessName());
  const [code, setCode] = useState<string>();
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setWrong('');
    await session.enrol(login, password, name || 'Phone', code ?? '').catch(error => {
      if (error instanceof Told && error.code === 'second_factor') setCode(now => now ?? '');
      setWrong(error instanceof Told && error.code === 'offline' ? t('offline') : (error as Error).message);
    });
    setBusy(false);
  };
  return (
    <main id="main" className="door">
      <img src="./mark.svg" alt="" width={56} height={56} />
      <h1>{t('signInTitle')}</h1>
      <Waiting />
      <form onSubmit={submit}>
        <label>
          {t('login')}
          <input
            value={login}
            onChange={e => setLogin(e.target.value)}
            autoComplete="username"
            autoCapitalize="none"
            required
          />
        </label>
        <label>
          {t('password')}
          <input
            type="password"
            value={password}
            onChange={e => setPassword(e.target.value)}
            autoComplete="current-password"
            required
          />
        </label>
        <label>
          {t('phoneName')}
          <input value={name} onChange={e => setName(e.target.value)} maxLength={60} />
        </label>
        {code !== undefined && (
          <label>
            {t('totp')}
            <input
              value={code}
              onChange={e => setCode(e.target.value)}
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={8}
            />
          </label>
        )}
        {wrong && (
          <p role="alert" className="say late">
            {wrong}
          </p>
        )}
        <button type="submit" className="main" disabled={busy}>
          {t('signIn')}
        </button>
        <p className="quiet">{t('signInHint')}</p>
      </form>
    </main>
  );
}

/** "Redmi 12" out of what the browser says of itself. */
const guessName = () => /Android [\d.]+; ([^;)]+?)(?: Build|\))/.exec(navigator.userAgent)?.[1]?.slice(0, 40) ?? '';

const isWeak = (pin: string) => /^(\d)\1+$/.test(pin) || '01234567890'.includes(pin) || '09876543210'.includes(pin);

function PinField({
  label,
  value,
  onChange,
  fresh,
}: {
  label: string;
  value: string;
  onChange(pin: string): void;
  fresh?: boolean;
}) {
  return (
    <label>
      {label}
      <input
        className="pin"
        type="password"
        inputMode="numeric"
        pattern="[0-9]{6}"
        maxLength={6}
        autoComplete={fresh ? 'new-password' : 'off'}
        value={value}
        onChange={e => onChange(e.target.value.replace(/\D/g, ''))}
        required
      />
    </label>
  );
}

export function SetPin() {
  const { session, t } = useSession();
  const [pin, setPin] = useState('');
  const [again, setAgain] = useState('');
  const [wrong, setWrong] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isWeak(pin)) return setWrong(t('pinWeak'));
    if (pin !== again) {
      setAgain('');
      return setWrong(t('pinDiffer'));
    }
    await session.setPin(pin);
  };
  return (
    <main id="main" className="door">
      <h1>{t('setPin')}</h1>
      <form onSubmit={submit}>
        <PinField label={t('setPin')} value={pin} onChange={setPin} fresh />
        <PinField label={t('pinAgain')} value={again} onChange={setAgain} fresh />
        {wrong && (
          <p role="alert" className="say late">
            {wrong}
          </p>
        )}
        <button type="submit" className="main" disabled={pin.length < 6 || again.length < 6}>
          {t('confirm')}
        </button>
      </form>
    </main>
  );
}

export function Unlock() {
  const { session, t } = useSession();
  const [pin, setPin] = useState('');
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    await session.unlock(pin).catch(error => {
      setPin('');
      if (!(error instanceof WrongPin)) throw error;
      setWrong(error.left ? t('wrongPin', { n: error.left }) : t('pinGone'));
    });
    setBusy(false);
  };
  return (
    <main id="main" className="door">
      <img src="./mark.svg" alt="" width={56} height={56} />
      <h1>{t('enterPin')}</h1>
      <Waiting />
      <form onSubmit={submit}>
        <PinField label="PIN" value={pin} onChange={setPin} />
        {wrong && (
          <p role="alert" className="say late">
            {wrong}
          </p>
        )}
        <button type="submit" className="main" disabled={pin.length < 6 || busy}>
          {t('unlock')}
        </button>
        <button
          type="button"
          onClick={() => confirm(t('signOutSure', { n: session.waiting })) && void session.signOut()}
        >
          {t('forgotPin')}
        </button>
      </form>
    </main>
  );
}
