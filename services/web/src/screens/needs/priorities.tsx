// What the district, its networks and its schools want most in a school year, place by place: with the needs that follow from each
// and how many partners work on it there.
import { address, type Page } from '../../lib/api';
import { useGet } from '../../lib/store';
import { title, useResource, type Row } from '../../lib/model';
import { may } from '../../lib/session';
import * as format from '../../lib/format';
import { label, t } from '../../lib/words';
import { Badge, Card, Empty, Title, Trouble, Waiting } from '../../ui/parts';
import { listPath, newPath, recordPath } from '../../records/paths';
import { Choose, Controls, Pick, placeOf, useAddress, Ways, Year, type Params } from './around';
import type { Cell, Gaps } from './gaps';

const MOST = 200;
const LEVEL = (row: Row) => (row.site_id ? 'site' : row.network_id ? 'network' : 'district');
const RANK = ['district', 'network', 'site'];

export function Priorities() {
  const { query, set } = useAddress();
  const resource = useResource('priorities');
  const year = Number(query.year ?? format.thisSchoolYear());
  const filters = Object.fromEntries(['site_id', 'network_id', 'focus_area_id', 'status'].flatMap((name) => (query[name] ? [[name, query[name]!]] : []))) as Params;
  const { data, problem, reload } = useGet<Page<Row>>(address('/v1/priorities', { ...filters, school_year: year, limit: MOST, expand: 'site,network,focus_area,indicator' }));
  const groups = new Map<string, Row[]>();
  for (const row of data?.data ?? []) {
    const place = String(row.site_id ?? row.network_id ?? '');
    groups.set(place, [...groups.get(place) ?? [], row]);
  }
  const ordered = [...groups.values()].sort(([a], [b]) => RANK.indexOf(LEVEL(a!)) - RANK.indexOf(LEVEL(b!)) || placeOf(a!).localeCompare(placeOf(b!)));
  return (
    <>
      <Title actions={<><a class="button quiet" href={listPath('priorities', { school_year: String(year) })}>{t('needs.list')}</a>
        {may(resource?.create) && <a class="button primary" href={newPath('priorities', { school_year: String(year), ...filters })}>{t('new', { what: label('priority').toLocaleLowerCase() })}</a>}</>}>{t('priorities.title')}</Title>
      <Ways at="priorities" />
      <Controls>
        <Year query={query} set={set} year={year} />
        <Pick name="site_id" plural="sites" query={query} set={set} />
        <Pick name="network_id" plural="networks" query={query} set={set} />
        <Pick name="focus_area_id" plural="focus_areas" query={query} set={set} />
        <Choose name="status" values={['draft', 'adopted', 'closed']} query={query} set={set} any />
      </Controls>
      {problem && <Trouble problem={problem} again={reload} />}
      {!data && !problem && <Waiting lines={6} />}
      {data && !ordered.length && <Empty title={t('priorities.none', { year: format.schoolYear(year) })}><p>{t('priorities.none.more')}</p></Empty>}
      {ordered.map((rows) => <Place key={rows[0]!.id} rows={rows} year={year} />)}
      {data?.page.has_more && <p><a href={listPath('priorities', { school_year: String(year) })}>{t('all', { what: label('priorities').toLocaleLowerCase() })}</a></p>}
    </>
  );
}

function Place({ rows, year }: { rows: Row[]; year: number }) {
  const level = LEVEL(rows[0]!);
  const place = String(rows[0]!.site_id ?? rows[0]!.network_id ?? '');
  const { data } = useGet<Gaps>(address('/v1/gaps', { level, school_year: year, site_id: level === 'site' ? place : undefined, network_id: level === 'network' ? place : undefined }));
  const cellOf = (row: Row) => data?.cells.find((cell) => cell.focus_area_id === row.focus_area_id && (level === 'district' || cell.place_id === place));
  const name = placeOf(rows[0]!);
  return (
    <Card id={`place-${place || 'district'}`} title={<>{level === 'site' ? <a href={recordPath('sites', place)}>{name}</a> : name}<span class="count">{rows.length}</span></>}>
      <div class="table-box" tabIndex={0} role="group" aria-label={name}><table class="rows">
        <thead><tr><th scope="col">{label('priority')}</th><th scope="col">{label('status')}</th><th scope="col">{label('focus_area')}</th><th scope="col">{t('priorities.measure')}</th><th scope="col">{label('needs')}</th><th scope="col">{t('priorities.partners')}</th></tr></thead>
        <tbody>{rows.map((row) => <OnePriority key={row.id} row={row} cell={cellOf(row)} isRead={Boolean(data)} level={level} place={place} />)}</tbody>
      </table></div>
    </Card>
  );
}

function OnePriority({ row, cell, isRead, level, place }: { row: Row; cell?: Cell; isRead: boolean; level: string; place: string }) {
  const { data: needs } = useGet<Page<Row>>(address('/v1/needs', { priority_id: row.id, limit: 1, count: 'exact' }));
  const partners = listPath('partners', { ...(row.focus_area_id ? { focus_area_id: String(row.focus_area_id) } : {}), ...(level === 'site' ? { site_id: place } : {}) });
  return (
    <tr>
      <th scope="row"><a href={recordPath('priorities', row.id)}>{title(row)}</a></th>
      <td data-label={label('status')}><Badge value={String(row.status)} /></td>
      <td data-label={label('focus_area')}>{row.focus_area ? title(row.focus_area as Row) : <span class="none">{t('none')}</span>}</td>
      <td data-label={t('priorities.measure')}>{row.indicator ? <>{title(row.indicator as Row)} {row.baseline !== null && format.figure(String(row.baseline), String((row.indicator as Row).unit))} {row.target !== null && `→ ${format.figure(String(row.target), String((row.indicator as Row).unit))}`}</> : <span class="none">{t('none')}</span>}</td>
      <td data-label={label('needs')}>{needs?.page.total ? <a class="whole" href={listPath('needs', { priority_id: row.id })}>{t('priorities.needs', { count: needs.page.total })}</a> : <a href={newPath('needs', { priority_id: row.id, ...(row.focus_area_id ? { focus_area_id: String(row.focus_area_id) } : {}), ...(row.site_id ? { site_id: String(row.site_id) } : {}) })}>{t('priorities.add_need')}</a>}</td>
      <td data-label={t('priorities.partners')} aria-busy={!isRead || undefined}>{cell?.partners ? <a class="whole" href={partners}>{t('priorities.count', { count: cell.partners })}</a> : isRead && (row.focus_area_id ? <Badge value="nobody" tone="bad" /> : <span class="none">{t('none')}</span>)}</td>
    </tr>
  );
}
