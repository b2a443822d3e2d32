// All that a search finds, on a page with an address of its own.
import { useLocation } from 'preact-iso';
import { address, type Page } from '../lib/api';
import { useGet } from '../lib/store';
import { pluralOf } from '../lib/model';
import { label, t } from '../lib/words';
import { Empty, Title, Trouble, Waiting } from '../ui/parts';
import { recordPath } from '../records/paths';
import type { Found } from '../frame/search';

export function SearchResults() {
  const text = useLocation().query.q ?? '';
  const { data, problem, reload } = useGet<Page<Found>>(text ? address('/v1/search', { q: text, limit: 50 }) : null);
  return (
    <>
      <Title>{t('search.title', { text })}</Title>
      {problem && <Trouble problem={problem} again={reload} />}
      {!data && !problem && text && <Waiting />}
      {data && !data.data.length && <Empty title={t('search.none', { text })} />}
      {data && <ul class="results">{data.data.map((one) => (
        <li key={one.id}><a href={recordPath(pluralOf(one.kind), one.id)}>{one.name}</a> <span class="hint">{label(one.kind)}</span></li>
      ))}</ul>}
    </>
  );
}
