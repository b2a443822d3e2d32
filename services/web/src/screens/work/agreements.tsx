// Agreements by how far they have come; what is in force stands by when it ends.
import { useLocation } from 'preact-iso';
import { address, type Page } from '../../lib/api';
import type { Row } from '../../lib/model';
import { title } from '../../lib/model';
import { useGet } from '../../lib/store';
import * as format from '../../lib/format';
import { label, t } from '../../lib/words';
import { Badge, Button, Title, Trouble, Waiting } from '../../ui/parts';
import { List } from '../../records/list';
import { listPath, recordPath } from '../../records/paths';

const STATUSES = ['draft', 'returned', 'review', 'board_approval', 'out_for_signature'] as const;
const READ = 200;
const SHOWN = 20;
const AHEAD_DAYS = 180;

export const Agreements = () => (useLocation().query.view === 'board' ? <Board /> : <List plural="agreements" />);

const inDays = (days: number) => new Date(Date.parse(`${format.today()}T12:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

function Board() {
  return (
    <>
      <Title crumbs={<a href={listPath('agreements')}>{label('agreements')}</a>} actions={<><a class="button quiet" href={listPath('renewal_campaigns')}>{label('renewal_campaigns')}</a><Button onClick={() => print()}>{t('dashboard.print')}</Button></>}>{t('agreements.board')}</Title>
      <div class="board" tabIndex={0} role="group" aria-label={t('agreements.board')}>
        {STATUSES.map((status) => <Column key={status} id={status} name={label(status)} query={{ status }} />)}
        <Column id="ends" name={t('agreements.ends', { count: AHEAD_DAYS })} query={{ status: 'in_force', 'expires_on[lte]': inDays(AHEAD_DAYS) }} />
      </div>
    </>
  );
}

function Column({ id, name, query }: { id: string; name: string; query: Record<string, string> }) {
  const { data, problem } = useGet<Page<Row>>(address('/v1/agreements', { ...query, limit: READ, count: 'exact' }));
  const soonest = [...data?.data ?? []].sort((a, b) => String(a.expires_on ?? '9').localeCompare(String(b.expires_on ?? '9')));
  return (
    <section class="column" aria-labelledby={`column-${id}`}>
      <h2 id={`column-${id}`}>{name}{data?.page.total !== undefined && <span class="count">{data.page.total}</span>}</h2>
      {problem && <Trouble problem={problem} />}
      {!data && !problem && <Waiting lines={2} />}
      <ul>{soonest.slice(0, SHOWN).map((row) => (
        <li key={row.id}><a class="ticket" href={recordPath('agreements', row.id)}>
          <b>{title(row)}</b>
          <span class="hint">{[label(String(row.kind)), row.board_on && t('agreements.board_on', { when: format.day(String(row.board_on)) }), row.expires_on && t('agreements.until', { when: format.day(String(row.expires_on)), away: format.away(String(row.expires_on)) })].filter(Boolean).join(' · ')}</span>
          {row.status === 'in_force' && !row.is_valid && <Badge value="lapsed" />}
        </a></li>
      ))}</ul>
      {data && !data.data.length && <p class="hint">{t('empty.related')}</p>}
      {soonest.length > SHOWN && <a href={listPath('agreements', query)}>{t('more')}</a>}
    </section>
  );
}
