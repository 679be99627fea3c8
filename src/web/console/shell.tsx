import {
  ApiOutlined,
  AuditOutlined,
  BellOutlined,
  ClockCircleOutlined,
  DatabaseOutlined,
  DownloadOutlined,
  EnvironmentOutlined,
  EyeOutlined,
  FieldTimeOutlined,
  FormOutlined,
  HourglassOutlined,
  InboxOutlined,
  KeyOutlined,
  LogoutOutlined,
  NotificationOutlined,
  PhoneOutlined,
  SafetyOutlined,
  ScheduleOutlined,
  SendOutlined,
  ShareAltOutlined,
  SolutionOutlined,
  TeamOutlined,
  UnorderedListOutlined,
  UploadOutlined,
  UserOutlined,
} from '@ant-design/icons';
import { Button, Layout, Menu, Skeleton } from 'antd';
import { lazy, type ReactNode, Suspense } from 'react';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { useMe } from '../ui/pieces.tsx';
import { useWords, type Word } from '../ui/words.ts';
import { boxes, MatterList } from './list.tsx';
import { NoticeWord } from './notice-word.tsx';

const MatterView = lazy(() => import('./matter.tsx'));
const Intake = lazy(() => import('./intake.tsx'));
const Imports = lazy(() => import('./imports.tsx'));
const Tasks = lazy(() => import('./tasks.tsx'));
const Account = lazy(() => import('./account.tsx'));
const People = lazy(() => import('./admin-people.tsx'));
const Reference = lazy(() => import('./admin-reference.tsx'));
const Audit = lazy(() => import('./admin-audit.tsx'));
const Supervise = lazy(() => import('./supervise.tsx'));
const Notices = lazy(() => import('./notices.tsx'));
const MediationDesk = lazy(() => import('./mediation.tsx'));
const Mediators = lazy(() => import('./mediators.tsx'));
const Rules = lazy(() => import('./admin-rules.tsx'));
const Rounds = lazy(() => import('./rounds.tsx'));
const Places = lazy(() => import('./places.tsx'));
const Tokens = lazy(() => import('./admin-tokens.tsx'));
const Residents = lazy(() => import('./residents.tsx'));
const Hotline = lazy(() => import('./hotline.tsx'));
const Hall = lazy(() => import('./queue.tsx').then(one => ({ default: one.Hall })));
const Tips = lazy(() => import('./tips.tsx'));
const Channels = lazy(() => import('./channels.tsx'));

type Entry = { path: string; word: Word; icon: ReactNode; roles?: readonly string[]; sealed?: true };
const working = ['clerk', 'handler', 'grid', 'mediator', 'leader'];
const entries: Entry[] = [
  { path: '/inbox', word: 'inbox', icon: <InboxOutlined />, roles: working },
  { path: '/given', word: 'given', icon: <SendOutlined />, roles: ['clerk', 'leader'] },
  { path: '/awaited', word: 'awaited', icon: <HourglassOutlined />, roles: working },
  { path: '/late', word: 'late', icon: <ClockCircleOutlined />, roles: working },
  { path: '/watch', word: 'watch', icon: <EyeOutlined />, roles: ['clerk', 'leader'] },
  { path: '/all', word: 'all', icon: <UnorderedListOutlined />, roles: working },
  { path: '/rounds', word: 'rounds', icon: <ScheduleOutlined />, roles: working },
  { path: '/places', word: 'places', icon: <EnvironmentOutlined />, roles: working },
  { path: '/mediators', word: 'mediators', icon: <SolutionOutlined />, roles: working },
  { path: '/residents', word: 'residents', icon: <NotificationOutlined />, roles: ['clerk', 'leader'] },
  { path: '/hotline', word: 'hotline', icon: <PhoneOutlined />, roles: ['clerk', 'leader', 'handler'] },
  // Whoever may open what is sensitive in a department: tips are sealed to departments, never to centres.
  { path: '/tips', word: 'tips', icon: <SafetyOutlined />, roles: ['handler'], sealed: true },
  { path: '/notices', word: 'notices', icon: <BellOutlined />, roles: working },
  { path: '/new', word: 'newMatter', icon: <FormOutlined />, roles: working },
  { path: '/import', word: 'importLetters', icon: <UploadOutlined />, roles: ['clerk', 'leader'] },
  { path: '/tasks', word: 'tasks', icon: <DownloadOutlined />, roles: working },
  { path: '/admin/people', word: 'people', icon: <TeamOutlined />, roles: ['system-admin', 'security-admin'] },
  { path: '/admin/reference', word: 'reference', icon: <DatabaseOutlined />, roles: ['system-admin'] },
  { path: '/rules', word: 'rules', icon: <FieldTimeOutlined />, roles: ['clerk', 'leader', 'system-admin'] },
  {
    path: '/channels',
    word: 'channels',
    icon: <ShareAltOutlined />,
    roles: ['clerk', 'leader', 'system-admin', 'security-admin'],
  },
  { path: '/admin/tokens', word: 'tokens', icon: <KeyOutlined />, roles: ['security-admin'] },
  { path: '/admin/audit', word: 'audit', icon: <AuditOutlined />, roles: ['audit-admin', 'auditor'] },
  { path: '/account', word: 'account', icon: <UserOutlined /> },
];

export function Shell({ onSignOut }: { onSignOut(): void }) {
  const { t } = useWords();
  const me = useMe();
  const [path] = useLocation();
  const mine = entries.filter(
    entry =>
      !entry.roles || me.posts.some(post => entry.roles!.includes(post.role) && (!entry.sealed || post.needToKnow)),
  );
  return (
    <Layout style={{ minHeight: '100vh' }}>
      <a className="skip" href="#main">
        {t('skip')}
      </a>
      <Layout.Sider width={176} theme="light" className="no-print" style={{ borderRight: '1px solid #e3e0d9' }}>
        <div style={{ position: 'sticky', top: 0, maxHeight: '100vh', overflowY: 'auto' }}>
          <Link href="/" className="brand" style={{ padding: '16px 18px' }}>
            <img src="/mark.svg" alt="" width={26} height={26} />
            {t('appName')}
          </Link>
          <nav aria-label={t('appName')}>
            <Menu
              mode="inline"
              selectedKeys={[mine.find(entry => path.startsWith(entry.path))?.path ?? '']}
              items={mine.map(entry => ({
                key: entry.path,
                icon: entry.icon,
                label: <Link href={entry.path}>{entry.word === 'notices' ? <NoticeWord /> : t(entry.word)}</Link>,
              }))}
              style={{ borderInlineEnd: 0 }}
            />
          </nav>
          <div style={{ padding: '12px 18px', borderTop: '1px solid #e3e0d9', marginTop: 8 }}>
            <div>{me.name}</div>
            <Button type="text" size="small" icon={<LogoutOutlined />} onClick={onSignOut} style={{ marginLeft: -8 }}>
              {t('signOut')}
            </Button>
            <div>
              <a href="/api/v1/docs" className="quiet" style={{ fontSize: 12 }}>
                <ApiOutlined /> {t('apiDocs')}
              </a>
            </div>
          </div>
        </div>
      </Layout.Sider>
      <Layout.Content id="main" className="page">
        <Suspense fallback={<Skeleton active title={false} paragraph={{ rows: 6 }} />}>
          <Switch>
            {boxes.map(box => (
              <Route path={`/${box}`} key={box}>
                <MatterList box={box} key={box} />
              </Route>
            ))}
            <Route path="/matters/:county/:id/mediation">
              {params => <MediationDesk county={params.county} id={params.id} key={params.id} />}
            </Route>
            <Route path="/mediators">
              <Mediators />
            </Route>
            <Route path="/matters/:county/:id">
              {params => <MatterView county={params.county} id={params.id} key={params.id} />}
            </Route>
            <Route path="/new">
              <Intake />
            </Route>
            <Route path="/import">
              <Imports />
            </Route>
            <Route path="/watch">
              <Supervise />
            </Route>
            <Route path="/notices">
              <Notices />
            </Route>
            <Route path="/rounds">
              <Rounds />
            </Route>
            <Route path="/places">
              <Places />
            </Route>
            <Route path="/rules">
              <Rules />
            </Route>
            <Route path="/tasks">
              <Tasks />
            </Route>
            <Route path="/account">
              <Account />
            </Route>
            <Route path="/admin/people">
              <People />
            </Route>
            <Route path="/admin/reference">
              <Reference />
            </Route>
            <Route path="/residents">
              <Residents />
            </Route>
            <Route path="/hotline">
              <Hotline />
            </Route>
            <Route path="/hall/:county/:unit">{params => <Hall county={params.county} unit={params.unit} />}</Route>
            <Route path="/tips">
              <Tips />
            </Route>
            <Route path="/channels">
              <Channels />
            </Route>
            <Route path="/admin/tokens">
              <Tokens />
            </Route>
            <Route path="/admin/audit">
              <Audit />
            </Route>
            <Route>
              <Redirect to={mine[0]!.path} replace />
            </Route>
          </Switch>
        </Suspense>
      </Layout.Content>
    </Layout>
  );
}
