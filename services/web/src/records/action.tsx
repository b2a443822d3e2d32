// What a row can be told to do: buttons for what is possible now and allowed to us; those that need to know more ask in a dialog.
import { useState } from 'preact/hooks';
import { call, get, Problem } from '../lib/api';
import { changed, changedResource, put, useGet } from '../lib/store';
import { field, title, type Action, type Resource, type Row } from '../lib/model';
import { useRights } from '../lib/rights';
import { deed, label, t } from '../lib/words';
import { Button, Dialog, Menu, problemText } from '../ui/parts';
import { tell, tellTrouble } from '../ui/toast';
import { Form, type Values } from './form';

interface Transitions { status: string; possible: { action: string; to: string; missing: string[] }[] }
const ELSEWHERE = ['save_half', 'submit_half', 'settle_goal', 'go_live']; // what has a form of its own
const FIRST = 2; // that stand beside the menu
const LESS = ['decline', 'reject', 'bar', 'end', 'cancel', 'withdraw', 'merge', 'transfer', 'close', 'terminate', 'archive', 'pause', 'skip'];

export function useDo(resource: Resource, row: Row, etag?: string | null) {
  const path = `/v1/${resource.plural}/${row.id}`;
  return async (action: Action, values: Values = {}) => {
    const reply = await call<Row>('POST', `${path}/${action.verb}`, { body: values, etag: action.needsVersion ? etag : undefined });
    if (reply.data && typeof reply.data === 'object' && reply.data.id === row.id) put(path, reply.data, reply.etag);
    changed(() => true); // what it moves elsewhere: a pledge its need, an ask its pledges
    tell(t('done.action', { what: deed(action.verb), name: title(reply.data ?? row) || title(row) || label(resource.name) }));
  };
}

export const useTransitions = (resource: Resource | undefined, id: string | null) =>
  useGet<Transitions>(resource?.flow && id ? `/v1/${resource.plural}/${id}/transitions` : null);

export function Actions({ resource, row, etag }: { resource: Resource; row: Row; etag?: string | null }) {
  const { data: transitions } = useTransitions(resource, row.archived_at ? null : row.id);
  const { data: rights } = useRights(resource.plural, row.id);
  const [asked, ask] = useState<Action>();
  const [busy, setBusy] = useState<string>();
  const run = useDo(resource, row, etag);
  if (row.archived_at) return null;

  const moves = new Map((transitions?.possible ?? []).map((one) => [one.action, one]));
  const allowed = resource.actions.filter((action) => rights?.actions.includes(action.verb) && !ELSEWHERE.includes(action.verb));
  const isMove = (action: Action) => resource.flow?.some((move) => move.verb === action.verb);
  const possible = allowed.filter((action) => !isMove(action) || moves.has(action.verb));
  const states = field(resource, 'status')?.values ?? field(resource, 'stage')?.values ?? [];
  const isBack = (to: string) => states.indexOf(to) < states.indexOf(transitions?.status ?? '');
  const weight = (action: Action) => {
    const move = moves.get(action.verb);
    return (LESS.includes(action.verb) ? 10 : 0) + (move ? (isBack(move.to) ? 4 : 0) + (move.missing.length ? 1 : 0) : 5);
  };
  const ordered = [...possible].sort((a, b) => weight(a) - weight(b));
  const start = (action: Action) => {
    if (action.fields.length || moves.get(action.verb)?.missing.length) return ask(action);
    setBusy(action.verb);
    run(action).catch((error) => { if (error instanceof Problem) tellTrouble(problemText(error)); else throw error; }).finally(() => setBusy(undefined));
  };
  const first = ordered.filter((action) => moves.has(action.verb) && !LESS.includes(action.verb)).slice(0, FIRST);
  const rest = ordered.filter((action) => !first.includes(action));
  return (
    <>
      {first.map((action, n) => <Button key={action.verb} kind={n === 0 && !moves.get(action.verb)!.missing.length ? 'primary' : 'quiet'} busy={busy === action.verb}
        onClick={() => start(action)}>{deed(action.verb)}</Button>)}
      {rest.length > 0 && <Menu text={first.length ? t('more_actions') : t('actions')}>
        {rest.map((action) => <button key={action.verb} type="button" onClick={() => start(action)}>{deed(action.verb)}</button>)}
      </Menu>}
      {asked && <Ask resource={resource} row={row} action={asked} missing={moves.get(asked.verb)?.missing ?? []} run={run} close={() => ask(undefined)} />}
    </>
  );
}

function Ask({ resource, row, action, missing, run, close }: {
  resource: Resource; row: Row; action: Action; missing: string[]; run: (action: Action, values: Values) => Promise<void>; close: () => void;
}) {
  return (
    <Dialog title={`${deed(action.verb)}: ${title(row) || label(resource.name)}`} onClose={close}>
      {missing.length > 0 && (
        <div class="notice warn"><p>{t('missing')}</p><ul>{missing.map((one) => <li key={one}>{label(one)}</li>)}</ul></div>
      )}
      <Form fields={action.fields} submit={deed(action.verb)} onCancel={close} onSubmit={async (values) => {
        await run(action, values);
        close();
      }} />
    </Dialog>
  );
}

/** Archiving asks nothing: it can be taken back. */
export function useArchive(resource: Resource, row: Row, etag?: string | null) {
  const path = `/v1/${resource.plural}/${row.id}`;
  const told = (doing: Promise<unknown>, then: () => void) => doing.then(() => {
    changedResource(resource.plural);
    then();
  }, (error) => { if (error instanceof Problem) tellTrouble(problemText(error)); else throw error; });
  const { data: rights } = useRights(resource.plural, row.id);
  const name = title(row) || label(resource.name);
  const restored = async () => call('POST', `${path}/restore`, { etag: (await get<Row>(path)).etag }); // archiving was a change, too
  const restore = () => told(restored(), () => tell(t('done.restored', { name })));
  const archive = () => told(call('DELETE', path, { etag }), () =>
    tell(t('done.archived', { name }), rights?.restore ? () => void restore() : undefined));
  return { archive, restore };
}
