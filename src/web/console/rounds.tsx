/** 排查与走访: coverage, plans, duties, what was found, teams. */

import { Tabs } from 'antd';
import { useWords } from '../ui/words.ts';
import { Coverage } from './coverage.tsx';
import { Duties } from './duties.tsx';
import { Entries } from './entries.tsx';
import { Plans } from './plans.tsx';
import { Teams } from './teams.tsx';

export default function Rounds() {
  const { t } = useWords();
  return (
    <>
      <h1 style={{ fontSize: 18, margin: 0 }}>{t('rounds')}</h1>
      <Tabs
        destroyOnHidden
        items={[
          { key: 'c', label: t('coverageTab'), children: <Coverage /> },
          { key: 'p', label: t('plansTab'), children: <Plans /> },
          { key: 'd', label: t('dutiesTab'), children: <Duties /> },
          { key: 'e', label: t('entriesTab'), children: <Entries /> },
          { key: 't', label: t('teamsTab'), children: <Teams /> },
        ]}
      />
    </>
  );
}
