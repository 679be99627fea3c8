/** What hangs on a matter beside its steps: grade, a clock that stands still, orders, parts, papers. */
import { Button } from 'antd';
import { Link } from 'wouter';
import { matterContracts } from '../../matters/contract.ts';
import type { Matter } from '../../matters/matter.ts';
import { nextStepOf } from '../../matters/papers.ts';
import { download, urlOf } from '../ui/api.ts';
import { dateTime, useDirectory } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { GradeLines } from './grading.tsx';

export function Watched({ matter }: { matter: Matter }) {
  const { t, language } = useWords();
  const directory = useDirectory();
  const nothing =
    !matter.grading &&
    !matter.orders.length &&
    !matter.parts.length &&
    !matter.papers.length &&
    !matter.whole &&
    !matter.border &&
    !matter.pause &&
    !matter.asked;
  if (nothing) return null;
  return (
    <section className="panel">
      <h2>{t('watched')}</h2>
      <GradeLines matter={matter} />
      {matter.pause && (
        <p className="late">
          {t('paused')}：{optionName('ground2', matter.pause.ground, language)} {dateTime(matter.pause.at)}
        </p>
      )}
      {matter.asked && (
        <p>
          {t('extensionAsked')}：{directory.unitName(matter.asked.unit)} {matter.asked.count}
        </p>
      )}
      {matter.whole && (
        <p>
          <Link href={`/matters/${matter.whole.county}/${matter.whole.matter}`}>{t('partOf')}</Link>
        </p>
      )}
      {matter.border && (
        <>
          <h3>{t('border')}</h3>
          <div>
            {t(matter.border.role === 'lead' ? 'borderLead' : 'borderOther')}　
            <span className="quiet">{matter.border.county}</span>
          </div>
          <div className="quiet">
            {t('agreedHere')}：{matter.border.agreedAt ? dateTime(matter.border.agreedAt) : t('notAgreed')}
          </div>
          <div className="quiet">
            {t('agreedThere')}：{matter.border.theirsAt ? dateTime(matter.border.theirsAt) : t('notAgreed')}
          </div>
        </>
      )}
      {matter.parts.length > 0 && <h3>{t('parts')}</h3>}
      {matter.parts.map(part => (
        <div key={part.matter}>
          <Link href={`/matters/${part.county}/${part.matter}`}>{directory.unitName(part.unit)}</Link>　
          {part.done ? `✓ ${t('done')}` : t('waiting')}
        </div>
      ))}
      {matter.orders.length > 0 && <h3>{t('orders')}</h3>}
      {matter.orders.map(order => (
        <div key={order.n} style={{ marginBottom: 4 }}>
          <strong>{optionName('alarm', order.level, language)}</strong> {directory.unitName(order.by) || t('byRule')} →{' '}
          {directory.unitName(order.to)} <span className="quiet">{dateTime(order.at)}</span>
          <div className="quiet">
            {order.replyBy === null
              ? t('noReplyNeeded')
              : order.repliedAt !== null
                ? `${t('replied')} ${dateTime(order.repliedAt)}`
                : `${t('notReplied')} · ${t('replyBy')} ${dateTime(order.replyBy)}`}
          </div>
        </div>
      ))}
      {matter.papers.length > 0 && <h3>{t('papers')}</h3>}
      {matter.papers.map(paper => {
        const next = nextStepOf(paper);
        return (
          <div key={paper.n} style={{ marginBottom: 4 }}>
            {optionName('paperKind', paper.paper, language)} {paper.number}
            <div className="quiet">
              {paper.state === 'rejected' ? t('rejected') : paper.state === 'out' ? t('out') : t('draftState')}
              {next && ` · ${t('waitsFor')} ${optionName('chainStep', next, language)}`}
              {paper.served &&
                ` · ${t('servedAt')} ${optionName('serveWay', paper.served.way, language)} ${dateTime(paper.served.at)}`}
            </div>
            <div className="no-print">
              {([paper.paper, 'reading', 'service'] as const).map(template => (
                <Button
                  key={template}
                  size="small"
                  type="link"
                  style={{ padding: '0 8px 0 0' }}
                  onClick={() =>
                    download(
                      urlOf(
                        matterContracts.print.path,
                        { county: matter.county, id: matter.id, template },
                        { paper: paper.n },
                      ),
                    )
                  }
                >
                  {t(template === 'reading' ? 'readingSheet' : template === 'service' ? 'serviceProof' : 'printPaper')}
                </Button>
              ))}
            </div>
          </div>
        );
      })}
    </section>
  );
}
