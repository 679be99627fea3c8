/** @jsxImportSource preact */
/** Raising a matter in a minute: what, where, how to reach you. What was typed stays in this tab until it was sent. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, mint, prepare, type Reply, solve, withWork } from './api.ts';
import { type Chosen, Files, Sending } from './files.tsx';
import { Area, Field, Link, OneOf, PlacePicker, useAsked, usePage, useSending, useWords } from './pieces.tsx';
import type { Word } from './words.ts';

const kindNames = ['request', 'repair', 'dispute', 'petition', 'hazard', 'wish'] as const;
type Kind = (typeof kindNames)[number];
const needs = ['thing', 'hand', 'skill'] as const;
const places = ['repair', 'hazard'] as const;

type Draft = {
  id: string;
  action: string;
  kind: Kind;
  text: string;
  region: string;
  location: { lng: number; lat: number } | null;
  address: string;
  anonymous: boolean;
  name: string;
  phone: string;
  safe: { phone: string; when: string; never: string } | null;
  against: boolean;
  service: string | null;
  need: (typeof needs)[number];
  wanted: string[];
};
const fresh = (): Draft => ({
  id: mint(),
  action: mint(),
  kind: 'request',
  text: '',
  region: '',
  location: null,
  address: '',
  anonymous: false,
  name: '',
  phone: '',
  safe: null,
  against: false,
  service: null,
  need: 'thing',
  wanted: [],
});
/** The draft lives in the tab: a phone that is passed on keeps nothing of it. */
const draftKey = 'draft';
function readDraft(): Draft {
  try {
    return { ...fresh(), ...JSON.parse(sessionStorage.getItem(draftKey) ?? '{}') };
  } catch {
    return fresh();
  }
}
export function startDraft(more: Partial<Draft>): void {
  sessionStorage.setItem(draftKey, JSON.stringify({ ...fresh(), ...more }));
}

export function Raise() {
  const { t } = useWords();
  const { county, home } = usePage();
  const [draft, setDraft] = useState(readDraft);
  const [files, setFiles] = useState<Chosen[]>([]);
  const [made, setMade] = useState<Reply<'raise'>>();
  const { busy, send, word, refuse } = useSending();
  const set = (more: Partial<Draft>) => setDraft(now => ({ ...now, ...more }));
  useEffect(() => {
    if (made) sessionStorage.removeItem(draftKey);
    else sessionStorage.setItem(draftKey, JSON.stringify(draft));
  }, [draft, made]);
  const form = useRef<HTMLFormElement>(null);
  const mayHide = (home.setting.anonymous as string[]).includes(draft.kind);
  const anonymous = draft.anonymous && mayHide;
  const codes = usePhoneCode(county, draft.phone);
  if (made) return <Done made={made} files={files} tail={anonymous ? '' : draft.phone.replace(/\D/g, '').slice(-4)} />;

  const missing = (): [Word, string] | undefined =>
    draft.text.trim().length < 2 && !files.length
      ? ['say', '#text']
      : !draft.region
        ? ['township', 'select']
        : !anonymous && !draft.name.trim()
          ? ['name', '#name']
          : !anonymous && !draft.phone.trim()
            ? ['phone', '#phone']
            : undefined;
  const submit = async (event: Event) => {
    event.preventDefault();
    const lacks = missing();
    if (lacks) {
      refuse(t('required', { n: lacks[0] === 'say' ? t('what') : t(lacks[0]) }));
      form.current?.querySelector<HTMLElement>(lacks[1])?.focus();
      return;
    }
    const { safe, against, need, wanted, service, name, phone, address, text, anonymous: _, ...plain } = draft;
    const noted = safe && Object.fromEntries(Object.entries(safe).filter(([, value]) => value.trim()));
    const body = {
      ...plain,
      text: text.trim() || t('voiceNote'),
      anonymous,
      ...(address.trim() && { address: address.trim() }),
      ...(!anonymous && { name: name.trim(), phone: phone.trim() }),
      ...(!anonymous && noted && Object.keys(noted).length > 0 && { safe: noted }),
      ...(draft.kind === 'petition' && { againstOfficial: against }),
      ...(draft.kind === 'wish' && { need }),
      ...(draft.kind === 'dispute' && wanted.length > 0 && { wanted }),
      ...(draft.kind === 'request' && service && { purpose: 'errand', service }),
      ...(codes.proof && !anonymous && { phoneCode: codes.proof }),
    };
    await send(async () => {
      setMade(await withWork(work => ask('raise', 'POST', `/${county}/matters`, { ...body, work })));
      scrollTo(0, 0);
      return undefined;
    });
  };
  return (
    <form ref={form} onSubmit={submit} onInput={prepare} noValidate>
      <h1>{t('raise')}</h1>
      <section>
        <OneOf
          legend={t('what')}
          name="kind"
          options={kindNames.map(one => [one, t(`kind_${one}`)] as const)}
          value={draft.kind}
          onPick={kind => set({ kind, service: null })}
        />
        {draft.kind === 'wish' && (
          <OneOf
            legend={t('kind_wish')}
            name="need"
            options={needs.map(one => [one, t(`need_${one}`)] as const)}
            value={draft.need}
            onPick={need => set({ need })}
          />
        )}
        <Area id="text" label={t('say')} value={draft.text} onInput={text => set({ text })} maxLength={5000} />
        <Files files={files} onFiles={setFiles} voice />
        {draft.kind === 'petition' && (
          <label class="pick">
            <input
              type="checkbox"
              checked={draft.against}
              onChange={event => set({ against: event.currentTarget.checked })}
            />
            {t('against')}
          </label>
        )}
        {draft.kind === 'dispute' && <Wanted wanted={draft.wanted} onWanted={wanted => set({ wanted })} />}
      </section>
      <section>
        <h2>{t('where')}</h2>
        <Where draft={draft} onPlace={set} />
        <Field
          label={t('address')}
          value={draft.address}
          onInput={address => set({ address })}
          autoComplete="street-address"
          maxLength={300}
        />
      </section>
      <section>
        <h2>{t('who')}</h2>
        {mayHide ? (
          <label class="pick">
            <input
              type="checkbox"
              checked={draft.anonymous}
              onChange={event => set({ anonymous: event.currentTarget.checked })}
            />
            {t('anonymous')}
          </label>
        ) : (
          <p class="quiet">{t('realName')}</p>
        )}
        {anonymous ? (
          <p class="quiet">{t('anonymousHint')}</p>
        ) : (
          <>
            <Field
              id="name"
              label={t('name')}
              value={draft.name}
              onInput={name => set({ name })}
              autoComplete="name"
              maxLength={60}
            />
            <Field
              id="phone"
              label={t('phone')}
              type="tel"
              value={draft.phone}
              onInput={phone => set({ phone })}
              autoComplete="tel"
              maxLength={20}
            />
            {home.setting.phoneCode && codes.view}
            <label class="pick">
              <input
                type="checkbox"
                checked={draft.safe !== null}
                onChange={event =>
                  set({ safe: event.currentTarget.checked ? { phone: '', when: '', never: '' } : null })
                }
              />
              {t('safe')}
            </label>
            {draft.safe && (
              <>
                <Field
                  label={t('safePhone')}
                  type="tel"
                  value={draft.safe.phone}
                  onInput={phone => set({ safe: { ...draft.safe!, phone } })}
                  maxLength={40}
                />
                <Field
                  label={t('safeWhen')}
                  value={draft.safe.when}
                  onInput={when => set({ safe: { ...draft.safe!, when } })}
                  maxLength={200}
                />
                <Field
                  label={t('safeNever')}
                  value={draft.safe.never}
                  onInput={never => set({ safe: { ...draft.safe!, never } })}
                  maxLength={500}
                />
              </>
            )}
          </>
        )}
      </section>
      {word}
      <button type="submit" class="main wide" disabled={busy}>
        {busy ? t('sending') : t('send')}
      </button>
    </form>
  );
}

function usePhoneCode(county: string, phone: string) {
  const { t } = useWords();
  const [id, setId] = useState<string>();
  const [code, setCode] = useState('');
  const { busy, send, word } = useSending();
  const ask_ = () =>
    send(async () => {
      const fresh = mint();
      await ask('phoneCode', 'POST', `/${county}/phone-codes`, { id: fresh, phone, work: await solve() });
      setId(fresh);
      return t('codeSent');
    });
  const view = (
    <>
      <button type="button" disabled={busy || phone.replace(/\D/g, '').length < 11} onClick={ask_}>
        {t('getCode')}
      </button>
      {word}
      {id && (
        <Field
          label={t('code')}
          value={code}
          onInput={setCode}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={6}
        />
      )}
    </>
  );
  return { view, proof: id && /^\d{6}$/.test(code) ? { id, code } : undefined };
}

/** Where it is: by the phone's own position, by pointing, or by name. */
function Where({ draft, onPlace }: { draft: Draft; onPlace(place: Partial<Draft>): void }) {
  const { t } = useWords();
  const { county } = usePage();
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const [map, setMap] = useState(false);
  const here = () => {
    setBusy(true);
    setSaid('');
    navigator.geolocation.getCurrentPosition(
      async ({ coords }) => {
        const { longitude: lng, latitude: lat } = coords;
        const found = await ask('where', 'GET', `/${county}/where?lng=${lng}&lat=${lat}`).catch(() => undefined);
        setBusy(false);
        if (!found?.region) return setSaid(found ? t('gpsOut') : t('gpsNo'));
        setSaid(found.name);
        // The point itself goes along only where the thing is what it shows, never where somebody lives.
        onPlace({
          region: found.region,
          location: (places as readonly string[]).includes(draft.kind) ? { lng, lat } : null,
        });
      },
      () => {
        setBusy(false);
        setSaid(t('gpsNo'));
      },
      { timeout: 15_000, maximumAge: 60_000 },
    );
  };
  const township = draft.region ? `${draft.region.slice(0, 9)}000` : '';
  return (
    <>
      {'geolocation' in navigator && (
        <button type="button" onClick={here} disabled={busy}>
          {busy ? t('loading') : t('gps')}
        </button>
      )}
      <p role="status">{said}</p>
      <PlacePicker region={draft.region} onPick={region => onPlace({ region, location: null })} />
      {township && (
        <button type="button" aria-expanded={map} onClick={() => setMap(!map)}>
          {t('map')}
        </button>
      )}
      {map && township && (
        <GridMap township={township} region={draft.region} onPick={region => onPlace({ region, location: null })} />
      )}
    </>
  );
}

/** The grids of a township as outlines: a thumb finds its own without a map of the world. */
function GridMap({ township, region, onPick }: { township: string; region: string; onPick(region: string): void }) {
  const { t } = useWords();
  const { county } = usePage();
  const { data, view } = useAsked(() => ask('map', 'GET', `/${county}/map/${township}`), [township]);
  if (!data) return <>{view}</>;
  const points = data.grids.flatMap(grid => grid.rings.flat());
  if (!points.length) return <p>{t('noneYet')}</p>;
  const [west, east] = [Math.min(...points.map(p => p[0])), Math.max(...points.map(p => p[0]))];
  const [south, north] = [Math.min(...points.map(p => p[1])), Math.max(...points.map(p => p[1]))];
  const k = Math.cos((south * Math.PI) / 180);
  const scale = 1000 / Math.max((east - west) * k, north - south);
  const at = ([x, y]: [number, number]) => `${((x - west) * k * scale).toFixed(1)} ${((north - y) * scale).toFixed(1)}`;
  return (
    <>
      <p class="quiet">
        {t('mapHint')} {data.grids.find(grid => grid.code === region)?.name}
      </p>
      {/* biome-ignore lint/a11y/useSemanticElements: a picture whose parts are buttons */}
      <svg
        class="map"
        viewBox={`-5 -5 ${((east - west) * k * scale + 10).toFixed(0)} ${((north - south) * scale + 10).toFixed(0)}`}
        role="group"
        aria-label={t('map')}
      >
        {data.grids.map(grid => (
          // biome-ignore lint/a11y/useSemanticElements: a path of a picture that can be pressed
          <path
            key={grid.code}
            d={grid.rings.map(ring => `M${ring.map(at).join('L')}Z`).join('')}
            stroke-width={4}
            role="button"
            tabindex={0}
            aria-label={grid.name}
            aria-pressed={grid.code === region}
            onClick={() => onPick(grid.code)}
            onKeyDown={event =>
              (event.key === 'Enter' || event.key === ' ') && (event.preventDefault(), onPick(grid.code))
            }
          />
        ))}
      </svg>
    </>
  );
}

function Wanted({ wanted, onWanted }: { wanted: string[]; onWanted(wanted: string[]): void }) {
  const { t } = useWords();
  const { county } = usePage();
  const [open, setOpen] = useState(wanted.length > 0);
  const { data, view } = useAsked(
    () => (open ? ask('mediators', 'GET', `/${county}/mediators`) : Promise.resolve(undefined)),
    [open],
  );
  return (
    <fieldset>
      <legend>{t('wanted')}</legend>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        {t('mediators')} {wanted.length || ''}
      </button>
      {open && view}
      {open &&
        data?.mediators.map(one => (
          <label key={one.id} class="pick">
            <input
              type="checkbox"
              checked={wanted.includes(one.id)}
              onChange={event =>
                onWanted(
                  event.currentTarget.checked ? [...wanted, one.id].slice(0, 9) : wanted.filter(id => id !== one.id),
                )
              }
            />
            <span>
              {one.name}　<span class="quiet">{[one.committee, ...one.specialities].join(' · ')}</span>
            </span>
          </label>
        ))}
    </fieldset>
  );
}

function Done({ made, files, tail }: { made: Reply<'raise'>; files: Chosen[]; tail: string }) {
  const { t } = useWords();
  const { county } = usePage();
  const [copied, setCopied] = useState(false);
  const [qr, setQr] = useState('');
  const spaced = made.receipt.replace(/(\d{4})(?=\d)/g, '$1 ');
  // The code stands behind the #: it reaches no server and no log.
  const link = `/portal/${county}/track#${made.receipt}`;
  useEffect(() => {
    import('uqr').then(({ renderSVG }) =>
      setQr(`data:image/svg+xml,${encodeURIComponent(renderSVG(location.origin + link, { border: 2 }))}`),
    );
  }, [link]);
  return (
    <section role="status">
      <h1>{t('done')}</h1>
      <p>
        {t('number')}：{made.number}
      </p>
      <p>{t('receipt')}：</p>
      <p class="big">{spaced}</p>
      {qr && <img class="qr" alt={t('receipt')} src={qr} />}
      <p>{t('receiptHint')}</p>
      {tail && <p>{t('tailHint')}</p>}
      {files.length > 0 && <Sending files={files} headers={{ 'x-receipt': made.receipt, 'x-tail': tail }} />}
      <button type="button" onClick={() => navigator.clipboard?.writeText(made.receipt).then(() => setCopied(true))}>
        {copied ? t('copied') : t('copy')}
      </button>
      <button type="button" onClick={() => print()}>
        {t('print')}
      </button>
      <Link to={link} class="button main">
        {t('see')}
      </Link>
    </section>
  );
}
