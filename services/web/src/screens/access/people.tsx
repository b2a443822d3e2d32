// People and their grants: each grant is a sentence, and what giving or ending one means is said before it is done.
import { useState } from 'preact/hooks';
import { call, create, get, Problem } from '../../lib/api';
import { changedResource } from '../../lib/store';
import { title, useResource, type Row } from '../../lib/model';
import { grants as own, may, self } from '../../lib/session';
import * as format from '../../lib/format';
import { label, t, type Key } from '../../lib/words';
import { Badge, Button, Card, Dialog, Empty, problemText, Trouble, Waiting } from '../../ui/parts';
import { Table } from '../../ui/table';
import { tell, tellTrouble } from '../../ui/toast';
import { useAttempt } from '../../records/attempt';
import { Frame } from '../../records/input';
import { Picker } from '../../records/picker';
import { listPath, newPath, recordPath } from '../../records/paths';
import { Reference } from '../../records/value';
import { useRows } from '../recognition/around';
import { Choose, Controls, useAddress } from '../needs/around';

const READ = 200;
const ROLES = ['admin', 'director', 'executive', 'coordinator', 'school_leader', 'reviewer', 'data_steward', 'viewer'] as const;
/** Of which a part of the district may be meant. */
const PLACED = ['director', 'coordinator', 'reviewer', 'school_leader', 'viewer'];
const PLURALS: Record<string, string> = { network: 'networks', site: 'sites', partner: 'partners' };

const means = (role: string) => t(`role.${role}` as Key);
const isOver = (grant: Row) => Boolean(grant.until_date && String(grant.until_date) < format.today());

const Where = ({ grant }: { grant: { scope_kind: string; scope_id: string | null } }) => (grant.scope_id && PLURALS[grant.scope_kind]
  ? <Reference plural={PLURALS[grant.scope_kind]!} id={grant.scope_id} /> : <>{t('access.everywhere')}</>);

const When = ({ from, until }: { from: string; until: string | null }) => (
  <span class="hint">{[from > format.today() && t('access.from', { when: format.day(from) }), until && t('access.until', { when: format.day(until) })].filter(Boolean).join(', ')}</span>);

export function People() {
  const resource = useResource('grants');
  if (!resource) return <Waiting lines={6} />;
  return <><Mine />{may(resource.list) ? <All /> : <p class="hint">{t('access.for_admins')}</p>}</>;
}

function Mine() {
  return (
    <Card id="mine" title={t('access.mine')}>
      {!own().length && <Empty title={t('access.mine.none')} />}
      <ul>{own().map((grant, n) => <li key={n}><b>{label(grant.role)}</b>, <Where grant={grant} /> <When from={grant.from_date} until={grant.until_date} /> <span class="hint">{means(grant.role)}</span></li>)}</ul>
    </Card>
  );
}

function All() {
  const { query, set } = useAddress();
  const { resource, rows, data, problem, reload } = useRows('grants', { role: query.role, sort: '-created_at', expand: 'user', limit: READ });
  const users = useResource('users');
  const [giving, give] = useState(false);
  const [ending, end] = useState<Row>();
  const held = (rows ?? []).filter((one) => !isOver(one));
  const people = [...new Set(held.map((one) => String(one.user_id)))].map((id) => held.filter((one) => one.user_id === id))
    .map((all) => ({ id: String(all[0]!.user_id), user: all[0]!.user as Row, grants: all })).sort((a, b) => title(a.user).localeCompare(title(b.user)));
  return (
    <>
      <Controls><Choose name="role" values={ROLES} query={query} set={set} any /></Controls>
      <Card id="people" title={t('access.people')} actions={<span class="buttons">
        {may(users?.create) && <a class="button quiet small" href={newPath('users')}>{t('access.invite')}</a>}
        {may(resource?.create) && <Button class="small" onClick={() => give(true)}>{t('access.give')}</Button>}</span>}>
        {problem && <Trouble problem={problem} again={reload} />}
        {!rows && !problem && <Waiting lines={6} />}
        {rows && !people.length && <Empty title={t('access.none')}><p>{t('access.none.more')}</p></Empty>}
        {people.length > 0 && <Table name={t('access.people')} rows={people} columns={[
          { head: label('user'), cell: ({ id, user }) => <><a href={recordPath('users', id)}>{title(user)}</a>{user.status === 'disabled' && <> <Badge value="disabled" /></>}</> },
          { head: t('access.may'), cell: ({ user, grants }) => <ul class="plain grants">{grants.map((grant) => (
            <li key={grant.id}><span><b>{label(String(grant.role))}</b>, <Where grant={grant as never} /> <When from={String(grant.from_date)} until={grant.until_date as string | null} /><br /><span class="hint">{means(String(grant.role))}</span></span>
              {may(resource?.archive) && <Button kind="bare" class="small" onClick={() => end({ ...grant, user })}>{t('access.end')}<span class="unseen"> {label(String(grant.role))}, {title(user)}</span></Button>}</li>))}</ul> }]} />}
        {data?.page.has_more && <p><a href={listPath('grants')}>{t('more')}</a></p>}
        <p class="hint"><a href={listPath('user_invitations')}>{label('user_invitations')}</a> · <a href={listPath('identity_providers')}>{label('identity_providers')}</a></p>
      </Card>
      {giving && <Give close={() => give(false)} />}
      {ending && <End grant={ending} close={() => end(undefined)} />}
    </>
  );
}

function Give({ close }: { close: () => void }) {
  const [user, setUser] = useState<string | null>(null);
  const [role, setRole] = useState<string>('coordinator');
  const [kind, setKind] = useState('district');
  const [place, setPlace] = useState<string | null>(null);
  const [until, setUntil] = useState('');
  const { faults, problem, isBusy, summary, attempt } = useAttempt();
  const kinds = PLACED.includes(role) ? ['district', 'network', 'site'] : ['district'];
  const send = () => attempt(async () => {
    await create('grants', { user_id: user!, role: role as 'viewer', scope_kind: kind as 'district', scope_id: kind === 'district' ? null : place, until_date: until || null });
    changedResource('grants');
    tell(t('access.given', { role: label(role) }));
    close();
  });
  return (
    <Dialog title={t('access.give')} onClose={close}>
      <form class="form" onSubmit={(event) => { event.preventDefault(); void send(); }}>
        {problem && <div class="summary" ref={summary} tabIndex={-1} role="alert"><ul>{(faults.length ? faults.map((one) => one.detail) : [problemText(problem)]).map((one) => <li key={one}>{one}</li>)}</ul></div>}
        <Frame id="grant-user" text={label('user')}><Picker plural="users" id="grant-user" value={user} onChange={setUser} required /></Frame>
        <fieldset class="roles"><legend>{label('role')}</legend>{ROLES.map((one) => (
          <label key={one}><input type="radio" name="role" value={one} checked={role === one} onChange={() => { setRole(one); if (!PLACED.includes(one)) setKind('district'); }} /> <span><b>{label(one)}</b> <span class="hint">{means(one)}</span></span></label>))}</fieldset>
        <Frame id="grant-kind" text={t('access.where')}><select id="grant-kind" value={kind} onChange={(event) => { setKind(event.currentTarget.value); setPlace(null); }}>
          {kinds.map((one) => <option key={one} value={one}>{one === 'district' ? t('access.everywhere') : label(one)}</option>)}</select></Frame>
        {kind !== 'district' && <Frame id="grant-place" text={label(kind)}><Picker key={kind} plural={PLURALS[kind]!} id="grant-place" value={place} onChange={setPlace} required /></Frame>}
        <Frame id="grant-until" text={t('access.until_day')}><input id="grant-until" type="date" min={format.today()} value={until} onChange={(event) => setUntil(event.currentTarget.value)} /></Frame>
        <p class="notice plain">{t('access.give.means', { role: label(role), what: means(role) })}</p>
        <div class="buttons"><Button kind="primary" type="submit" busy={isBusy} disabled={!user || (kind !== 'district' && !place)}>{t('access.give')}</Button><Button onClick={close}>{t('cancel')}</Button></div>
      </form>
    </Dialog>
  );
}

function End({ grant, close }: { grant: Row; close: () => void }) {
  const [isBusy, setBusy] = useState(false);
  const path = `/v1/grants/${grant.id}`;
  const name = title(grant.user as Row);
  const said = async (work: () => Promise<void>) => { try { await work(); } catch (error) { if (error instanceof Problem) tellTrouble(problemText(error)); else throw error; } changedResource('grants'); };
  const undo = () => void said(async () => { await call('POST', `${path}/restore`, { etag: (await get<Row>(path)).etag }); });
  const end = async () => {
    setBusy(true);
    await said(async () => {
      await call('DELETE', path, { etag: (await get<Row>(path)).etag });
      tell(t('access.ended', { name, role: label(String(grant.role)) }), undo);
    });
    close();
  };
  return (
    <Dialog title={t('access.end.title', { name })} onClose={close}>
      <p><b>{label(String(grant.role))}</b>, <Where grant={grant as never} /></p>
      <p>{t('access.end.means', { name })}</p>
      {grant.user_id === self().user.id && <p class="notice warn">{t('access.end.own')}</p>}
      <div class="buttons"><Button kind="danger" busy={isBusy} onClick={() => void end()}>{t('access.end')}</Button><Button onClick={close}>{t('cancel')}</Button></div>
    </Dialog>
  );
}
