/** 任务: what is to be done, by deadline or by distance; duties and matters in one list. */
import { useEffect, useMemo, useState } from 'react';
import { kinds } from '../../kinds/kinds.ts';
import { stateNames } from '../../matters/words.ts';
import { metresBetween } from '../../places/kinds.ts';
import { sortNames } from '../../rounds/words.ts';
import { type Point, whereAmI } from './here.ts';
import { Due, Empty, Rows, Screen, useSession } from './pieces.tsx';

type Task = {
  id: string;
  path: string;
  tag: string;
  title: string;
  line: string;
  dueAt: number | null;
  point: Point | null;
};

export function Tasks() {
  const { session, hold, t, language } = useSession();
  const [near, setNear] = useState(false);
  const [here, setHere] = useState<Point | null>();
  useEffect(() => {
    if (near) void whereAmI().then(point => setHere(point ?? null));
  }, [near]);
  const now = Date.now();
  const version = session.version;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the session's version says when what it holds has changed
  const tasks = useMemo((): Task[] => {
    const open: Task[] = [
      ...hold.duties.map(d => ({
        id: d.id,
        path: `/duty/${d.id}`,
        tag: sortNames[language][d.sort],
        title: d.name,
        line: d.state === 'missed' ? t('missed') : hold.regionName(d.region),
        dueAt: d.dueAt,
        point: d.lng === null || d.lat === null ? null : { lng: d.lng, lat: d.lat },
      })),
      ...[...hold.matters.values()].map(m => ({
        id: m.id,
        path: `/matter/${m.id}`,
        tag: kinds[m.kind].label[language],
        title: m.title || (m.sensitive ? t('sensitive') : m.number),
        line: `${stateNames[language][m.state]}　${hold.regionName(m.path.at(-1)!)}`,
        dueAt: m.dueAt,
        point: m.location,
      })),
    ];
    const far = (task: Task) => (here && task.point ? metresBetween(here, task.point) : Infinity);
    return near && here
      ? open
          .map(task => ({ task, far: far(task) }))
          .sort((a, b) => a.far - b.far)
          .map(one => one.task)
      : open.sort((a, b) => (a.dueAt ?? Infinity) - (b.dueAt ?? Infinity));
  }, [version, near, here, language]);
  const distance = (point: Point | null) => {
    if (!near || !here || !point) return '';
    const metres = metresBetween(here, point);
    return metres < 1000 ? `${Math.round(metres)} ${t('metres')}` : `${(metres / 1000).toFixed(1)} ${t('km')}`;
  };
  return (
    <Screen title={t('tasks')}>
      <div className="choice">
        <button type="button" aria-pressed={!near} onClick={() => setNear(false)}>
          {t('byDue')}
        </button>
        <button type="button" aria-pressed={near} onClick={() => setNear(true)}>
          {t('byDistance')}
        </button>
      </div>
      {near && here === undefined && <p role="status">{t('locating')}</p>}
      {near && here === null && (
        <p role="status" className="say">
          {t('noPosition')}
        </p>
      )}
      {tasks.length === 0 && <Empty title={t('noTasks')} hint={t('noTasksHint')} />}
      <Rows rows={tasks}>
        {task => (
          <li key={task.id}>
            <a href={`#${task.path}`}>
              <span className="tag">{task.tag}</span> <strong>{task.title}</strong>
              <span className="line">
                <span className="quiet">{task.line}</span> {distance(task.point)}
              </span>
              <Due at={task.dueAt} now={now} />
            </a>
          </li>
        )}
      </Rows>
    </Screen>
  );
}
