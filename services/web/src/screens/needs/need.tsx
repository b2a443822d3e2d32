// On a need's page: what is promised of it, by whom, who was asked, and what each may be told next.
import { address, type Page, type Plural } from '../../lib/api';
import { useGet } from '../../lib/store';
import { title, useResource, type Row } from '../../lib/model';
import { may } from '../../lib/session';
import { away, day } from '../../lib/format';
import { t } from '../../lib/words';
import { Badge, Card, Empty, Trouble, Waiting } from '../../ui/parts';
import { newPath, recordPath } from '../../records/paths';
import { amount } from './around';
import { Due, Moves, Promised } from './board';

const OPEN = ['open', 'partly_matched'];

export function NeedProgress({ row }: { row: Row }) {
  return (
    <>
      <Card id="progress" title={t('need.progress')} actions={OPEN.includes(String(row.status)) && <a class="button primary small" href={recordPath('needs', row.id, 'matches')}>{t('need.find')}</a>}>
        <Promised row={row} />
        <p><Badge value={String(row.urgency)} tone={row.urgency === 'routine' ? 'plain' : 'warn'} /> <Due row={row} /></p>
      </Card>
      <Answers plural="asks" query={{ need_id: row.id }} unit={row.unit as string | null} empty={t('need.asks.none')} />
      <Answers plural="pledges" query={{ need_id: row.id }} unit={row.unit as string | null} empty={t('need.pledges.none')} add={OPEN.includes(String(row.status)) ? newPath('pledges', { need_id: row.id }) : undefined} />
    </>
  );
}

/** Asks or pledges, each with its partner, how much, how it stands, and what can be done now. */
export function Answers({ plural, query, unit, empty, add, more }: { plural: Extract<Plural, 'asks' | 'pledges'>; query: Record<string, string>; unit: string | null; empty: string; add?: string;
  more?: (row: Row) => preact.ComponentChildren }) {
  const resource = useResource(plural);
  const { data, problem, reload } = useGet<Page<Row>>(address(`/v1/${plural}`, { ...query, limit: 200, sort: '-created_at', expand: 'partner,need' }));
  return (
    <Card id={`answers-${plural}`} title={<>{t(plural === 'asks' ? 'need.asks' : 'need.pledges')}{data && data.data.length > 0 && <span class="count">{data.data.length}</span>}</>}
      actions={add && may(resource?.create) && <a class="button quiet small" href={add}>{t('add')}</a>}>
      {problem && <Trouble problem={problem} again={reload} />}
      {(!data || !resource) && !problem && <Waiting lines={2} />}
      {data?.data.length === 0 && <Empty title={empty} />}
      {resource && <ul class="answers">{data?.data.map((row) => (
        <li key={row.id}>
          <div><a href={recordPath(plural, row.id)}>{title(row.partner as Row)}</a> <Badge value={String(row.status)} />
            {!query.need_id && <p class="hint">{title(row.need as Row)}</p>}
            <p class="hint">{[row.quantity !== null && amount(Number(row.quantity), unit), plural === 'pledges' ? Number(row.delivered) > 0 && t('need.delivered', { some: amount(Number(row.delivered), null) }) : waits(row),
              row.status_reason].filter(Boolean).join(' · ')}</p></div>
          <div class="buttons">{more?.(row)}{resource.actions.some(may) && <Moves resource={resource} id={row.id} />}</div>
        </li>))}</ul>}
    </Card>
  );
}

/** Of an ask: what it waits for. */
const waits = (row: Row) => (row.status === 'draft' ? (row.held_at ? t('need.held') : row.submitted_at && !row.cleared_at ? t('need.shown') : '')
  : row.status === 'sent' ? [row.mail_on && t('need.mail_on', { when: day(String(row.mail_on)) }), row.respond_by && t('need.answer', { when: away(String(row.respond_by)) })].filter(Boolean).join(' · ') : '');

