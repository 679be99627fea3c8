/** @jsxImportSource preact */
/** Small wishes, shown without the wisher; a neighbour offers to help. */
import { useState } from 'preact/hooks';
import { ask, mint, prepare, type Reply, withWork } from './api.ts';
import { Area, Field, go, named, useAsked, usePage, useSending, useWords } from './pieces.tsx';
import { startDraft } from './raise.tsx';

export default function Wishes() {
  const { t } = useWords();
  const { county } = usePage();
  const { data, view } = useAsked(() => ask('open', 'GET', `/${county}/open?sort=wish`), [county]);
  return (
    <>
      <h1>{t('wishes')}</h1>
      <p>{t('wishHint')}</p>
      <button
        type="button"
        onClick={() => {
          startDraft({ kind: 'wish' });
          go(`/portal/${county}/raise`);
        }}
      >
        {t('kind_wish')}
      </button>
      {view}
      {data && !data.rows.length && <p>{t('noneYet')}</p>}
      {data?.rows.map(one => (
        <Wish key={one.id} wish={one} />
      ))}
    </>
  );
}

function Wish({ wish }: { wish: Reply<'open'>['rows'][number] }) {
  const { t } = useWords();
  const { county } = usePage();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const [phone, setPhone] = useState('');
  const [text, setText] = useState('');
  const [done, setDone] = useState(false);
  const { busy, send, word } = useSending();
  return (
    <section>
      <h2>{wish.title}</h2>
      <p class="pre">{String(wish.body.question ?? '')}</p>
      {wish.taken !== 'no' && <p class="say">{named(t, 'wish', wish.taken)}</p>}
      {wish.thanks && <p class="pre">“{wish.thanks}”</p>}
      {wish.taken === 'no' && !open && (
        <button
          type="button"
          onClick={() => {
            prepare();
            setOpen(true);
          }}
        >
          {t('wishOffer')}
        </button>
      )}
      {open && !done && (
        <form
          onSubmit={event => {
            event.preventDefault();
            void send(async () => {
              const id = mint();
              await withWork(work =>
                ask('offer', 'POST', `/${county}/wishes/${wish.id}/offers`, { id, name, phone, text, work }),
              );
              setDone(true);
              return t('offered');
            });
          }}
        >
          <Field label={t('name')} value={name} onInput={setName} autoComplete="name" required />
          <Field label={t('phone')} type="tel" value={phone} onInput={setPhone} autoComplete="tel" required />
          <Area label={t('offerText')} value={text} onInput={setText} required />
          <button type="submit" class="main" disabled={busy}>
            {t('send')}
          </button>
        </form>
      )}
      {word}
    </section>
  );
}
