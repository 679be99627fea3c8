/** 便民服务: what residents see, book, read and are asked. */
import { Tabs } from 'antd';
import { useWords } from '../ui/words.ts';
import { Alerts, Reviews } from './alerts.tsx';
import { Offers, Publications } from './publications.tsx';
import { Receptions, Services } from './services.tsx';

export default function Residents() {
  const { t } = useWords();
  return (
    <>
      <h1 style={{ fontSize: 18, marginTop: 0 }}>{t('residents')}</h1>
      <Tabs
        destroyOnHidden
        items={[
          { key: 'open', label: t('publications'), children: <Publications /> },
          { key: 'wishes', label: t('wishesTab'), children: <Offers /> },
          { key: 'services', label: t('servicesTab'), children: <Services /> },
          { key: 'receptions', label: t('receptionsTab'), children: <Receptions /> },
          { key: 'alerts', label: t('alertsTab'), children: <Alerts /> },
          { key: 'reviews', label: t('reviewsTab'), children: <Reviews /> },
        ]}
      />
    </>
  );
}
