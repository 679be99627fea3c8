import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { App as AntApp, ConfigProvider } from 'antd';
import en from 'antd/es/locale/en_US';
import zh from 'antd/es/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { StrictMode, useCallback, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { type Me, peopleContracts } from '../../people/contract.ts';
import { call, onSignedOut, Refused, setApiLanguage, setCsrf } from '../ui/api.ts';
import { languageOf, MeContext } from '../ui/pieces.tsx';
import { theme } from '../ui/theme.ts';
import { LanguageContext } from '../ui/words.ts';
import { Factors } from './factors.tsx';
import { Shell } from './shell.tsx';
import { PasswordForm, SignIn } from './sign-in.tsx';
import './style.css';

const client = new QueryClient({
  defaultOptions: {
    mutations: { networkMode: 'always' },
    queries: {
      retry: (count, error) => count < 2 && error instanceof Refused && error.status === 0,
      refetchOnWindowFocus: true,
    },
  },
});

function Root() {
  const [me, setMe] = useState<Me>();
  const [looked, setLooked] = useState(false);
  const language = languageOf(me);
  const take = useCallback((fresh: Me | undefined) => {
    if (!fresh) client.clear();
    setCsrf(fresh?.csrf ?? '');
    setMe(fresh);
  }, []);
  useEffect(() => {
    onSignedOut(() => {
      client.clear();
      setMe(undefined);
    });
    call(peopleContracts.me, {})
      .then(take)
      .catch(() => {})
      .finally(() => setLooked(true));
  }, [take]);
  setApiLanguage(language);
  // Calendars name their days in the reader's language; weeks begin on Monday in both.
  dayjs.locale(language === 'zh' ? 'zh-cn' : 'en');
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  if (!looked) return null;
  return (
    <LanguageContext value={language}>
      <ConfigProvider theme={theme} locale={language === 'zh' ? zh : en} button={{ autoInsertSpace: false }}>
        <AntApp>
          {!me ? (
            <SignIn onDone={take} />
          ) : me.mustChange ? (
            <PasswordForm first onDone={() => call(peopleContracts.me, {}).then(take)} />
          ) : me.mustProve ? (
            <main className="signin">
              <Factors first onDone={() => call(peopleContracts.me, {}).then(take)} />
            </main>
          ) : (
            <MeContext value={me}>
              <Shell onSignOut={() => call(peopleContracts.signOut, {}).finally(() => take(undefined))} />
            </MeContext>
          )}
        </AntApp>
      </ConfigProvider>
    </LanguageContext>
  );
}

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <Root />
    </QueryClientProvider>
  </StrictMode>,
);
