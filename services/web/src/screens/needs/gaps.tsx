// Where what is needed is not covered: places by focus areas, as colored numbers; each cell leads to what is behind it. What is
// looked at, and which cell is open, stand in the address.
import { Fragment } from 'preact';
import { useMemo } from 'preact/hooks';
import { address } from '../../lib/api';
import { useGet } from '../../lib/store';
import * as format from '../../lib/format';
import { label, t, type Key } from '../../lib/words';
import { Badge, Button, Card, Empty, Notice, Title, Trouble, Waiting } from '../../ui/parts';
import { listPath, recordPath } from '../../records/paths';
import { Choose, Controls, Export, pathWith, Pick, useAddress, Ways, Year, NEEDS, type Params } from './around';

export interface Cell {
  place_id: string; place_name: string; focus_area_id: string; focus_area_name: string; needs: number; uncovered: number; people_affected: number; priorities: number; next_priorities: number;
  partnerships: number; programs: number; partners: number; offers: number; value_cents: number; students: number | null; partners_per_100_students: string | null;
  value_cents_per_100_students: string | null; is_gap: boolean; called_on: string | null;
}
export interface Gaps { level: string; school_year: number; as_of: string; roll_call: { sites: number; called: number; oldest_on: string | null }; gaps: number; has_more: boolean; cells: Cell[] }

const MEASURES = ['uncovered', 'needs', 'partners', 'partnerships', 'value_cents', 'partners_per_100_students', 'value_cents_per_100_students', 'priorities'] as const;
type Measure = (typeof MEASURES)[number];
const LEVELS = ['site', 'network', 'district'];
const STEPS = 4;

const shown = (measure: Measure, value: number) => (measure.startsWith('value_cents') ? format.moneyShort(value) : format.number(value, 1));
export const valueOf = (cell: Cell, measure: Measure): number | null => (cell[measure] === null ? null : Number(cell[measure]));
const keyOf = (cell: Cell) => `${cell.place_id}:${cell.focus_area_id}`;

export function GapMap() {
  const { query, set } = useAddress();
  const year = Number(query.year ?? format.thisSchoolYear());
  const level = LEVELS.includes(query.level ?? '') ? query.level! : 'site';
  const measure = MEASURES.includes(query.measure as Measure) ? query.measure as Measure : 'uncovered';
  const { data, problem, reload } = useGet<Gaps>(address('/v1/gaps', { level, school_year: year, site_id: query.site_id, network_id: query.network_id }));
  const onlyGaps = query.only === 'gaps';
  const cells = (data?.cells ?? []).filter((cell) => !onlyGaps || cell.is_gap);
  const open = cells.find((cell) => keyOf(cell) === query.cell);
  return (
    <>
      <Title actions={<><Button onClick={() => print()}>{t('dashboard.print')}</Button><Export name={`gaps-${year}-${format.today()}`} head={[...COLUMNS, 'is_gap']} rows={() => cells.map(rowOf)} disabled={!cells.length} /></>}>{t('gaps.title')}</Title>
      <Ways at="gaps" />
      <Controls>
        <Choose name="level" text={t('gaps.level')} values={LEVELS} query={{ ...query, level }} set={set} />
        <Year query={query} set={set} year={year} />
        {level === 'site' && <Pick name="network_id" plural="networks" query={query} set={set} />}
        {level === 'site' && <Pick name="site_id" plural="sites" query={query} set={set} />}
        <Choose name="measure" text={t('gaps.measure')} values={MEASURES} query={{ ...query, measure }} set={set} show={(one) => t(`gaps.${one}` as Key)} />
        <Choose name="only" text={t('gaps.only')} values={['gaps']} query={query} set={set} any show={() => t('gaps.only.gaps')} />
      </Controls>
      {problem && <Trouble problem={problem} again={reload} />}
      {!data && !problem && <Waiting lines={8} />}
      {data && <Summary data={data} />}
      {data && !cells.length && <Empty title={t('gaps.none')}><p>{t('gaps.none.more')}</p></Empty>}
      {open && <Behind cell={open} level={level} year={year} close={pathWith(`${NEEDS}/gaps`, query, { cell: null })} />}
      {cells.length > 0 && <Heat cells={cells} measure={measure} query={query} />}
    </>
  );
}

const Summary = ({ data }: { data: Gaps }) => (
  <>
    <p>{t('gaps.count', { count: data.gaps })} {t('gaps.as_of', { when: format.day(data.as_of) })} {t('gaps.called', { called: data.roll_call.called, sites: data.roll_call.sites })} <a href={listPath('roll_calls')}>{label('roll_calls')}</a></p>
    {data.has_more && <Notice tone="warn">{t('gaps.more')}</Notice>}
  </>
);

function Heat({ cells, measure, query }: { cells: Cell[]; measure: Measure; query: Params }) {
  const table = useMemo(() => {
    const areas = [...new Map(cells.map((cell) => [cell.focus_area_id, cell.focus_area_name])).entries()].sort((a, b) => a[1].localeCompare(b[1]));
    const places = new Map<string, Map<string, Cell>>();
    for (const cell of cells) {
      if (!places.has(cell.place_id)) places.set(cell.place_id, new Map());
      places.get(cell.place_id)!.set(cell.focus_area_id, cell);
    }
    return { areas, places: [...places.values()] };
  }, [cells]);
  const most = Math.max(...cells.map((cell) => valueOf(cell, measure) ?? 0), 0) || 1;
  return (
    <>
      <p class="legend" aria-hidden="true">{t('gaps.less')} {Array.from({ length: STEPS + 1 }, (_, n) => <span key={n} class={`heat-${n}`} />)} {t('gaps.most')} <Mark /> {t('gaps.is_gap')}</p>
      <div class="table-box heat" tabIndex={0} role="group" aria-label={t('gaps.title')}>
        <table>
          <caption class="unseen">{t('gaps.caption', { measure: t(`gaps.${measure}` as Key) })}</caption>
          <thead><tr><th scope="col">{t('gaps.place')}</th>{table.areas.map(([id, name]) => <th key={id} scope="col"><span>{name}</span></th>)}</tr></thead>
          <tbody>{table.places.map((row) => {
            const place = [...row.values()][0]!;
            return (
              <tr key={place.place_id}><th scope="row">{place.place_name}</th>
                {table.areas.map(([id]) => <HeatCell key={id} cell={row.get(id)} measure={measure} most={most} query={query} />)}</tr>);
          })}</tbody>
        </table>
      </div>
    </>
  );
}

const Mark = () => <svg class="gap-mark" viewBox="0 0 10 10" aria-hidden="true"><path d="M5 1 9.500 9.500h-9z" /></svg>;

function HeatCell({ cell, measure, most, query }: { cell?: Cell; measure: Measure; most: number; query: Params }) {
  if (!cell) return <td class="heat-none"><span class="unseen">{t('gaps.nothing')}</span></td>;
  const value = valueOf(cell, measure);
  const step = value ? Math.max(1, Math.ceil((STEPS * value) / most)) : 0;
  return (
    <td class={`heat-${step}`}>
      <a href={pathWith(`${NEEDS}/gaps`, query, { cell: keyOf(cell) })} aria-current={query.cell === keyOf(cell) ? 'true' : undefined} title={`${cell.place_name}: ${cell.focus_area_name}`}>
        {value === null ? t('none') : shown(measure, value)}{cell.is_gap && <><Mark /><span class="unseen"> {t('gaps.is_gap')}</span></>}
      </a>
    </td>
  );
}

/** A cell's figures, each a way to its rows. */
function Behind({ cell, level, year, close }: { cell: Cell; level: string; year: number; close: string }) {
  const focus = { focus_area_id: cell.focus_area_id };
  const place = (name: string): Params => (level === 'district' ? {} : { [name]: cell.place_id });
  const isSite = level === 'site';
  const figures: [Key, string, string | null][] = [
    ['gaps.needs', format.number(cell.needs), listPath('needs', { ...focus, ...place(isSite ? 'site_id' : 'in_network_id'), status: 'open,partly_matched,matched' })],
    ['gaps.uncovered', format.number(cell.uncovered), listPath('needs', { ...focus, ...place(isSite ? 'site_id' : 'in_network_id'), status: 'open,partly_matched' })],
    ['gaps.people', format.number(cell.people_affected), null],
    ['gaps.priorities', format.number(cell.priorities), `${NEEDS}/priorities?${new URLSearchParams({ year: String(year), ...focus })}`],
    ['gaps.next_priorities', format.number(cell.next_priorities), `${NEEDS}/priorities?${new URLSearchParams({ year: String(year + 1), ...focus })}`],
    ['gaps.partners', format.number(cell.partners), listPath('partners', { ...focus, ...(isSite ? place('site_id') : {}) })],
    ['gaps.partnerships', format.number(cell.partnerships), listPath('partnerships', { ...focus, status: 'active,paused,renewing', ...(isSite ? { lead_site_id: cell.place_id } : {}) })],
    ['gaps.programs', format.number(cell.programs), listPath('programs', focus)],
    ['gaps.offers', format.number(cell.offers), listPath('offers', { ...focus, status: 'open' })],
    ['gaps.value_cents', format.money(cell.value_cents), null],
    ['gaps.partners_per_100_students', cell.partners_per_100_students === null ? t('none') : format.number(cell.partners_per_100_students), null],
    ['gaps.value_cents_per_100_students', cell.value_cents_per_100_students === null ? t('none') : format.money(cell.value_cents_per_100_students), null],
  ];
  return (
    <Card id="behind" title={<>{cell.place_name}: {cell.focus_area_name} {cell.is_gap && <Badge value="gap" tone="bad" />}</>} actions={<a class="button quiet small" href={close}>{t('close')}</a>}>
      <p>{t(cell.is_gap ? (cell.uncovered ? 'gaps.because.uncovered' : 'gaps.because.nobody') : 'gaps.covered')}</p>
      <dl class="counts small">{figures.map(([key, value, href]) => <Fragment key={key}><div><dd>{href ? <a href={href}>{value}</a> : value}</dd><dt>{t(key)}</dt></div></Fragment>)}</dl>
      <p class="buttons">{level === 'site' && <a class="button quiet small" href={recordPath('sites', cell.place_id)}>{cell.place_name}</a>}
        <a class="button quiet small" href={`${NEEDS}/board?${new URLSearchParams({ ...focus, ...place(isSite ? 'site_id' : 'in_network_id') })}`}>{t('needs.board')}</a></p>
    </Card>
  );
}

const COLUMNS = ['place_name', 'focus_area_name', 'needs', 'uncovered', 'people_affected', 'priorities', 'next_priorities', 'partnerships', 'programs', 'partners', 'offers', 'value_cents', 'students'] as const;
const rowOf = (cell: Cell) => [...COLUMNS.map((name) => cell[name]), String(cell.is_gap)];
