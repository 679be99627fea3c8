/** The points table as questions, with what each answer would count; and a grade explained line by line. */
import { useQuery } from '@tanstack/react-query';
import { Checkbox, InputNumber } from 'antd';
import type { KindName } from '../../kinds/kinds.ts';
import { gradeNames, gradeOf, Points } from '../../matters/grading.ts';
import type { Matter } from '../../matters/matter.ts';
import { supervisionContracts } from '../../supervision/contract.ts';
import { call } from '../ui/api.ts';
import { useWords } from '../ui/words.ts';

/** The table in force; undefined until it is read. */
function usePoints(kind: KindName): Points | undefined {
  const { data } = useQuery({
    queryKey: ['rules', kind],
    queryFn: () => call(supervisionContracts.rules, { query: { kind } }),
    staleTime: 300_000,
  });
  const table = Points.safeParse(data?.points);
  return table.success ? table.data : undefined;
}

type AnswersOf = Record<string, number>;
export function Answers({
  kind,
  value = {},
  onChange = () => {},
}: {
  kind: KindName;
  value?: AnswersOf;
  onChange?(value: AnswersOf): void;
}) {
  const { t, language } = useWords();
  const table = usePoints(kind);
  if (!table) return <span className="quiet">{t('loading')}</span>;
  const told = gradeOf(table, value);
  return (
    <div style={{ display: 'grid', gap: 6 }}>
      {table.items.map(item => (
        // biome-ignore lint/a11y/noLabelWithoutControl: the control is inside, by antd
        <label
          key={item.code}
          style={{ display: 'flex', justifyContent: 'space-between', gap: 8, alignItems: 'center' }}
        >
          {item[language]}
          {item.yes ? (
            <Checkbox
              checked={Boolean(value[item.code])}
              onChange={event => onChange({ ...value, [item.code]: event.target.checked ? 1 : 0 })}
            />
          ) : (
            <InputNumber
              min={0}
              style={{ width: 90 }}
              value={value[item.code] ?? null}
              onChange={n => onChange({ ...value, [item.code]: n ?? 0 })}
            />
          )}
        </label>
      ))}
      <strong role="status">
        {gradeNames[language][told.grade]}（{told.points} {t('points')}）
      </strong>
    </div>
  );
}

/** Why this grade. */
export function GradeLines({ matter }: { matter: Matter }) {
  const { t, language } = useWords();
  const table = usePoints(matter.kind);
  const { grading } = matter;
  if (!grading) return null;
  return (
    <details>
      <summary>
        {t('grade')}：<strong>{gradeNames[language][grading.grade]}</strong>（{grading.points} {t('points')}）
      </summary>
      {grading.overrides && (
        <div className="quiet">
          {t('overridden')} {gradeNames[language][grading.overrides]}
        </div>
      )}
      {grading.lines.map(line => (
        <div key={line.code} className="ground">
          {table?.items.find(item => item.code === line.code)?.[language] ?? line.code}{' '}
          {line.answer > 1 ? line.answer : ''} +{line.points}
        </div>
      ))}
      <div className="ground">
        {table?.basis} {grading.version}
      </div>
    </details>
  );
}
