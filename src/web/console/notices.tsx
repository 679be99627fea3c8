/** What my units were told. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link } from 'wouter';
import { mediationContracts } from '../../mediation/contract.ts';
import { supervisionContracts } from '../../supervision/contract.ts';
import { call } from '../ui/api.ts';
import { Await, dateTime, Nothing, useDirectory } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { useNotices } from './notice-word.tsx';

export default function Notices() {
  const { t, language } = useWords();
  const directory = useDirectory();
  const cache = useQueryClient();
  const query = useNotices();
  const { mutate: seen } = useMutation({
    mutationFn: () => call(supervisionContracts.seen, {}),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['notices'] }),
  });
  // A notice holds ids; whose certificate it is stands in the register.
  const mediators = useQuery({
    queryKey: ['mediators'],
    queryFn: () => call(mediationContracts.mediators, {}),
    enabled: query.data?.rows.some(row => row.what === 'certificate-ends') ?? false,
  });
  const names = new Map((mediators.data?.mediators ?? []).map(one => [one.id, one.name]));
  const fresh = query.data?.fresh ?? 0;
  useEffect(() => {
    if (fresh) seen();
  }, [fresh, seen]);
  return (
    <>
      <h1 style={{ fontSize: 18, marginTop: 0 }}>{t('notices')}</h1>
      <Await query={query}>
        {data => (
          <section className="panel">
            {!data.rows.length && <Nothing title={t('noNotices')} hint="" />}
            {data.rows.map(row => (
              <div
                key={row.id}
                style={{ display: 'flex', flexWrap: 'wrap', gap: 12, padding: '6px 0', borderBottom: '1px solid #eee' }}
              >
                <span className="quiet">{dateTime(row.at)}</span>
                <span>{directory.unitName(row.unit)}</span>
                <strong>{optionName('noticeWhat', row.what, language)}</strong>
                {row.what === 'digest' && (
                  <span>
                    {t('lateNow')} {String(row.data.late)} · {t('byDue')} {String(row.data.today)}
                  </span>
                )}
                {typeof row.data.until === 'string' && (
                  <Link href="/mediators">
                    {row.what === 'term-ends'
                      ? directory.unitName(String(row.data.of))
                      : names.get(String(row.data.of))}{' '}
                    {row.data.until}
                  </Link>
                )}
                {typeof row.data.drive === 'string' && <Link href="/watch">{t('drives')}</Link>}
                {row.matter && row.number && (
                  <span>
                    <Link href={`/matters/${row.county}/${row.matter}`}>{row.number}</Link> {row.summary}
                  </span>
                )}
                {typeof row.data.replyBy === 'number' && (
                  <span className="quiet">
                    {t('replyBy')} {dateTime(row.data.replyBy)}
                  </span>
                )}
              </div>
            ))}
          </section>
        )}
      </Await>
    </>
  );
}
