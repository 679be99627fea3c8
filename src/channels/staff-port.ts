/** Notices of the console also go where a member of staff wants them: WeCom, mail, SMS. Ids and office words only. */
import type { House } from '../house.ts';
import { noScope, sql, systemScope } from '../kernel/db.ts';
import { dateOf } from '../matters/clocks.ts';
import type { NoticePort } from '../matters/notices.ts';
import { derivedId } from '../matters/store.ts';
import { noticeNames } from '../matters/words.ts';
import { enqueue } from './outbox.ts';
import type { ChannelName } from './words.ts';

export const staffPort = (house: House): NoticePort => ({
  name: 'staff',
  async send(notice) {
    const now = house.clock();
    // What lay there before this house told anybody is no news.
    if (notice.at < now - 86_400_000) return;
    const today = dateOf(now);
    const rows = await house.db.read<{ person: string; channel: ChannelName; language: 'zh' | 'en' }>(
      noScope,
      sql`SELECT DISTINCT a.person, a.channel, p.language FROM person_address a JOIN person p ON p.id = a.person JOIN post o ON o.person = p.id
          WHERE o.unit = ${notice.unit} AND p.disabled_at IS NULL AND o.valid_from <= ${today} AND (o.valid_to IS NULL OR o.valid_to > ${today})
            AND EXISTS (SELECT FROM channel c WHERE c.county = ${notice.county} AND c.name = a.channel AND c.enabled)`,
    );
    if (!rows.length) return;
    const matter = notice.matter
      ? await house.db.readOne<{ number: string; sensitive: boolean }>(
          systemScope,
          sql`SELECT number, sensitive FROM matter WHERE county = ${notice.county} AND id = ${notice.matter}`,
        )
      : undefined;
    // Who may not open it is not told of it either: a guarded matter is told in the console alone.
    if (matter?.sensitive) return;
    await house.db.write(systemScope, async tx => {
      for (const { person, channel, language } of rows) {
        const what =
          (noticeNames as Record<string, readonly [string, string]>)[notice.what]?.[language === 'zh' ? 0 : 1] ??
          notice.what;
        const unit = house.keeper.current.units.get(notice.unit)?.name ?? '';
        const data = { what, number: matter?.number ?? '', unit };
        const id = derivedId(house.loop, 'staff', notice.id, person, channel);
        await enqueue(
          tx,
          house,
          { county: notice.county, id, channel, template: 'notice', language, person, data, matter: notice.matter },
          now,
        );
      }
    });
  },
});
