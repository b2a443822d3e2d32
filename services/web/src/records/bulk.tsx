// The same done to many rows of a list: what would change is shown first, then how far it is; what was refused says why, and what
// can be taken back is by one button.
import { useRef, useState } from 'preact/hooks';
import { address, get, Problem, type Page } from '../lib/api';
import { changeMany, type Change, type Outcome } from '../lib/many';
import { changedResource } from '../lib/store';
import { title, type Action, type Field, type Resource, type Row } from '../lib/model';
import { may } from '../lib/session';
import { deed, label, t } from '../lib/words';
import { Button, Dialog, Menu, Notice, problemText, Trouble } from '../ui/parts';
import { tell, tellTrouble } from '../ui/toast';
import { Form, type Values } from './form';
import { Input, Frame } from './input';
import { Picker } from './picker';

export const MOST = 500; // rows at once
const PAGE = 200;
const TAGGED = ['sites', 'partners', 'contacts', 'partnerships'];
const SETTABLE = ['enum', 'id', 'date', 'bool', 'int', 'text'];

export type Chosen = ReadonlyMap<string, Row>;

interface Plan { text: string; rows: Row[]; left: { text: string; count: number }[]; change: (row: Row) => Change;
  /** How that is taken back, if it can be. */ undo?: (row: Row, done: Outcome) => Change }

/** Whether anything at all may be done to several of them. */
export const isBulk = (resource: Resource) => Boolean(resource.patch && may(resource.patch) || resource.archive && may(resource.archive));

/** All that the list finds, as far as so many are changed at once. */
export async function all(path: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor: string | null = ''; cursor !== null && rows.length < MOST;) {
    const url = new URL(path, location.origin);
    url.searchParams.delete('expand');
    const { data }: { data: Page<Row> } = await get<Page<Row>>(address(url.pathname, { ...Object.fromEntries(url.searchParams), limit: PAGE, cursor }));
    rows.push(...data.data);
    cursor = data.page.next_cursor;
  }
  return rows.slice(0, MOST);
}

// ---- What there is to do -------------------------------------------------------------------------

const path = (resource: Resource, row: Row) => `/v1/${resource.plural}/${row.id}`;

const versionOf = (row: Row) => Number(row.version);

function planOfField(resource: Resource, rows: Row[], field: Field, value: unknown): Plan {
  const same = rows.filter((row) => (row[field.name] ?? null) === (value ?? null));
  const patch = (row: Row, version: number, to: unknown): Change => ({ method: 'PATCH', path: path(resource, row), version, body: { [field.name]: to ?? null } });
  return {
    text: label(field.name), rows: rows.filter((row) => !same.includes(row)),
    left: [{ text: t('bulk.same'), count: same.length }],
    change: (row) => patch(row, versionOf(row), value),
    undo: (row, done) => patch(row, done.version!, row[field.name]),
  };
}

function planOfArchive(resource: Resource, rows: Row[]): Plan {
  const over = rows.filter((row) => row.archived_at);
  return {
    text: t('archive'), rows: rows.filter((row) => !row.archived_at), left: [{ text: t('bulk.archived'), count: over.length }],
    change: (row) => ({ method: 'DELETE', path: path(resource, row), version: versionOf(row) }),
    undo: resource.restore && ((row, done) => ({ method: 'POST', path: `${path(resource, row)}/restore`, version: done.version! })),
  };
}

const planOfTag = (resource: Resource, rows: Row[], tag: string): Plan => ({
  text: t('bulk.tag'), rows, left: [],
  change: (row) => ({ method: 'POST', path: '/v1/taggings', body: { tag_id: tag, [`${resource.name}_id`]: row.id } }),
  undo: (_, done) => ({ method: 'DELETE', path: done.location!, version: done.version! }),
});

function planOfAction(resource: Resource, rows: Row[], action: Action, values: Values): Plan {
  const from = resource.flow?.filter((move) => move.verb === action.verb).map((move) => move.from);
  const state = (row: Row) => String(row.status ?? row.stage ?? '');
  const able = rows.filter((row) => !row.archived_at && (!from?.length || from.includes(state(row))));
  return {
    text: deed(action.verb), rows: able, left: [{ text: t('bulk.elsewhere'), count: rows.length - able.length }],
    change: (row) => ({ method: 'POST', path: `${path(resource, row)}/${action.verb}`, body: values, version: action.needsVersion ? versionOf(row) : undefined }),
  };
}

// ---- The bar, and its questions ------------------------------------------------------------------

type Asked = 'field' | 'tag' | Action;

export function Bulk({ resource, chosen, found, choose, clear }: {
  resource: Resource; chosen: Chosen; /** The list's address. */ found: string; choose: (rows: Row[]) => void; clear: () => void;
}) {
  const [asked, ask] = useState<Asked>();
  const [plan, setPlan] = useState<Plan>();
  const [isReading, setReading] = useState(false);
  const rows = [...chosen.values()];
  const actions = resource.actions.filter((action) => may(action) && resource.flow?.some((move) => move.verb === action.verb));
  const close = () => { ask(undefined); setPlan(undefined); };
  return (
    <div class="bulk" role="region" aria-label={t('bulk')}>
      <b role="status">{t('bulk.chosen', { count: rows.length })}</b>
      {resource.patch && may(resource.patch) && <Button onClick={() => ask('field')}>{t('bulk.field')}</Button>}
      {TAGGED.includes(resource.plural) && <Button onClick={() => ask('tag')}>{t('bulk.tag')}</Button>}
      {actions.length > 0 && <Menu text={t('actions')}>{actions.map((action) => <button key={action.verb} type="button"
        onClick={() => (action.fields.length ? ask(action) : setPlan(planOfAction(resource, rows, action, {})))}>{deed(action.verb)}</button>)}</Menu>}
      {resource.archive && may(resource.archive) && <Button onClick={() => setPlan(planOfArchive(resource, rows))}>{t('archive')}</Button>}
      <Button busy={isReading} onClick={() => {
        setReading(true);
        void all(found).then(choose).finally(() => setReading(false));
      }}>{t('bulk.all', { count: MOST })}</Button>
      <Button kind="bare" onClick={clear}>{t('bulk.clear')}</Button>
      {plan && <Run plan={plan} close={close} done={() => { changedResource(resource.plural); clear(); }} />}
      {asked && !plan && <Dialog title={t('bulk.question', { count: rows.length })} onClose={close}>
        {asked === 'field' ? <OneField resource={resource} onChosen={(field, value) => setPlan(planOfField(resource, rows, field, value))} close={close} />
          : asked === 'tag' ? <OneTag onChosen={(tag) => setPlan(planOfTag(resource, rows, tag))} close={close} />
            : <Form fields={asked.fields} submit={t('bulk.preview')} onCancel={close} onSubmit={async (values) => setPlan(planOfAction(resource, rows, asked, values))} />}
      </Dialog>}
    </div>
  );
}

function OneField({ resource, onChosen, close }: { resource: Resource; onChosen: (field: Field, value: unknown) => void; close: () => void }) {
  const fields = resource.patch!.fields.filter((field) => !field.readOnly && SETTABLE.includes(field.kind) && !['name', 'title', 'ein', 'email'].includes(field.name));
  const [name, setName] = useState('');
  const [value, setValue] = useState<unknown>(null);
  const field = fields.find((one) => one.name === name);
  return (
    <form class="form" onSubmit={(event) => { event.preventDefault(); if (field) onChosen(field, value); }}>
      <Frame id="bulk-field" text={t('bulk.which')}>
        <select id="bulk-field" value={name} onChange={(event) => { setName(event.currentTarget.value); setValue(null); }}>
          <option value="">{t('choose')}</option>
          {fields.map((one) => <option key={one.name} value={one.name}>{label(one.name)}</option>)}
        </select>
      </Frame>
      {field && <Input key={name} field={{ ...field, required: false, doc: undefined }} value={value} onChange={setValue} />}
      <div class="buttons"><Button kind="primary" type="submit" disabled={!field}>{t('bulk.preview')}</Button><Button onClick={close}>{t('cancel')}</Button></div>
    </form>
  );
}

function OneTag({ onChosen, close }: { onChosen: (tag: string) => void; close: () => void }) {
  const [tag, setTag] = useState<string | null>(null);
  return (
    <form class="form" onSubmit={(event) => { event.preventDefault(); if (tag) onChosen(tag); }}>
      <Frame id="bulk-tag" text={label('tag')}><Picker plural="tags" id="bulk-tag" value={tag} onChange={setTag} /></Frame>
      <div class="buttons"><Button kind="primary" type="submit" disabled={!tag}>{t('bulk.preview')}</Button><Button onClick={close}>{t('cancel')}</Button></div>
    </form>
  );
}

// ---- Doing it ------------------------------------------------------------------------------------

interface Fault { row: Row; text: string }
interface Result { done: number; faults: Fault[]; undo: Change[] }

const why = ({ problem }: Outcome) => problem?.errors?.[0]?.detail ?? problem?.detail ?? problem?.title ?? t('problem.forbidden');
const isDone = (outcome: Outcome) => outcome.status < 300;

function Run({ plan, close, done }: { plan: Plan; close: () => void; done: () => void }) {
  const [result, setResult] = useState<Result>();
  const [problem, setProblem] = useState<Problem>();
  const [state, setState] = useState<'asked' | 'running' | 'over'>('asked');
  const isStopped = useRef(false);
  const run = async () => {
    const now: Result = { done: 0, faults: [], undo: [] };
    setState('running');
    try {
      await changeMany(plan.rows.map(plan.change), (from, outcomes) => {
        outcomes.forEach((outcome, n) => {
          const row = plan.rows[from + n]!;
          if (!isDone(outcome)) return void now.faults.push({ row, text: why(outcome) });
          now.done++;
          if (plan.undo) now.undo.push(plan.undo(row, outcome));
        });
        setResult({ ...now });
      }, () => isStopped.current);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    }
    setResult({ ...now });
    setState('over');
  };
  const undo = () => {
    let undone = 0;
    changeMany(result?.undo ?? [], (_, outcomes) => { undone += outcomes.filter(isDone).length; })
      .catch((error) => { if (error instanceof Problem) tellTrouble(problemText(error)); else throw error; })
      .finally(() => { tell(t('bulk.undone', { count: undone })); done(); });
    close();
  };
  const end = () => { isStopped.current = true; close(); if (state !== 'asked') done(); };
  return (
    <Dialog title={plan.text} onClose={end}>
      {state === 'asked' && <>
        <p>{t('bulk.changes', { count: plan.rows.length })}</p>
        {plan.left.filter((one) => one.count).map((one) => <p key={one.text} class="hint">{t('bulk.left', { count: one.count, why: one.text })}</p>)}
        {plan.rows.length > 0 && <p class="hint">{plan.rows.slice(0, 5).map((row) => title(row)).filter(Boolean).join(' · ')}{plan.rows.length > 5 && ' …'}</p>}
        {!plan.undo && <Notice tone="warn"><p>{t('bulk.final')}</p></Notice>}
        <div class="buttons"><Button kind="primary" disabled={!plan.rows.length} onClick={() => void run()}>{t('bulk.do', { count: plan.rows.length })}</Button>
          <Button onClick={close}>{t('cancel')}</Button></div>
      </>}
      {state !== 'asked' && <>
        <progress max={plan.rows.length} value={(result?.done ?? 0) + (result?.faults.length ?? 0)} aria-label={plan.text} />
        {problem && <Trouble problem={problem} />}
        <p role="status">{t(state === 'over' ? 'bulk.done' : 'bulk.running', { count: result?.done ?? 0, of: plan.rows.length })}</p>
        {result && result.faults.length > 0 && <div class="notice bad"><p>{t('bulk.faults', { count: result.faults.length })}</p>
          <ul>{result.faults.slice(0, 50).map(({ row, text }) => <li key={row.id}><b>{title(row) || row.id}</b>: {text}</li>)}</ul></div>}
        <div class="buttons">
          {state === 'running' ? <Button onClick={() => { isStopped.current = true; }}>{t('bulk.stop')}</Button>
            : <><Button kind="primary" onClick={end}>{t('close')}</Button>
              {result && result.undo.length > 0 && <Button onClick={undo}>{t('undo')}</Button>}</>}
        </div>
      </>}
    </Dialog>
  );
}
