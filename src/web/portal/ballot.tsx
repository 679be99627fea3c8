/** @jsxImportSource preact */
/** The yearly public review: the ticket buys one blind signature, the ballot carries that alone (RFC 9474). */
import { RSABSSA } from '@cloudflare/blindrsa-ts';
import { useState } from 'preact/hooks';
import { base64, unbase64 } from '../../kernel/bytes.ts';
import { ask } from './api.ts';
import { Field, OneOf, useAsked, usePage, useSending, useWords } from './pieces.tsx';

const marks = ['5', '4', '3', '2', '1'] as const;

export default function Ballot() {
  const { t } = useWords();
  const { county } = usePage();
  const review = location.pathname.split('/')[4] ?? '';
  const { data, view } = useAsked(() => ask('review', 'GET', `/${county}/reviews/${review}`), [review]);
  const [ticket, setTicket] = useState(location.hash.slice(1));
  const [given, setGiven] = useState<Record<string, string>>({});
  const [done, setDone] = useState(false);
  // What was signed for this ticket is kept until it was cast: the answer may be lost on the way.
  const [signed, setSigned] = useState<{ token: string; signature: string }>();
  const { busy, send, word } = useSending();
  if (!data) return <>{view}</>;
  const cast = () =>
    send(async () => {
      let ballot = signed;
      if (!ballot) {
        const suite = RSABSSA.SHA384.PSS.Randomized();
        const key = await crypto.subtle.importKey(
          'spki',
          new Uint8Array(unbase64(data.key)),
          { name: 'RSA-PSS', hash: 'SHA-384' },
          true,
          ['verify'],
        );
        const message = suite.prepare(crypto.getRandomValues(new Uint8Array(32)));
        const { blindedMsg, inv } = await suite.blind(key, message);
        const { signature } = await ask('signBallot', 'POST', `/${county}/reviews/${review}/sign`, {
          ticket,
          blinded: base64(blindedMsg),
        });
        const final = await suite.finalize(key, message, unbase64(signature), inv);
        ballot = { token: base64(message), signature: base64(final) };
        setSigned(ballot);
      }
      const counted = Object.fromEntries(Object.entries(given).map(([unit, mark]) => [unit, Number(mark)]));
      await ask('ballot', 'POST', `/${county}/reviews/${review}/ballots`, { ...ballot, marks: counted });
      setDone(true);
      return undefined;
    });
  if (done) return <p class="say">{t('ballotDone')}</p>;
  return (
    <>
      <h1>{data.title}</h1>
      <p>{t('ballotHint')}</p>
      {!data.open && <p class="say late">{t('ballotOver')}</p>}
      {data.open && (
        <form
          onSubmit={event => {
            event.preventDefault();
            void cast();
          }}
        >
          <section>
            <Field label={t('ticket')} value={ticket} onInput={setTicket} autoComplete="off" maxLength={40} required />
          </section>
          {data.units.map(unit => (
            <section key={unit.id}>
              <OneOf
                legend={unit.name}
                name={unit.id}
                options={marks.map(n => [n, t('star', { n })] as const)}
                value={given[unit.id] as (typeof marks)[number]}
                onPick={mark => setGiven({ ...given, [unit.id]: mark })}
              />
            </section>
          ))}
          {word}
          <button type="submit" class="main wide" disabled={busy || !ticket.trim() || !Object.keys(given).length}>
            {t('ballotSend')}
          </button>
        </form>
      )}
    </>
  );
}
