/** @jsxImportSource preact */
/** One's own matter, by its receipt code: where it is, what was said, and what one can still do. */
import { useState } from 'preact/hooks';
import { ask, mint, type Reply } from './api.ts';
import { type Chosen, Files, Sending } from './files.tsx';
import { Area, dayTime, Field, named, OneOf, useAsked, useSending, useWords } from './pieces.tsx';
import { states, stepNames } from './words.ts';

type View = Reply<'receipt'>;
type Key = { 'x-receipt': string; 'x-tail': string };
const causes = ['not-done', 'too-slow', 'bad-manner', 'not-agreed', 'came-back'] as const;

export function Track() {
  const { t } = useWords();
  const [code, setCode] = useState(location.hash.slice(1));
  const [tail, setTail] = useState('');
  const [view, setView] = useState<View>();
  const { busy, send, word } = useSending();
  const key: Key = { 'x-receipt': code.normalize('NFKC').replace(/\D/g, ''), 'x-tail': tail };
  const look = (event?: Event) => {
    event?.preventDefault();
    void send(async () => {
      setView(await ask('receipt', 'GET', '/receipt', undefined, key));
      return undefined;
    });
  };
  if (view) return <Matter view={view} keyOf={key} onView={setView} />;
  return (
    <form onSubmit={look}>
      <h1>{t('track')}</h1>
      <section>
        <Field
          label={t('receipt')}
          value={code}
          onInput={setCode}
          inputMode="numeric"
          autoComplete="off"
          maxLength={20}
          required
        />
        <Field label={t('tail')} value={tail} onInput={setTail} inputMode="numeric" autoComplete="off" maxLength={4} />
        <p class="quiet">{t('tailWhen')}</p>
        {word}
        <button type="submit" class="main wide" disabled={busy || !code.trim()}>
          {busy ? t('loading') : t('look')}
        </button>
        <p class="quiet">{t('lost')}</p>
      </section>
    </form>
  );
}

function Matter({ view, keyOf, onView }: { view: View; keyOf: Key; onView(view: View): void }) {
  const { t, language } = useWords();
  const at = language === 'zh' ? 0 : 1;
  const [data, setData] = useState(false);
  const { busy, send, word } = useSending();
  const act = (what: object, said = t('saved')) =>
    send(async () => {
      onView(await ask('act', 'POST', '/receipt/actions', { id: mint(), do: what }, keyOf));
      return said;
    });
  if (data) return <MyData keyOf={keyOf} onBack={() => setData(false)} />;
  const can = (what: View['can'][number]) => view.can.includes(what);
  const state = states[view.state]?.[at] ?? view.state;
  return (
    <>
      <h1>{view.number}</h1>
      <section>
        <p class="big" style={{ letterSpacing: 0 }}>
          {state}
        </p>
        {view.unit && (
          <p>
            {t('by')}：{view.unit.name} {view.unit.phone && <a href={`tel:${view.unit.phone}`}>{view.unit.phone}</a>}
          </p>
        )}
        {view.dueAt && (
          <p>
            {t('until')}：{dayTime(view.dueAt)}
          </p>
        )}
        {'speechSynthesis' in window && (
          <button
            type="button"
            onClick={() =>
              speechSynthesis.speak(
                Object.assign(new SpeechSynthesisUtterance(`${state}。${view.steps.at(-1)?.text ?? ''}`), {
                  lang: language === 'zh' ? 'zh-CN' : 'en',
                }),
              )
            }
          >
            {t('aloud')}
          </button>
        )}
      </section>
      {word}
      {view.question && (
        <Question
          question={view.question}
          busy={busy}
          onAnswer={text => act({ what: 'add', text, question: view.question!.id })}
        />
      )}
      {can('rate') && <Rate busy={busy} onRate={act} />}
      {view.rated && (
        <section>
          <h2>{t('rated')}</h2>
          <p>
            {t('star', { n: view.rated.stars })}{' '}
            {view.rated.solved === null ? '' : view.rated.solved ? t('solvedYes') : t('solvedNo')}
          </p>
        </section>
      )}
      {view.mediated && <Mediation keyOf={keyOf} />}
      <section>
        <h2>{t('history')}</h2>
        <ol class="steps">
          {view.steps.map(step => (
            <li key={step.id}>
              <strong>{stepNames[step.what]?.[at] ?? step.what}</strong> {step.unit}
              <br />
              <span class="quiet">{dayTime(step.at)}</span>
              {step.text && <div class="pre">{step.text}</div>}
            </li>
          ))}
        </ol>
      </section>
      {view.text && (
        <section>
          <h2>{t('yours')}</h2>
          <p class="pre">{view.text}</p>
        </section>
      )}
      {can('add') && (
        <Add view={view} keyOf={keyOf} busy={busy} onAdd={text => act({ what: 'add', text })} onFiles={onView} />
      )}
      {can('askReview') && (
        <Words
          title={t('review')}
          label={t('reviewWhy')}
          busy={busy}
          onSend={text => act({ what: 'askReview', text })}
        />
      )}
      {can('withdraw') && (
        <Words
          title={t('withdraw')}
          label={t('withdrawWhy')}
          busy={busy}
          onSend={async text => confirm(t('withdrawSure')) && act({ what: 'withdraw', text })}
        />
      )}
      <section>
        <h2>{t('myData')}</h2>
        <p>{t('myDataHint')}</p>
        <button type="button" onClick={() => setData(true)}>
          {t('myData')}
        </button>
      </section>
    </>
  );
}

function Question({
  question,
  busy,
  onAnswer,
}: {
  question: { text: string };
  busy: boolean;
  onAnswer(text: string): Promise<boolean>;
}) {
  const { t } = useWords();
  const [text, setText] = useState('');
  return (
    <section>
      <h2>{t('question')}</h2>
      <p class="pre say">{question.text}</p>
      <Area label={t('answerHere')} value={text} onInput={setText} maxLength={4000} />
      <button type="button" class="main" disabled={busy || !text.trim()} onClick={() => void onAnswer(text.trim())}>
        {t('send')}
      </button>
    </section>
  );
}

function Rate({ busy, onRate }: { busy: boolean; onRate(what: object): Promise<boolean> }) {
  const { t } = useWords();
  const [solved, setSolved] = useState<'yes' | 'no'>();
  const [cause, setCause] = useState<(typeof causes)[number]>();
  const [stars, setStars] = useState<string>();
  const [text, setText] = useState('');
  const ready = solved && stars && (solved === 'yes' || cause);
  return (
    <section>
      <h2>{t('rate')}</h2>
      <OneOf
        legend={t('rate')}
        name="solved"
        options={
          [
            ['yes', t('solvedYes')],
            ['no', t('solvedNo')],
          ] as const
        }
        value={solved}
        onPick={one => setSolved(one)}
      />
      {solved === 'no' && (
        <OneOf
          legend={t('why')}
          name="cause"
          options={causes.map(one => [one, t(`cause_${one}`)] as const)}
          value={cause}
          onPick={one => setCause(one)}
        />
      )}
      <OneOf
        legend={t('stars')}
        name="stars"
        options={['5', '4', '3', '2', '1'].map(n => [n, t('star', { n })] as const)}
        value={stars}
        onPick={setStars}
      />
      <Area label={t('opinion')} value={text} onInput={setText} maxLength={2000} />
      <button
        type="button"
        class="main"
        disabled={busy || !ready}
        onClick={() =>
          void onRate({
            what: 'rate',
            stars: Number(stars),
            solved: solved === 'yes',
            ...(solved === 'no' && { cause }),
            ...(text.trim() && { text: text.trim() }),
          })
        }
      >
        {t('send')}
      </button>
    </section>
  );
}

function Add({
  view,
  keyOf,
  busy,
  onAdd,
  onFiles,
}: {
  view: View;
  keyOf: Key;
  busy: boolean;
  onAdd(text: string): Promise<boolean>;
  onFiles(view: View): void;
}) {
  const { t } = useWords();
  const [text, setText] = useState('');
  const [files, setFiles] = useState<Chosen[]>([]);
  const [sending, setSending] = useState<Chosen[]>();
  return (
    <section>
      <h2>{t('add')}</h2>
      <Area label={t('addText')} value={text} onInput={setText} maxLength={4000} />
      <button
        type="button"
        disabled={busy || !text.trim()}
        onClick={async () => {
          if (await onAdd(text.trim())) setText('');
        }}
      >
        {t('send')}
      </button>
      {view.can.includes('attach') && (
        <>
          <Files files={files} onFiles={setFiles} voice />
          {files.length > 0 && !sending && (
            <button type="button" class="main" onClick={() => setSending(files)}>
              {t('files')}
            </button>
          )}
          {sending && (
            <Sending
              files={sending}
              headers={keyOf}
              onAll={async () => {
                onFiles(await ask('receipt', 'GET', '/receipt', undefined, keyOf));
                setFiles([]);
                setSending(undefined);
              }}
            />
          )}
        </>
      )}
    </section>
  );
}

/** Something that is seldom wanted: folded away until it is. */
function Words({
  title,
  label,
  busy,
  onSend,
}: {
  title: string;
  label: string;
  busy: boolean;
  onSend(text: string): Promise<unknown>;
}) {
  const { t } = useWords();
  const [text, setText] = useState('');
  return (
    <details class="card">
      <summary>{title}</summary>
      <Area label={label} value={text} onInput={setText} maxLength={1000} />
      <button type="button" disabled={busy || !text.trim()} onClick={() => void onSend(text.trim())}>
        {t('send')}
      </button>
    </details>
  );
}

function Mediation({ keyOf }: { keyOf: Key }) {
  const { t } = useWords();
  const { busy, send, word } = useSending();
  return (
    <section>
      <button
        type="button"
        class="main"
        disabled={busy}
        onClick={() =>
          void send(async () => {
            const { token } = await ask('side', 'POST', '/receipt/side', {}, keyOf);
            location.href = `/side#${token}`;
            return undefined;
          })
        }
      >
        {t('mediation')}
      </button>
      {word}
    </section>
  );
}

/** 个人信息保护法 44–47 */
function MyData({ keyOf, onBack }: { keyOf: Key; onBack(): void }) {
  const { t, language } = useWords();
  const { data, view, again } = useAsked(() => ask('data', 'GET', '/receipt/data', undefined, keyOf), []);
  const [right, setRight] = useState<'access' | 'correct' | 'delete'>('access');
  const [text, setText] = useState('');
  const { busy, send, word } = useSending();
  if (!data) return <>{view}</>;
  const { held, shown, asked } = data;
  const rows = [
    [t('name'), held.name],
    [t('phone'), held.phone],
    [t('identity'), held.identity],
    [t('address'), held.address],
    [t('yours'), held.text],
    [t('files'), held.files.map(file => `${file.name}（${Math.ceil(file.size / 1024)} kB）`).join('、') || null],
  ] as const;
  return (
    <>
      <h1>{t('myData')}</h1>
      <section>
        <h2>{t('held')}</h2>
        <dl>
          {rows.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value ?? '—'}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section>
        <h2>{t('shown')}</h2>
        {!shown.length && <p>{t('shownNone')}</p>}
        <ol class="steps">
          {shown.map((one, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the report has no ids
            <li key={i}>
              <strong>{named(t, 'shown', one.what)}</strong> {one.units.join('、')}
              <br />
              <span class="quiet">{dayTime(one.at)}</span>
              {one.reason && (
                <div>
                  {t('reason')}：{one.reason}
                </div>
              )}
            </li>
          ))}
        </ol>
      </section>
      <section>
        <h2>{t('askData')}</h2>
        <OneOf
          legend={t('askData')}
          name="right"
          options={(['access', 'correct', 'delete'] as const).map(one => [one, t(`right_${one}`)] as const)}
          value={right}
          onPick={one => setRight(one)}
        />
        <Area label={t('askDataText')} value={text} onInput={setText} maxLength={2000} />
        {word}
        <button
          type="button"
          class="main"
          disabled={busy || !text.trim()}
          onClick={() =>
            void send(async () => {
              const made = await ask(
                'askData',
                'POST',
                '/receipt/data',
                { id: mint(), action: mint(), right, text: text.trim() },
                keyOf,
              );
              setText('');
              again();
              return `${t('dataDone')}${made.receipt}`;
            })
          }
        >
          {t('send')}
        </button>
        {asked.length > 0 && <h2>{t('asked')}</h2>}
        {asked.map(one => (
          <p key={one.number}>
            {named(t, 'right', one.right)} · {one.number} · {states[one.state]?.[language === 'zh' ? 0 : 1]}
          </p>
        ))}
      </section>
      <button type="button" onClick={onBack}>
        {t('track')}
      </button>
    </>
  );
}
