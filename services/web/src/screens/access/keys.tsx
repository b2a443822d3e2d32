// Keys with which programs ask: whose each is, what it may, when it was last used and when it ends. A new one is shown once.
import { useState } from 'preact/hooks';
import { call, get, Problem } from '../../lib/api';
import { changedResource } from '../../lib/store';
import { title, type Row } from '../../lib/model';
import { useRights } from '../../lib/rights';
import { grants, may } from '../../lib/session';
import * as format from '../../lib/format';
import { label, t } from '../../lib/words';
import { Badge, Button, Card, Dialog, Empty, problemText, Trouble, Waiting } from '../../ui/parts';
import { Table } from '../../ui/table';
import { tell, tellTrouble } from '../../ui/toast';
import { useAttempt } from '../../records/attempt';
import { Frame } from '../../records/input';
import { recordPath } from '../../records/paths';
import { useRows } from '../recognition/around';

const READ = 100;
const DAYS = [30, 90, 365];
const SOON_DAYS = 14;
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

export function Keys() {
  const { resource, rows, problem, reload, isHidden } = useRows('api_keys', { active: true, sort: '-created_at', expand: 'user', limit: READ });
  const [isMaking, make] = useState(false);
  const [token, show] = useState<string>();
  if (isHidden) return <Empty title={t('keys.hidden')} />;
  return (
    <>
      {token && <Once token={token} close={() => show(undefined)} />}
      <Card id="keys" title={t('access.keys')} actions={may(resource?.create) && <Button class="small" onClick={() => make(true)}>{t('keys.new')}</Button>}>
        <p class="hint">{t('keys.what')} <a href="/docs">{t('keys.docs')}</a></p>
        {problem && <Trouble problem={problem} again={reload} />}
        {!rows && !problem && <Waiting lines={4} />}
        {rows?.length === 0 && <Empty title={t('keys.none')}><p>{t('keys.none.more')}</p></Empty>}
        {rows && rows.length > 0 && <Table name={t('access.keys')} rows={rows} columns={[
          { head: t('keys.called'), cell: (one) => String(one.label ?? label('api_key')) },
          { head: t('keys.whose'), cell: (one) => <a href={recordPath('users', String(one.user_id))}>{title(one.user as Row)}</a> },
          { head: t('access.may'), cell: able },
          { head: t('keys.used'), cell: (one) => (one.last_used_at ? format.instant(String(one.last_used_at)) : <Badge value="never_used" tone="plain" />) },
          { head: t('keys.ends'), cell: ends },
          { head: t('actions'), cell: (one) => <Revoke row={one} /> }]} />}
      </Card>
      {isMaking && <Make close={() => make(false)} made={show} />}
    </>
  );
}

const able = (one: Row) => [t(one.is_read_only ? 'keys.reads' : 'keys.writes'), (one.roles as string[] | null)?.map(label).join(', '), (one.resources as string[] | null)?.map(label).join(', ')].filter(Boolean).join(' · ');

function ends(one: Row) {
  if (!one.expires_at) return <Badge value="never" tone="warn" />;
  const day = String(one.expires_at).slice(0, 10);
  const isSoon = Date.parse(String(one.expires_at)) - Date.now() < SOON_DAYS * 86_400_000;
  return <span class={isSoon ? 'late' : ''}>{format.instant(String(one.expires_at), { dateStyle: 'medium' })} <span class="hint">{format.away(day)}</span></span>;
}

function Revoke({ row }: { row: Row }) {
  const { data: rights } = useRights('api_keys', row.id);
  const [isAsked, ask] = useState(false);
  if (!rights?.actions.includes('revoke')) return null;
  const name = String(row.label ?? label('api_key'));
  const revoke = async () => {
    try {
      const path = `/v1/api_keys/${row.id}`;
      await call('POST', `${path}/revoke`, { body: {}, etag: (await get<Row>(path)).etag });
      tell(t('keys.revoked', { name }));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      tellTrouble(problemText(error));
    }
    ask(false);
    changedResource('api_keys');
  };
  return (
    <>
      <Button class="small" onClick={() => ask(true)}>{t('keys.revoke')}<span class="unseen"> {name}</span></Button>
      {isAsked && <Dialog title={t('keys.revoke.title', { name })} onClose={() => ask(false)}>
        <p>{t('keys.revoke.means')}</p>
        <div class="buttons"><Button kind="danger" onClick={() => void revoke()}>{t('keys.revoke')}</Button><Button onClick={() => ask(false)}>{t('cancel')}</Button></div>
      </Dialog>}
    </>
  );
}

function Make({ close, made }: { close: () => void; made: (token: string) => void }) {
  const [name, setName] = useState('');
  const [days, setDays] = useState(DAYS[1]!);
  const [isReader, setReader] = useState(true);
  const [roles, setRoles] = useState<string[]>([]);
  const { faults, problem, isBusy, summary, attempt } = useAttempt();
  const ours = [...new Set(grants().map((grant) => grant.role))];
  const send = () => attempt(async () => {
    const { data } = await call<Row>('POST', '/v1/api_keys', { body: { label: name, expires_at: inDays(days), is_read_only: isReader, ...(roles.length ? { roles } : {}) } });
    changedResource('api_keys');
    made(String(data.token));
    close();
  });
  return (
    <Dialog title={t('keys.new')} onClose={close}>
      <form class="form" onSubmit={(event) => { event.preventDefault(); void send(); }}>
        {problem && <div class="summary" ref={summary} tabIndex={-1} role="alert"><ul>{(faults.length ? faults.map((one) => one.detail) : [problemText(problem)]).map((one) => <li key={one}>{one}</li>)}</ul></div>}
        <Frame id="key-name" text={t('keys.called')}><input id="key-name" value={name} maxLength={200} required onInput={(event) => setName(event.currentTarget.value)} /></Frame>
        <Frame id="key-days" text={t('keys.ends')}><select id="key-days" value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>{DAYS.map((one) => <option key={one} value={one}>{t('keys.in_days', { count: one })}</option>)}</select></Frame>
        <fieldset class="roles"><legend>{t('access.may')}</legend>
          <label><input type="radio" name="reads" checked={isReader} onChange={() => setReader(true)} /> <span>{t('keys.reads')}</span></label>
          <label><input type="radio" name="reads" checked={!isReader} onChange={() => setReader(false)} /> <span>{t('keys.writes')}</span></label></fieldset>
        {ours.length > 1 && <fieldset class="roles"><legend>{t('keys.roles')}</legend>{ours.map((one) => (
          <label key={one}><input type="checkbox" checked={roles.includes(one)} onChange={(event) => setRoles(event.currentTarget.checked ? [...roles, one] : roles.filter((other) => other !== one))} /> <span>{label(one)}</span></label>))}</fieldset>}
        <div class="buttons"><Button kind="primary" type="submit" busy={isBusy} disabled={!name.trim()}>{t('keys.new')}</Button><Button onClick={close}>{t('cancel')}</Button></div>
      </form>
    </Dialog>
  );
}

const Once = ({ token, close }: { token: string; close: () => void }) => (
  <Dialog title={t('keys.once')} onClose={close}>
    <p>{t('keys.once.more')}</p>
    <p><code class="raw token">{token}</code></p>
    <div class="buttons"><Button kind="primary" onClick={() => void navigator.clipboard.writeText(token).then(() => tell(t('keys.copied')))}>{t('keys.copy')}</Button><Button onClick={close}>{t('close')}</Button></div>
  </Dialog>
);
