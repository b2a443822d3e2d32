// The landscape as it was kept on two days, side by side: who came and went, which gaps opened and closed.
import { address, type Page } from '../../lib/api';
import { useGet } from '../../lib/store';
import { title, useResource, type Row } from '../../lib/model';
import { may } from '../../lib/session';
import * as format from '../../lib/format';
import { label, t } from '../../lib/words';
import { Badge, Card, Empty, Notice, Title, Trouble, Waiting } from '../../ui/parts';
import { newPath, recordPath } from '../../records/paths';
import { Choose, Controls, Export, useAddress, Ways } from './around';

interface Side { id: string; name: string; taken_on: string; partners: number; partnerships: number; needs: number; gaps: number }
interface Named { id: string; name: string }
interface Cell { place_id: string; place_name: string; focus_area_id: string; focus_area_name: string; partners_before: number; partners_after: number; needs_before: number; needs_after: number;
  uncovered_before: number; uncovered_after: number; offers_before: number; offers_after: number; was_gap: boolean; is_gap: boolean }
interface Comparison { before: Side; after: Side; came: Named[]; went: Named[]; gaps_opened: number; gaps_closed: number; has_more: boolean; cells: Cell[] }

const COUNTS = ['partners', 'partnerships', 'needs', 'gaps'] as const;
const BETTER_UP: Record<string, boolean> = { partners: true, partnerships: true, needs: false, gaps: false };
const WHATS = ['partners', 'needs', 'uncovered', 'offers'] as const;

export function Landscape() {
  const { query, set } = useAddress();
  const resource = useResource('landscape_snapshots');
  const { data, problem, reload } = useGet<Page<Row>>('/v1/landscape_snapshots?limit=100&sort=-created_at');
  const all = data?.data ?? [];
  const after = query.after ?? all[0]?.id;
  const before = query.before ?? all.find((one) => one.id !== after)?.id;
  const named = (id: string) => { const one = all.find((row) => row.id === id); return one ? `${format.day(String(one.taken_on))}: ${title(one)}` : id; };
  const chosen = { before: before ?? '', after: after ?? '' };
  return (
    <>
      <Title actions={may(resource?.create) && <a class="button primary" href={newPath('landscape_snapshots', { school_year: String(format.thisSchoolYear()) })}>{t('landscape.keep')}</a>}>{t('landscape.title')}</Title>
      <Ways at="landscape" />
      {problem && <Trouble problem={problem} again={reload} />}
      {!data && !problem && <Waiting lines={6} />}
      {data && all.length < 2 && <Empty title={t(all.length ? 'landscape.one' : 'landscape.none')}><p>{t('landscape.none.more')}</p>
        {all.map((one) => <p key={one.id}><a href={recordPath('landscape_snapshots', one.id)}>{named(one.id)}</a></p>)}</Empty>}
      {all.length >= 2 && <Controls wide>
        <Choose name="before" text={t('landscape.before')} values={all.map((one) => one.id)} query={chosen} set={set} show={named} />
        <Choose name="after" text={t('landscape.after')} values={all.map((one) => one.id)} query={chosen} set={set} show={named} />
      </Controls>}
      {before && after && (before === after ? <Notice>{t('landscape.same')}</Notice> : <Compared before={before} after={after} />)}
    </>
  );
}

function Compared({ before, after }: { before: string; after: string }) {
  const { data, problem, reload } = useGet<Comparison>(address(`/v1/landscape_snapshots/${after}/comparison`, { with: before }));
  if (problem) return <Trouble problem={problem} again={reload} />;
  if (!data) return <Waiting lines={6} />;
  return (
    <>
      <Card id="landscape-sums" title={`${format.day(data.before.taken_on)} – ${format.day(data.after.taken_on)}`}>
        <dl class="counts">{COUNTS.map((name) => { const [was, is] = [data.before[name], data.after[name]]; return (
          <div key={name}><dd>{format.number(was)} → {format.number(is)} {is !== was && <Change by={is - was} isGood={(is > was) === BETTER_UP[name]} />}</dd><dt>{t(`landscape.${name}`)}</dt></div>); })}</dl>
        <p>{t('landscape.opened', { count: data.gaps_opened })} {t('landscape.closed', { count: data.gaps_closed })}</p>
      </Card>
      <div class="halves">
        <People id="came" text={t('landscape.came')} none={t('landscape.came.none')} rows={data.came} />
        <People id="went" text={t('landscape.went')} none={t('landscape.went.none')} rows={data.went} />
      </div>
      <Card id="cells" title={t('landscape.cells')} actions={<Export name={`landscape-${data.before.taken_on}-${data.after.taken_on}`} head={COLUMNS} rows={() => data.cells.map(rowOf)} disabled={!data.cells.length} />}>
        {data.has_more && <Notice tone="warn">{t('gaps.more')}</Notice>}
        {!data.cells.length ? <Empty title={t('landscape.cells.none')} /> : (
          <div class="table-box" tabIndex={0} role="group" aria-label={t('landscape.cells')}><table class="rows">
            <thead><tr><th scope="col">{t('gaps.place')}</th><th scope="col">{label('focus_area')}</th><th scope="col">{t('landscape.gap')}</th>{WHATS.map((what) => <th key={what} scope="col" class="number">{t(`gaps.${what}`)}</th>)}</tr></thead>
            <tbody>{data.cells.map((cell) => (
              <tr key={cell.place_id + cell.focus_area_id}><th scope="row">{cell.place_name}</th><td data-label={label('focus_area')}>{cell.focus_area_name}</td>
                <td data-label={t('landscape.gap')}>{cell.is_gap !== cell.was_gap ? <Badge value={cell.is_gap ? 'gap_opened' : 'gap_closed'} tone={cell.is_gap ? 'bad' : 'good'} /> : cell.is_gap ? <Badge value="gap" tone="warn" /> : <span class="none">{t('none')}</span>}</td>
                {WHATS.map((what) => { const [was, is] = [cell[`${what}_before`], cell[`${what}_after`]]; return <td key={what} class="number" data-label={t(`gaps.${what}`)}>{was === is ? format.number(is) : `${format.number(was)} → ${format.number(is)}`}</td>; })}</tr>))}</tbody>
          </table></div>)}
      </Card>
    </>
  );
}

const Change = ({ by, isGood }: { by: number; isGood: boolean }) =>
  <span class={`change ${isGood ? 'better' : 'worse'}`}><span aria-hidden="true">{by > 0 ? '▲' : '▼'}</span><span class="unseen">{t(isGood ? 'dashboard.better' : 'dashboard.worse')}</span></span>;

const People = ({ id, text, none, rows }: { id: string; text: string; none: string; rows: Named[] }) => (
  <Card id={id} title={<>{text}<span class="count">{rows.length}</span></>}>
    {rows.length ? <ul class="names">{rows.map((one) => <li key={one.id}><a href={recordPath('partners', one.id)}>{one.name}</a></li>)}</ul> : <p class="hint">{none}</p>}
  </Card>
);

const COLUMNS = ['place_name', 'focus_area_name', 'was_gap', 'is_gap', ...WHATS.flatMap((what) => [`${what}_before`, `${what}_after`])];
const rowOf = (cell: Cell) => [cell.place_name, cell.focus_area_name, String(cell.was_gap), String(cell.is_gap), ...WHATS.flatMap((what) => [cell[`${what}_before`], cell[`${what}_after`]])];
