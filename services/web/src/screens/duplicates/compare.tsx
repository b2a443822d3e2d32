// Two records of one, side by side: which of them stays, and of each field what it says. It can be taken back.
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { call, get, Problem, type Page, type Plural } from '../../lib/api';
import { title, useResource, type Field, type Resource, type Row } from '../../lib/model';
import { changed, useGet } from '../../lib/store';
import { useRights } from '../../lib/rights';
import { label, t } from '../../lib/words';
import { Badge, Button, Notice, Title, Trouble, Waiting } from '../../ui/parts';
import { tell } from '../../ui/toast';
import { listPath, recordPath } from '../../records/paths';
import { Value } from '../../records/value';

export interface Pair { id: string; kind: 'partner' | 'contact'; first_id: string; first_name: string | null; second_id: string; second_name: string | null; reasons: string[]; score: number; is_dismissed: boolean; dismissal_id: string | null }
const PLURALS = { partner: 'partners', contact: 'contacts' } as const;
const HIDDEN = ['id', 'version', 'updated_at', 'archived_at', 'merged_into', 'completeness', 'incomplete', 'footprint', 'last_contact_on'];
const isEmpty = (value: unknown) => value === null || value === undefined || value === '' || value === false || (Array.isArray(value) && !value.length);
const isSame = (one: unknown, other: unknown) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

export function Compare({ id }: { id: string }) {
  const { data: pair, problem, reload } = useGet<Pair>(`/v1/duplicate_pairs/${id}`);
  if (problem) return <><Title>{t('duplicates.compare')}</Title><Trouble problem={problem} again={reload} /></>;
  if (!pair) return <Waiting lines={8} />;
  return <Both key={pair.id} pair={pair} />;
}

function Both({ pair }: { pair: Pair }) {
  const plural = PLURALS[pair.kind];
  const resource = useResource(plural);
  const first = useGet<Row>(`/v1/${plural}/${pair.first_id}`);
  const second = useGet<Row>(`/v1/${plural}/${pair.second_id}`);
  const problem = first.problem ?? second.problem;
  if (problem) return <Trouble problem={problem} />;
  if (!resource || !first.data || !second.data) return <Waiting lines={8} />;
  return <SideBySide {...{ pair, plural, resource }} rows={[first.data, second.data]} etags={[first.etag ?? '', second.etag ?? '']} />;
}

function SideBySide({ pair, plural, resource, rows, etags }: { pair: Pair; plural: Plural; resource: Resource; rows: [Row, Row]; etags: [string, string] }) {
  const { route } = useLocation();
  const [stays, setStays] = useState<0 | 1>(() => (filled(resource, rows[1]) > filled(resource, rows[0]) ? 1 : 0));
  const [chosen, choose] = useState<Record<string, 0 | 1>>({});
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const goes = stays === 0 ? 1 : 0;
  const fields = resource.fields.filter((field) => !HIDDEN.includes(field.name) && rows.some((row) => !isEmpty(row[field.name])));
  const writable = new Set(resource.patch?.fields.map((field) => field.name));
  const { data: rights } = useRights(plural, rows[stays].id);
  const canMerge = rights?.actions.includes('merge');
  const doing = (work: () => Promise<void>) => {
    setBusy(true);
    setProblem(undefined);
    work().catch((error) => { if (error instanceof Problem) setProblem(error); else throw error; }).finally(() => setBusy(false));
  };
  const merge = () => doing(async () => {
    const kept = rows[stays];
    const path = `/v1/${plural}/${kept.id}`;
    const reply = await call<Row>('POST', `${path}/merge`, { body: { [`${pair.kind}_ids`]: [rows[goes].id] }, etag: etags[stays] });
    const others = Object.fromEntries(Object.entries(chosen).filter(([name, side]) => side === goes && !isSame(reply.data[name], rows[goes][name])).map(([name]) => [name, rows[goes][name]]));
    if (Object.keys(others).length) await patch(path, others, reply.etag);
    const { data: merges } = await get<Page<Row>>(`/v1/${pair.kind}_merges`, { limit: 20 });
    const done = merges.data.find((one) => one[`${pair.kind}_id`] === kept.id && !one.undone_at);
    changed(() => true);
    tell(t('duplicates.merged', { name: title(kept) }), done && (() => void undo(pair, path, done.id, Object.fromEntries(Object.keys(others).map((name) => [name, reply.data[name]])))));
    route(recordPath(plural, kept.id), true);
  });
  const dismiss = () => doing(async () => {
    const { data } = await call<Row>('POST', '/v1/duplicate_dismissals', { body: { first_id: pair.first_id, second_id: pair.second_id } });
    changed((one) => one.startsWith('/v1/duplicate_pairs'));
    tell(t('duplicates.dismissed'), () => void get<Row>(`/v1/duplicate_dismissals/${data.id}`).then(({ etag }) => call('DELETE', `/v1/duplicate_dismissals/${data.id}`, { etag })).then(() => changed((one) => one.startsWith('/v1/duplicate_pairs'))));
    route(listPath('duplicate_pairs'), true);
  });
  const names = rows.map((row) => title(row));
  return (
    <>
      <Title crumbs={<a href={listPath('duplicate_pairs')}>{t('duplicates.title')}</a>} of={<>{pair.reasons.map((one) => <Badge key={one} value={one} tone="plain" />)}</>}>{t('duplicates.compare')}</Title>
      <p>{t('duplicates.explain')}</p>
      {problem && <Trouble problem={problem} />}
      <fieldset class="field"><legend>{t('duplicates.stays')}</legend>{rows.map((row, n) => (
        <label key={row.id} class="tick"><input type="radio" name="stays" checked={stays === n} onChange={() => { setStays(n as 0 | 1); choose({}); }} />{names[n]}</label>
      ))}</fieldset>
      <div class="table-box" tabIndex={0} role="group" aria-label={t('duplicates.compare')}>
        <table class="rows compare">
          <thead><tr><td />{rows.map((row, n) => (
            <th key={row.id} scope="col"><a href={recordPath(plural, row.id)}>{names[n]}</a></th>
          ))}</tr></thead>
          <tbody>{fields.map((field) => <OneField key={field.name} {...{ field, rows, stays, names }} side={chosen[field.name] ?? stays} choose={writable.has(field.name) ? (side) => choose({ ...chosen, [field.name]: side }) : undefined} />)}</tbody>
        </table>
      </div>
      {canMerge ? <>
        <p class="hint">{t('duplicates.moves')}</p>
        <div class="buttons"><Button kind="primary" busy={isBusy} onClick={merge}>{t('duplicates.merge', { name: names[stays]! })}</Button>{!pair.is_dismissed && <Button busy={isBusy} onClick={dismiss}>{t('duplicates.dismiss')}</Button>}</div></>
        : rights && <Notice>{t('problem.forbidden')}</Notice>}
    </>
  );
}

const filled = (resource: Resource, row: Row) => resource.fields.filter((field) => !isEmpty(row[field.name])).length;

/** Where only one says something, that is kept; where both do, one chooses. */
function OneField({ field, rows, side, stays, choose, names }: { field: Field; rows: [Row, Row]; side: 0 | 1; stays: 0 | 1; choose?: (side: 0 | 1) => void; names: string[] }) {
  const values = rows.map((row) => row[field.name]);
  const differ = !isSame(values[0], values[1]) && values.every((value) => !isEmpty(value));
  const isList = field.kind === 'list' || field.name === 'created_at';
  return (
    <tr class={differ ? 'differs' : ''}>
      <th scope="row">{label(field.name)}</th>
      {rows.map((row, n) => {
        const value = <Value field={field} value={row[field.name]} row={row} />;
        return <td key={row.id} data-label={names[n]} class={differ && !isList && (choose ? side : stays) === n ? 'kept' : ''}>{differ && choose && !isList
          ? <label class="tick"><input type="radio" name={field.name} checked={side === n} onChange={() => choose(n as 0 | 1)} /><span>{value}</span></label> : value}</td>;
      })}
    </tr>
  );
}

const patch = (path: string, body: Record<string, unknown>, etag: string | null) => call<Row>('PATCH', path, { body, etag, type: 'application/merge-patch+json' });

async function undo(pair: Pair, path: string, merge: string, before: Record<string, unknown>) {
  if (Object.keys(before).length) await patch(path, before, (await get<Row>(path)).etag);
  const { etag } = await get<Row>(`/v1/${pair.kind}_merges/${merge}`);
  await call('POST', `/v1/${pair.kind}_merges/${merge}/undo`, { body: {}, etag });
  changed(() => true);
  tell(t('duplicates.undone'));
}
