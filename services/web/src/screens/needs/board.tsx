// Needs by how far they have come, a column a status: each with its place, its day and what is promised, and moved on from here.
import { useState } from 'preact/hooks';
import { address, type Page } from '../../lib/api';
import { useGet } from '../../lib/store';
import { field, title, useResource, type Resource, type Row } from '../../lib/model';
import { useRights } from '../../lib/rights';
import { may } from '../../lib/session';
import { away, day, today } from '../../lib/format';
import { label, t } from '../../lib/words';
import { Badge, Button, Title, Trouble, Waiting } from '../../ui/parts';
import { Filled } from '../../charts/filled';
import { Actions } from '../../records/action';
import { listPath, newPath, recordPath } from '../../records/paths';
import { amount, Choose, Controls, NEEDS, pathWith, Pick, placeOf, useAddress, Ways, type Params } from './around';

const SHOWN = 20;
const STATUSES = ['draft', 'capacity_review', 'open', 'partly_matched', 'matched', 'met'];
const ASKED = ['open', 'partly_matched'];
const FILTERS = ['site_id', 'in_network_id', 'focus_area_id', 'resource_kind', 'urgency'];

export function Board() {
  const { query, set } = useAddress();
  const resource = useResource('needs');
  if (!resource) return <Waiting lines={8} />;
  const filters = Object.fromEntries(FILTERS.flatMap((name) => (query[name] ? [[name, query[name]!]] : [])));
  const statuses = STATUSES.includes(query.status ?? '') ? [query.status!] : STATUSES;
  const values = (name: string) => field(resource, name)?.values ?? [];
  const kinds = field(resource, 'resource_kinds')?.item?.values ?? [];
  return (
    <>
      <Title actions={<><a class="button quiet" href={listPath('needs', filters)}>{t('needs.list')}</a>
        {may(resource.create) && <a class="button primary" href={newPath('needs')}>{t('new', { what: label('need').toLocaleLowerCase() })}</a>}</>}>{t('needs.board.title')}</Title>
      <Ways at="board" />
      <Controls>
        <Pick name="site_id" plural="sites" query={query} set={set} />
        <Pick name="in_network_id" plural="networks" query={query} set={set} text={label('network')} />
        <Pick name="focus_area_id" plural="focus_areas" query={query} set={set} />
        <Choose name="resource_kind" values={kinds} query={query} set={set} any />
        <Choose name="urgency" values={values('urgency')} query={query} set={set} any />
      </Controls>
      <Columns statuses={statuses} filters={filters} resource={resource} isOne={statuses.length === 1} />
    </>
  );
}

type OfStatus = { status: string; filters: Params };
const pathOf = ({ status, filters }: OfStatus) => address('/v1/needs', { ...filters, status, limit: SHOWN, expand: 'site,network,focus_area', count: 'exact',
  sort: status === 'met' ? '-updated_at' : 'needed_by' });

function Columns({ statuses, filters, resource, isOne }: { statuses: string[]; filters: Params; resource: Resource; isOne: boolean }) {
  return (
    <>
      <nav class="jumps" aria-label={label('status')}><ul>
        <li><a href={pathWith(`${NEEDS}/board`, filters, {})} aria-current={!isOne ? 'page' : undefined}>{t('needs.all')}</a></li>
        {STATUSES.map((status) => <Jump key={status} status={status} filters={filters} isHere={isOne && statuses[0] === status} />)}
      </ul></nav>
      <div class={isOne ? 'board one' : 'board'}>{statuses.map((status) => <Column key={status} {...{ status, filters, resource }} />)}</div>
    </>
  );
}

function Jump({ status, filters, isHere }: OfStatus & { isHere: boolean }) {
  const { data } = useGet<Page<Row>>(pathOf({ status, filters }));
  return <li><a href={pathWith(`${NEEDS}/board`, filters, { status })} aria-current={isHere ? 'page' : undefined}>{label(status)}<span class="count">{data ? data.page.total : '\u2007'}</span></a></li>;
}

function Column({ status, filters, resource }: OfStatus & { resource: Resource }) {
  const { data, problem, reload } = useGet<Page<Row>>(pathOf({ status, filters }));
  const id = `column-${status}`;
  return (
    <section class="column" aria-labelledby={id}>
      <h2 id={id}>{label(status)}{data?.page.total !== undefined && <span class="count">{data.page.total}</span>}</h2>
      {problem && <Trouble problem={problem} again={reload} />}
      {!data && !problem && <Waiting lines={2} />}
      {data?.data.length === 0 && <p class="hint">{t(`needs.none.${status}` as 'needs.none.draft')}</p>}
      <ul>{data?.data.map((row) => <li key={row.id}><Ticket row={row} resource={resource} /></li>)}</ul>
      {data?.page.has_more && <a href={listPath('needs', { ...filters, status })}>{t('all', { what: label(status).toLocaleLowerCase() })}</a>}
    </section>
  );
}

function Ticket({ row, resource }: { row: Row; resource: Resource }) {
  const [isOpen, setOpen] = useState(false);
  const name = title(row);
  const isAsked = ASKED.includes(String(row.status));
  return (
    <article class="ticket need">
      <h3><a href={recordPath('needs', row.id)}>{name}</a></h3>
      <p class="hint">{placeOf(row)} · {title(row.focus_area as Row)}</p>
      <p class="need-day">{row.urgency !== 'routine' && <Badge value={String(row.urgency)} tone={row.urgency === 'call_to_action' ? 'bad' : 'warn'} />} <Due row={row} /></p>
      {row.status !== 'draft' && row.status !== 'capacity_review' && <Promised row={row} />}
      <div class="buttons">
        {isAsked && <a class="button quiet small" href={recordPath('needs', row.id, 'matches')}>{t('need.find')}<span class="unseen"> {name}</span></a>}
        {resource.actions.some(may) && <Button class="small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>{t('need.move')}<span class="unseen"> {name}</span></Button>}
      </div>
      {isOpen && <Moves resource={resource} id={row.id} none={t('need.move.none')} />}
    </article>
  );
}

/** What it can be told now, as its own page has it. */
export function Moves({ resource, id, none }: { resource: Resource; id: string; none?: string }) {
  const { data: rights } = useRights(resource.plural, id);
  const { data, etag, problem } = useGet<Row>(`/v1/${resource.plural}/${id}`);
  if (problem) return <Trouble problem={problem} />;
  if (none && rights && !rights.actions.length) return <p class="hint">{none}</p>;
  return data ? <div class="buttons"><Actions resource={resource} row={data} etag={etag} /></div> : <Waiting lines={1} />;
}

export function Due({ row }: { row: Row }) {
  const by = String(row.needed_by);
  const isLate = by < today() && [...ASKED, 'draft', 'capacity_review'].includes(String(row.status));
  return <span class={isLate ? 'late' : ''}><time dateTime={by} title={day(by)}>{t(isLate ? 'need.was_due' : 'need.due', { when: away(by) })}</time></span>;
}

export const Promised = ({ row }: { row: Row }) => {
  const [asked, promised, delivered] = [row.quantity, row.filled, row.delivered].map(Number) as [number, number, number];
  return <Filled {...{ asked, promised, delivered }} text={[t('need.promised', { some: amount(promised, null), all: amount(asked, row.unit as string | null) }),
    delivered > 0 && t('need.delivered', { some: amount(delivered, null) })].filter(Boolean).join(', ')} />;
};

