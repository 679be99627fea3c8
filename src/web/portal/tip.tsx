/** @jsxImportSource preact */
/** A tip-off: sealed here, before it leaves the phone. The receipt is made here too, and never leaves it. */
import { useState } from 'preact/hooks';
import { answerKeyOf, codeOf, newReceipt, openAnswer, sealTip } from '../../tips/sealing.ts';
import { ask, mint, prepare, withWork } from './api.ts';
import { Area, Field, named, OneOf, useAsked, usePage, useSending, useWords } from './pieces.tsx';

export default function Tip() {
  const { t } = useWords();
  const { county } = usePage();
  const { data, view } = useAsked(() => ask('organs', 'GET', `/${county}/organs`), [county]);
  const [unit, setUnit] = useState<string>();
  const [text, setText] = useState('');
  const [about, setAbout] = useState('');
  const [contact, setContact] = useState('');
  const [receipt, setReceipt] = useState('');
  const { busy, send, word } = useSending();
  const organ = data?.organs.find(one => one.unit === unit);
  if (receipt)
    return (
      <section role="status">
        <h1>{t('tipSealed')}</h1>
        <p>{t('tipReceipt')}：</p>
        <p class="big">{receipt.replace(/(.{5})(?=.)/g, '$1 ')}</p>
        <p>{t('tipReceiptHint')}</p>
        <button type="button" onClick={() => print()}>
          {t('print')}
        </button>
      </section>
    );
  return (
    <>
      <h1>{t('tip')}</h1>
      <p class="say">{t('tipHint')}</p>
      {view}
      {data && !data.organs.length && <p>{t('tipNone')}</p>}
      {data && data.organs.length > 0 && (
        <form
          onInput={prepare}
          onSubmit={event => {
            event.preventDefault();
            if (!organ) return;
            void send(async () => {
              const fresh = newReceipt();
              const sealed = await sealTip(organ.key, { text, about, contact, answer: await answerKeyOf(fresh) });
              const code = await codeOf(fresh);
              const id = mint();
              await withWork(work =>
                ask('tip', 'POST', `/${county}/tips`, { id, unit: organ.unit, n: organ.n, sealed, code, work }),
              );
              setReceipt(fresh);
              return undefined;
            });
          }}
        >
          <section>
            <OneOf
              legend={t('tipOrgan')}
              name="organ"
              options={data.organs.map(one => [one.unit, `${one.name}（${named(t, 'tip', one.sort)}）`] as const)}
              value={unit}
              onPick={setUnit}
            />
            <Area label={t('tipText')} value={text} onInput={setText} maxLength={20_000} required />
            <Area label={t('tipAbout')} value={about} onInput={setAbout} maxLength={5000} />
            <Field label={t('tipContact')} value={contact} onInput={setContact} autoComplete="off" maxLength={200} />
          </section>
          {word}
          <button type="submit" class="main wide" disabled={busy || !organ || !text.trim()}>
            {busy ? t('sending') : t('send')}
          </button>
        </form>
      )}
      <LookTip />
    </>
  );
}

function LookTip() {
  const { t } = useWords();
  const { county } = usePage();
  const [receipt, setReceipt] = useState('');
  const [found, setFound] = useState<{ state: string; answers: string[] }>();
  const { busy, send, word } = useSending();
  return (
    <details class="card">
      <summary>{t('tipLook')}</summary>
      <Field label={t('tipReceipt')} value={receipt} onInput={setReceipt} autoComplete="off" maxLength={60} />
      <button
        type="button"
        disabled={busy || !receipt.trim()}
        onClick={() =>
          void send(async () => {
            const { state, replies } = await ask('tipState', 'POST', `/${county}/tips/look`, {
              code: await codeOf(receipt),
            });
            const key = await answerKeyOf(receipt);
            setFound({ state, answers: await Promise.all(replies.map(reply => openAnswer(key, reply))) });
            return undefined;
          })
        }
      >
        {t('look')}
      </button>
      {word}
      {found && (
        <div role="status">
          <p>
            <strong>{named(t, 'tipState', found.state)}</strong>
          </p>
          {found.answers.map((answer, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: answers only ever grow
            <p key={i} class="pre say">
              {answer}
            </p>
          ))}
        </div>
      )}
    </details>
  );
}
