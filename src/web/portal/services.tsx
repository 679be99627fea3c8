/** @jsxImportSource preact */
/** The menu of services, done for you by the grid worker where that is offered; and days to book. */
import { useState } from 'preact/hooks';
import { ask, mint, prepare, type Reply, withWork } from './api.ts';
import { clock, dayTime, Field, go, named, useAsked, usePage, useSending, useWords } from './pieces.tsx';
import { startDraft } from './raise.tsx';
import type { Word } from './words.ts';

type Data = Reply<'services'>;

export default function Services() {
  const { t } = useWords();
  const { county } = usePage();
  const { data, view, again } = useAsked(() => ask('services', 'GET', `/${county}/services`), [county]);
  return (
    <>
      <h1>{t('services')}</h1>
      {view}
      <h2>{t('menu')}</h2>
      {data && !data.services.length && <p>{t('noneYet')}</p>}
      {data?.services.map(one => (
        <details key={one.id} class="card">
          <summary>
            {one.name} <span class="quiet">{one.unit}</span>
          </summary>
          <dl>
            {(['papers', 'steps', 'time', 'fee'] as const satisfies readonly Word[]).map(
              name =>
                one.body[name] && (
                  <div key={name}>
                    <dt>{t(name)}</dt>
                    <dd>{one.body[name]}</dd>
                  </div>
                ),
            )}
          </dl>
          {one.errand && (
            <button
              type="button"
              class="main"
              onClick={() => {
                startDraft({ kind: 'request', service: one.id, text: t('errandText', { n: one.name }) });
                go(`/portal/${county}/raise`);
              }}
            >
              {t('errand')}
            </button>
          )}
        </details>
      ))}
      <h2>{t('bookDays')}</h2>
      {data && !data.receptions.length && <p>{t('noneYet')}</p>}
      {data?.receptions.map(one => (
        <Reception key={one.id} one={one} onFull={again} />
      ))}
      <LookBooking />
    </>
  );
}

function Reception({ one, onFull }: { one: Data['receptions'][number]; onFull(): void }) {
  const { t } = useWords();
  const { county } = usePage();
  const [slot, setSlot] = useState('');
  const [name, setName] = useState('');
  const [phone, setPhone] = useState('');
  const [about, setAbout] = useState('');
  const [booked, setBooked] = useState<Reply<'book'>>();
  const { busy, send, word } = useSending();
  if (booked)
    return (
      <section role="status">
        <h2>{t('booked')}</h2>
        <p>
          {dayTime(booked.at)} {booked.room}
        </p>
        <p>{t('bookingCode')}：</p>
        <p class="big">{booked.code.replace(/(.{5})/, '$1 ')}</p>
      </section>
    );
  return (
    <details class="card" onToggle={prepare}>
      <summary>
        {dayTime(one.at)} · {t(one.sort)} {one.who} {!one.free.length && `（${t('full')}）`}
      </summary>
      <p>
        {one.unit} {one.room}
      </p>
      {one.free.length > 0 && (
        <form
          onSubmit={event => {
            event.preventDefault();
            void send(async () => {
              const id = mint();
              setBooked(
                await withWork(work =>
                  ask('book', 'POST', `/${county}/bookings`, {
                    id,
                    reception: one.id,
                    slot: Number(slot),
                    name,
                    phone,
                    about,
                    work,
                  }),
                ),
              );
              return undefined;
            }).then(done => done || onFull());
          }}
        >
          <label>
            {t('slot')}
            <select value={slot} onChange={event => setSlot(event.currentTarget.value)} required>
              <option value="">{t('choose')}</option>
              {one.free.map(n => (
                <option key={n} value={n}>
                  {clock(one.at + n * one.minutes * 60_000)}
                </option>
              ))}
            </select>
          </label>
          <Field label={t('name')} value={name} onInput={setName} autoComplete="name" required />
          <Field label={t('phone')} type="tel" value={phone} onInput={setPhone} autoComplete="tel" required />
          <Field label={t('about')} value={about} onInput={setAbout} required />
          <button type="submit" class="main" disabled={busy}>
            {t('book')}
          </button>
        </form>
      )}
      {word}
    </details>
  );
}

function LookBooking() {
  const { t } = useWords();
  const { county } = usePage();
  const [code, setCode] = useState('');
  const [found, setFound] = useState<Reply<'booking'>>();
  const { busy, send, word } = useSending();
  const look = (cancel: boolean) =>
    send(async () => {
      setFound(await ask('booking', 'POST', `/${county}/bookings/look`, { code, cancel }));
      return undefined;
    });
  return (
    <section>
      <h2>{t('bookingLook')}</h2>
      <Field label={t('bookingCode')} value={code} onInput={setCode} autoComplete="off" maxLength={20} />
      <button type="button" disabled={busy || !code.trim()} onClick={() => void look(false)}>
        {t('look')}
      </button>
      {word}
      {found && (
        <>
          <p>
            {dayTime(found.at)} {found.who} {found.room}（{named(t, 'booking', found.state)}）
          </p>
          {found.state === 'booked' && (
            <button type="button" disabled={busy} onClick={() => void look(true)}>
              {t('cancel')}
            </button>
          )}
        </>
      )}
    </section>
  );
}
