// A list of any resource: searched, filtered, sorted and shared by its address; more rows come as one comes near the end.
import { Component } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { address, download, get, Problem, type Page, type Plural, type Query } from '../lib/api';
import { useGet } from '../lib/store';
import { hint } from '../lib/hint';
import { title, useResource, type Field, type Filter, type Resource, type Row } from '../lib/model';
import { may } from '../lib/session';
import { today } from '../lib/format';
import { label, t } from '../lib/words';
import { Badge, Button, Empty, Menu, Title, Trouble, Waiting } from '../ui/parts';
import { Icon } from '../ui/icons';
import { tellTrouble } from '../ui/toast';
import { Bulk, isBulk, type Chosen } from './bulk';
import { columnsOf, expandsOf } from './columns';
import { listPath, newPath, recordPath } from './paths';
import { WAYS } from './ways';
import { Picker } from './picker';
import { Frame } from './input';
import { Reference, Value } from './value';

const ROWS = 100;
const REST_MS = 250;
const SHEET = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** What the address says, as the API is to be asked. */
function queryOf(resource: Resource, params: Record<string, string>, columns: Field[]): Query {
  const known = new Set([...resource.list.filters.map((filter) => filter.name), 'q', 'sort', 'saved_filter', 'archived', 'count',
    ...resource.list.ranges.flatMap((name) => [`${name}[gte]`, `${name}[lte]`])]);
  return {
    ...Object.fromEntries(Object.entries(params).filter(([name]) => known.has(name))),
    expand: expandsOf(resource, columns),
    limit: ROWS,
  };
}

/** Pages behind the first, which the store has. */
function useMore(path: string, first: Page<Row> | undefined) {
  const [more, set] = useState<{ path: string; pages: Row[][]; cursor: string | null }>({ path: '', pages: [], cursor: null });
  const [isReading, setReading] = useState(false);
  const isOurs = more.path === path;
  const cursor = isOurs && more.pages.length ? more.cursor : first?.page.next_cursor ?? null;
  const next = async () => {
    if (!cursor || isReading) return;
    setReading(true);
    try {
      const { data } = await get<Page<Row>>(`${path}&cursor=${encodeURIComponent(cursor)}`);
      set({ path, pages: [...(isOurs ? more.pages : []), data.data], cursor: data.page.next_cursor });
    } catch (error) {
      if (error instanceof Problem) tellTrouble(error.detail || t('problem.away'));
    }
    setReading(false);
  };
  return { pages: isOurs ? more.pages : [], hasMore: Boolean(cursor), next, isReading };
}

export function List({ plural }: { plural: Plural }) {
  const resource = useResource(plural);
  return resource ? <OfResource key={plural} resource={resource} /> : <Waiting lines={8} />;
}

function OfResource({ resource }: { resource: Resource }) {
  const { query: params, route } = useLocation();
  const columns = useMemo(() => columnsOf(resource), [resource]);
  const path = address(`/v1/${resource.plural}`, queryOf(resource, params, columns));
  const { data, problem, isReading, reload } = useGet<Page<Row>>(path);
  const shown = useRef<Page<Row>>();
  if (data) shown.current = data; // while others come, the ones before stay
  const more = useMore(path, data);
  const pages = [shown.current?.data ?? [], ...more.pages];
  const count = pages.reduce((sum, page) => sum + page.length, 0);
  const [chosen, choose] = useState<Chosen>(new Map());
  const selection: Selection | undefined = isBulk(resource) ? {
    chosen,
    toggle: (rows, isOn) => choose((before) => {
      const now = new Map(before);
      for (const row of rows) if (isOn) now.set(row.id, row); else now.delete(row.id);
      return now;
    }),
  } : undefined;
  useEffect(() => choose(new Map()), [path]); // what is not shown is not chosen

  const set = (changes: Record<string, string | null>) => {
    const next = { ...params };
    for (const [name, value] of Object.entries(changes)) if (value) next[name] = value; else delete next[name];
    route(listPath(resource.plural, next), true);
  };
  const filtered = Object.keys(params).some((name) => !['sort', 'count'].includes(name));
  return (
    <>
      <Title actions={<ListActions resource={resource} path={path} params={params} />}>{label(resource.plural)}</Title>
      <Filters resource={resource} params={params} set={set} />
      {problem && <Trouble problem={problem} again={reload} />}
      {!count && isReading && !problem && <Waiting lines={8} />}
      {!count && !isReading && !problem && <Nothing resource={resource} filtered={filtered} clear={() => route(listPath(resource.plural))} />}
      {chosen.size > 0 && <Bulk resource={resource} chosen={chosen} found={path} choose={(rows) => choose(new Map(rows.map((row) => [row.id, row])))} clear={() => choose(new Map())} />}
      {count > 0 && <Table resource={resource} pages={pages} columns={columns} sort={params.sort} onSort={(sort) => set({ sort })} isReading={isReading} selection={selection} />}
      {more.hasMore && <More next={more.next} isReading={more.isReading} />}
      {count > 0 && !more.hasMore && <p class="end">{t('rows_all', { count })}</p>}
    </>
  );
}

function ListActions({ resource, path, params }: { resource: Resource; path: string; params: Record<string, string> }) {
  const file = (accept: string, ending: string) => {
    const whole = new URL(path, location.origin);
    for (const name of ['limit', 'expand', 'cursor', 'count']) whole.searchParams.delete(name);
    download(whole.pathname + whole.search, accept, `${resource.plural}-${today()}.${ending}`)
      .catch((error: Problem) => tellTrouble(error.detail || error.title));
  };
  const preset = Object.fromEntries(Object.entries(params).filter(([name, value]) => name.endsWith('_id') && !value.includes(',')));
  return (
    <>
      {WAYS[resource.plural]?.map((way) => <a key={way.href} class="button quiet" href={way.href}>{t(way.key)}</a>)}
      <Menu text={t('export')}>
        <button type="button" onClick={() => file('text/csv', 'csv')}>{t('export.csv')}</button>
        <button type="button" onClick={() => file(SHEET, 'xlsx')}>{t('export.sheet')}</button>
      </Menu>
      {may(resource.create) && resource.create!.fields.length > 0 &&
        <a class="button primary" href={newPath(resource.plural, preset)}>{t('new', { what: label(resource.name).toLocaleLowerCase() })}</a>}
    </>
  );
}

function Nothing({ resource, filtered, clear }: { resource: Resource; filtered: boolean; clear: () => void }) {
  if (filtered)
    return <Empty title={t('empty.filtered')}><Button onClick={clear}>{t('filters.clear')}</Button></Empty>;
  return (
    <Empty title={t('empty.none', { what: label(resource.plural).toLocaleLowerCase() })}>
      {resource.doc && document.documentElement.lang === 'en' && <p>{hint(resource.doc, undefined, label)}</p>}
    </Empty>
  );
}

const Header = ({ field, resource, sort, onSort }: { field: Pick<Field, 'name' | 'kind'>; resource: Resource; sort?: string; onSort?: (sort: string) => void }) => {
  const isNumber = ['int', 'decimal', 'money'].includes(field.kind);
  if (!onSort || !resource.list.sorts.includes(field.name)) return <th scope="col" class={isNumber ? 'number' : ''}>{label(field.name)}</th>;
  const direction = sort === field.name ? 'ascending' : sort === `-${field.name}` ? 'descending' : 'none';
  return (
    <th scope="col" aria-sort={direction} class={isNumber ? 'number' : ''}>
      <button type="button" class="sort" onClick={() => onSort(direction === 'ascending' ? `-${field.name}` : field.name)}>{label(field.name)}<span aria-hidden="true">{{ ascending: ' ↑', descending: ' ↓', none: '' }[direction]}</span></button>
    </th>
  );
};

interface Selection { chosen: Chosen; toggle: (rows: Row[], isOn: boolean) => void }
interface TableProps { resource: Resource; pages: Row[][]; columns: Field[]; sort?: string; onSort?: (sort: string) => void; isReading?: boolean;
  /** The resource on whose page they stand, which names none of them. */ of?: string; selection?: Selection }

export const Rows = ({ rows, ...rest }: Omit<TableProps, 'pages' | 'selection'> & { rows: Row[] }) => <Table {...rest} pages={[rows]} />;

function Table({ resource, pages, columns, sort, onSort, isReading, of, selection }: TableProps) {
  const named = resource.fields.find((field) => ['name', 'title', 'subject', 'label'].includes(field.name));
  const rows = selection ? pages.flat() : [];
  return (
    <div class="table-box" tabIndex={0} role="group" aria-label={label(resource.plural)} aria-busy={isReading || undefined}>
      <table class={selection || pages.length > 1 ? 'rows even' : 'rows'}>
        <thead><tr>
          {selection && <td class="choose"><input type="checkbox" aria-label={t('bulk.select_all')} checked={rows.length > 0 && rows.every((row) => selection.chosen.has(row.id))}
            onChange={(event) => selection.toggle(rows, event.currentTarget.checked)} /></td>}
          <Header field={named ?? { name: resource.name, kind: 'text' }} resource={resource} sort={sort} onSort={onSort} />
          {columns.map((field) => <Header key={field.name} field={field} resource={resource} sort={sort} onSort={onSort} />)}
        </tr></thead>
        {pages.map((page, n) => <OnePage key={n} {...{ resource, columns, of, selection }} rows={page}
          chosen={selection ? page.filter((row) => selection.chosen.has(row.id)).map((row) => row.id).join() : ''} />)}
      </table>
    </div>
  );
}

const NEAR = '15000px'; // some four hundred rows before and behind what is seen: that is where the browser's own search finds

type PageProps = Pick<TableProps, 'resource' | 'columns' | 'of' | 'selection'> & { rows: Row[]; /** Their ids, joined. */ chosen: string };

/** A hundred rows, drawn once, and again when they or what is chosen of them are others. Far from what is seen they are an empty
 *  place of their height, so that a list of a hundred thousand is no slower than one of a thousand. */
class OnePage extends Component<PageProps, { height: number | null }> {
  override state = { height: null };
  private box: HTMLTableSectionElement | null = null;
  private watch?: IntersectionObserver;

  override shouldComponentUpdate(next: PageProps, state: { height: number | null }) {
    return next.rows !== this.props.rows || next.chosen !== this.props.chosen || state.height !== this.state.height || next.columns !== this.props.columns;
  }
  private show = () => this.setState({ height: null });
  override componentDidMount() {
    this.watch = new IntersectionObserver((seen) => {
      if (seen.at(-1)!.isIntersecting) this.show();
      else if (this.state.height === null && !this.box!.contains(document.activeElement)) this.setState({ height: this.box!.offsetHeight });
    }, { rootMargin: `${NEAR} 0px` });
    this.watch.observe(this.box!);
    addEventListener('beforeprint', this.show);
  }
  override componentWillUnmount() {
    this.watch?.disconnect();
    removeEventListener('beforeprint', this.show);
  }
  override render({ resource, rows, columns, of, selection }: PageProps, { height }: { height: number | null }) {
    return (
      <tbody ref={(box) => { this.box = box; }}>
        {height !== null ? <tr class="far"><td colSpan={columns.length + 2} style={{ height }} /></tr>
          : rows.map((row) => <OneRow key={row.id} {...{ resource, row, columns, of, selection }} />)}
      </tbody>
    );
  }
}

function OneRow({ resource, row, columns, of, selection }: { resource: Resource; row: Row; columns: Field[]; of?: string; selection?: Selection }) {
  const name = title(row, of) || label(resource.name);
  return (
    <tr class={row.archived_at ? 'archived' : ''}>
      {selection && <td class="choose"><input type="checkbox" aria-label={t('bulk.select', { name })} checked={selection.chosen.has(row.id)}
        onChange={(event) => selection.toggle([row], event.currentTarget.checked)} /></td>}
      <th scope="row">{resource.hasOne ? <a href={recordPath(resource.plural, row.id)}>{name}</a> : name}{row.archived_at ? <> <Badge value="archived" /></> : null}</th>
      {columns.map((field) => (
        <td key={field.name} data-label={label(field.name)} class={['int', 'decimal', 'money'].includes(field.kind) ? 'number' : ''}>
          <Value field={field} value={row[field.name]} row={row} />
        </td>
      ))}
    </tr>
  );
}

/** Asks for more when it comes into sight, and by a button for whoever does not scroll. */
function More({ next, isReading }: { next: () => void; isReading: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const then = useRef(next);
  then.current = next;
  useEffect(() => {
    const watch = new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting)) then.current(); }, { rootMargin: '600px' });
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, [isReading]); // what is still in sight once more has come is told anew
  return <div ref={box} class="more"><Button onClick={next} busy={isReading}>{t('more')}</Button></div>;
}

// ---- Filters -------------------------------------------------------------------------------------

type Set = (changes: Record<string, string | null>) => void;

function Filters({ resource, params, set }: { resource: Resource; params: Record<string, string>; set: Set }) {
  const filters = resource.list.filters.filter((filter) => ['enum', 'bool', 'id'].includes(filter.kind) && (filter.kind !== 'id' || filter.ref));
  const active = filters.filter((filter) => params[filter.name]);
  const [isOpen, setOpen] = useState(false);
  const ranges = resource.list.ranges.filter((name) => params[`${name}[gte]`] || params[`${name}[lte]`]);
  return (
    <div class="filters">
      {resource.list.searches && <Search value={params.q ?? ''} onChange={(q) => set({ q: q || null })} what={label(resource.plural)} />}
      {resource.list.saves && <Saved resource={resource} value={params.saved_filter} onChange={(id) => set({ saved_filter: id })} />}
      <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>{t('filters')}{active.length > 0 && <span class="count">{active.length}</span>}</Button>
      {[...active, ...ranges.map((name) => ({ name, kind: 'date' as const }))].map((filter) => (
        <span key={filter.name} class="chip">
          {label(filter.name)}: <Chosen filter={filter} params={params} />
          <button type="button" aria-label={t('filters.remove', { what: label(filter.name) })}
            onClick={() => set({ [filter.name]: null, [`${filter.name}[gte]`]: null, [`${filter.name}[lte]`]: null })}><Icon name="close" /></button>
        </span>
      ))}
      {isOpen && (
        <div class="filter-panel">
          {filters.map((filter) => <FilterInput key={filter.name} filter={filter} value={params[filter.name] ?? ''} onChange={(value) => set({ [filter.name]: value })} />)}
          {resource.list.ranges.filter((name) => resource.fields.find((field) => field.name === name)?.kind === 'date' || name === 'created_at').map((name) =>
            <Range key={name} name={name} isInstant={name.endsWith('_at')} params={params} set={set} />)}
          {resource.archive && (
            <Frame id="filter-archived" text={t('archived')}>
              <select id="filter-archived" value={params.archived ?? ''} onChange={(event) => set({ archived: event.currentTarget.value || null })}>
                <option value="">{t('archived.without')}</option><option value="include">{t('archived.all')}</option><option value="only">{t('archived.only')}</option>
              </select>
            </Frame>
          )}
        </div>
      )}
    </div>
  );
}

function Chosen({ filter, params }: { filter: Filter; params: Record<string, string> }) {
  const value = params[filter.name];
  if (filter.kind === 'date')
    return <>{[params[`${filter.name}[gte]`], params[`${filter.name}[lte]`]].map((one) => one?.slice(0, 10) ?? '').join(' – ')}</>;
  if (filter.kind === 'id' && filter.ref)
    return <>{value!.split(',').map((id) => <Reference key={id} plural={filter.ref!} id={id} />)}</>;
  if (filter.kind === 'bool') return <>{t(value === 'true' ? 'yes' : 'no')}</>;
  return <>{value!.split(',').map(label).join(', ')}</>;
}

function FilterInput({ filter, value, onChange }: { filter: Filter; value: string; onChange: (value: string | null) => void }) {
  const id = `filter-${filter.name}`;
  if (filter.kind === 'id')
    return <Frame id={id} text={label(filter.name)}><Picker plural={filter.ref!} id={id} value={value || null} onChange={onChange} /></Frame>;
  if (filter.kind === 'enum' && !filter.isOne && filter.values!.length <= 12) {
    const chosen = value ? value.split(',') : [];
    return (
      <fieldset class="field">
        <legend>{label(filter.name)}</legend>
        <div class="ticks">{filter.values!.map((one) => (
          <label key={one} class="tick"><input type="checkbox" checked={chosen.includes(one)} onChange={(event) =>
            onChange((event.currentTarget.checked ? [...chosen, one] : chosen.filter((other) => other !== one)).join(',') || null)} />{label(one)}</label>
        ))}</div>
      </fieldset>
    );
  }
  const values = filter.kind === 'bool' ? ['true', 'false'] : filter.values!;
  return (
    <Frame id={id} text={label(filter.name)}>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value || null)}>
        <option value="">{t('any')}</option>
        {values.map((one) => <option key={one} value={one}>{filter.kind === 'bool' ? t(one === 'true' ? 'yes' : 'no') : label(one)}</option>)}
      </select>
    </Frame>
  );
}

const Range = ({ name, isInstant, params, set }: { name: string; isInstant: boolean; params: Record<string, string>; set: Set }) => (
  <fieldset class="field range">
    <legend>{label(name)}</legend>
    {(['gte', 'lte'] as const).map((end) => (
      <label key={end}><span>{t(end === 'gte' ? 'from' : 'until')}</span>
        <input type="date" value={params[`${name}[${end}]`]?.slice(0, 10) ?? ''} onChange={(event) => {
          const day = event.currentTarget.value;
          set({ [`${name}[${end}]`]: day ? (isInstant ? new Date(`${day}T${end === 'gte' ? '00:00:00' : '23:59:59'}`).toISOString() : day) : null });
        }} /></label>
    ))}
  </fieldset>
);

function Search({ value, onChange, what }: { value: string; onChange: (value: string) => void; what: string }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return <input class="search" type="search" value={text} onInput={(event) => setText(event.currentTarget.value)}
    aria-label={t('search.in', { what })} placeholder={t('search.in', { what })} />;
}

function Saved({ resource, value, onChange }: { resource: Resource; value?: string; onChange: (id: string | null) => void }) {
  const { data } = useGet<Page<Row>>(address('/v1/saved_filters', { resource: resource.plural, limit: 200 }));
  if (!data?.data.length) return null;
  return (
    <select class="saved" aria-label={label('saved_filters')} value={value ?? ''} onChange={(event) => onChange(event.currentTarget.value || null)}>
      <option value="">{label('saved_filters')}</option>
      {data.data.map((row) => <option key={row.id} value={row.id}>{title(row)}</option>)}
    </select>
  );
}
