// What somebody got, what was decided against, and what comes next: "why did she not get it?" has an answer on her page.
import { address, type Page } from '../../lib/api';
import type { Message } from '../../gen/types';
import { title, type Row } from '../../lib/model';
import { useGet } from '../../lib/store';
import { day, instant, zoneName } from '../../lib/format';
import { may } from '../../lib/session';
import { useResource } from '../../lib/model';
import { label, t } from '../../lib/words';
import { Badge, Card, Empty, Waiting } from '../../ui/parts';
import { listPath, recordPath } from '../../records/paths';
import { Reference } from '../../records/value';
import { outcome, whyNot } from './message';

type Mail = Message & Row;
interface Ahead { kind: string; subject_id: string; message_id: string | null; offset_days: number | null; others: number; contact_id: string | null; user_id: string | null; name: string | null; goes_at: string; goes_on: string;
  local_time: string; zone: string; would_go: boolean; reason: string | null; waits_for: string | null }

/** query: which of the ledger's rows; ahead: whose next mails. */
export function Mails({ query, ahead }: { query: Record<string, string>; ahead?: { plural: 'contacts' | 'partnerships'; id: string } }) {
  const resource = useResource('messages');
  const path = address('/v1/messages', { ...query, sort: '-created_at', limit: 50, expand: 'contact' });
  const { data, problem } = useGet<Page<Mail>>(resource && may(resource.list) ? path : null);
  if (resource && !may(resource.list)) return null;
  return (
    <>
      {ahead && <NextMails {...ahead} />}
      <Card id="mails" title={t('mail.title')}>
        {!data && <Waiting problem={problem} />}
        {data && !data.data.length && <Empty title={t('mail.none')}><p>{t('mail.none.more')}</p></Empty>}
        {data && data.data.length > 0 && <Ledger rows={data.data} hasPerson={!query.contact_id?.match(/^[^,]+$/)} />}
        {data?.page.has_more && <p><a href={listPath('messages', query)}>{t('all', { what: label('messages').toLocaleLowerCase() })}</a></p>}
      </Card>
    </>
  );
}

const Ledger = ({ rows, hasPerson }: { rows: Mail[]; hasPerson: boolean }) => (
  <div class="table-box" tabIndex={0} role="group" aria-label={t('mail.title')}>
    <table class="rows"><thead><tr><th scope="col">{label('kind')}</th>{hasPerson && <th scope="col">{t('mail.to')}</th>}<th scope="col">{t('mail.decided_at')}</th><th scope="col">{label('status')}</th><th scope="col">{t('mail.why')}</th><th scope="col" class="number">{label('attempts')}</th></tr></thead>
      <tbody>{rows.map((row) => (
        <tr key={row.id}><th scope="row"><a href={recordPath('messages', row.id)}>{label(row.kind)}</a></th>
          {hasPerson && <td data-label={t('mail.to')}>{row.contact_id ? <Reference plural="contacts" id={row.contact_id} embedded={row.contact as unknown as Row} /> : row.user_id ? <Reference plural="users" id={row.user_id} /> : row.to_address}</td>}
          <td data-label={t('mail.decided_at')}>{instant(String(row.created_at))}</td><td data-label={label('status')}><Badge value={row.status} /></td>
          <td data-label={t('mail.why')}>{outcome(row)}</td><td class="number" data-label={label('attempts')}>{row.attempts.length}</td></tr>
      ))}</tbody></table>
  </div>
);

function NextMails({ plural, id }: { plural: 'contacts' | 'partnerships'; id: string }) {
  const { data } = useGet<{ total: number; mails: Ahead[] }>(address(`/v1/${plural}/${id}/next_mails`, { limit: 20 }));
  if (!data) return null;
  return (
    <Card id="ahead" title={t('mail.ahead')}>
      {!data.mails.length && <Empty title={t('mail.ahead.none')} />}
      {data.mails.length > 0 && <div class="table-box" tabIndex={0} role="group" aria-label={t('mail.ahead')}>
        <table class="rows"><thead><tr><th scope="col">{label('kind')}</th>{plural === 'partnerships' && <th scope="col">{t('mail.to')}</th>}<th scope="col">{t('mail.goes')}</th><th scope="col">{t('mail.rule')}</th><th scope="col">{t('mail.will')}</th></tr></thead>
          <tbody>{data.mails.map((mail, n) => (
            <tr key={n}><th scope="row">{mail.message_id ? <a href={recordPath('messages', mail.message_id)}>{label(mail.kind)}</a> : label(mail.kind)}{mail.others > 0 && <span class="hint"> {t('mail.others', { count: mail.others })}</span>}</th>
              {plural === 'partnerships' && <td data-label={t('mail.to')}><a href={recordPath(mail.contact_id ? 'contacts' : 'users', (mail.contact_id ?? mail.user_id)!)}>{mail.name ?? t('none')}</a></td>}
              <td data-label={t('mail.goes')}>{day(mail.goes_on, { weekday: 'short', month: 'short', day: 'numeric' })}, {mail.local_time} <span class="hint">{zoneName(mail.zone)}</span></td>
              <td data-label={t('mail.rule')}>{mail.offset_days === null ? <span class="none">{t('none')}</span> : rule(mail.offset_days)}</td>
              <td data-label={t('mail.will')}>{mail.would_go ? <Badge value="queued" tone="good" /> : <Badge value={mail.reason ?? 'suppressed'} tone="warn" />}{!mail.would_go && mail.reason && <span class="hint"> {whyNot(mail.reason)}</span>}</td></tr>
          ))}</tbody></table></div>}
      {data.total > data.mails.length && <p class="hint">{t('mail.ahead.more', { count: data.total - data.mails.length })}</p>}
    </Card>
  );
}

const rule = (days: number) => (days === 0 ? t('mail.rule.day') : days < 0 ? t('mail.rule.before', { count: -days }) : t('mail.rule.after', { count: days }));

/** Of a partner: those of all of its people. */
export function MailsOfPartner({ row }: { row: Row }) {
  const { data, problem } = useGet<Page<Row>>(address('/v1/affiliations', { partner_id: row.id, limit: 100, expand: 'contact' }));
  if (!data) return <Waiting problem={problem} />;
  const people = [...new Map(data.data.map((one) => [String(one.contact_id), one.contact as Row | undefined])).entries()];
  if (!people.length) return <Empty title={t('mail.nobody')}><p>{t('mail.nobody.more')}</p></Empty>;
  return (
    <>
      <p>{t('mail.people')} {people.map(([id, contact], n) => <span key={id}>{n > 0 && ' · '}<a href={recordPath('contacts', id, 'mails')}>{title(contact) || label('contact')}</a></span>)}</p>
      <Mails query={{ contact_id: people.map(([id]) => id).join(',') }} />
    </>
  );
}
