/** How far a hazard is: each order with its date and officers, rectification, re-inspection. */
import type { Matter } from '../../matters/matter.ts';
import { dateTime } from '../ui/pieces.tsx';
import { useWords } from '../ui/words.ts';

export function HazardPanel({ matter }: { matter: Matter }) {
  const { t } = useWords();
  const { hazard } = matter;
  if (!hazard?.orders.length) return null;
  return (
    <section className="panel">
      <h2>{t('hazardOf')}</h2>
      {hazard.orders.map(order => {
        const rectified = hazard.rectified.filter(one => one.order === order.n);
        const inspections = hazard.inspections.filter(one => one.order === order.n);
        return (
          <div key={order.n} style={{ marginBottom: 8 }}>
            <div>
              {t('orderedUntil')} {dateTime(order.until)}
            </div>
            <div className="quiet">{order.officers.map(one => one.certificate).join('、')}</div>
            {rectified.map(one => (
              <div key={one.at}>
                {t('rectifiedAt')} {dateTime(one.at)}
              </div>
            ))}
            {inspections.map(one => (
              <div key={one.at} className={one.passed ? '' : 'late'}>
                {t('inspectedAt')} {dateTime(one.at)} {t(one.passed ? 'passedOf' : 'failedOf')}
              </div>
            ))}
          </div>
        );
      })}
    </section>
  );
}
