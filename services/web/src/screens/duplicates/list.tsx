// Records that may be of one partner or person, the surest first.
import { useLocation } from 'preact-iso';
import { address, type Page } from '../../lib/api';
import { useGet } from '../../lib/store';
import { values } from '../../lib/format';
import { label, t } from '../../lib/words';
import { Badge, Button, Empty, Title, Trouble, Waiting } from '../../ui/parts';
import { listPath, recordPath } from '../../records/paths';
import type { Pair } from './compare';

const KINDS = ['partner', 'contact'] as const;

export function Duplicates() {
  const { query, route } = useLocation();
  const { data, problem, reload } = useGet<Page<Pair>>(address('/v1/duplicate_pairs', { kind: query.kind, is_dismissed: query.dismissed ? null : false, limit: 100, sort: '-score' }));
  const to = (changes: Record<string, string>) => route(listPath('duplicate_pairs', Object.fromEntries(Object.entries({ ...query, ...changes }).filter(([, value]) => value))), true);
  return (
    <>
      <Title>{t('duplicates.title')}</Title>
      <p>{t('duplicates.teach')}</p>
      <div class="filters" role="group" aria-label={t('filters')}>
        <Button class="small" aria-pressed={!query.kind} onClick={() => to({ kind: '' })}>{t('any')}</Button>
        {KINDS.map((kind) => <Button key={kind} class="small" aria-pressed={query.kind === kind} onClick={() => to({ kind })}>{label(`${kind}s`)}</Button>)}
        <Button class="small" aria-pressed={Boolean(query.dismissed)} onClick={() => to({ dismissed: query.dismissed ? '' : 'shown' })}>{t('duplicates.with_dismissed')}</Button>
      </div>
      {problem && <Trouble problem={problem} again={reload} />}
      {!data && !problem && <Waiting lines={6} />}
      {data && !data.data.length && <Empty title={t('duplicates.none')} />}
      <ul class="pairs">{data?.data.map((pair) => (
        <li key={pair.id} class="card pair">
          <div><a href={recordPath(`${pair.kind}s`, pair.first_id)}>{pair.first_name ?? t('none')}</a> <span class="hint">{t('duplicates.and')}</span> <a href={recordPath(`${pair.kind}s`, pair.second_id)}>{pair.second_name ?? t('none')}</a>
            <p class="hint">{label(pair.kind)} · {t('duplicates.alike', { what: values(pair.reasons).toLocaleLowerCase() })} {pair.is_dismissed && <Badge value="dismissed" tone="plain" />}</p></div>
          <a class="button quiet small" href={recordPath('duplicate_pairs', pair.id)}>{t('duplicates.compare_it')}<span class="unseen"> {pair.first_name}, {pair.second_name}</span></a>
        </li>
      ))}</ul>
      {data?.page.has_more && <p class="end">{t('duplicates.more')}</p>}
    </>
  );
}
