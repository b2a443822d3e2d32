// One mail, or the decision against it: what it is about, by which rule, when in whose zone, why it did not go, each attempt.
import type { Message } from '../../gen/types';
import type { Row } from '../../lib/model';
import { instant, zoneName } from '../../lib/format';
import { zone } from '../../lib/session';
import { label, t, type Key } from '../../lib/words';
import { Badge, Card, Empty, Notice } from '../../ui/parts';
import { Record as RecordPage } from '../../records/record';
import { recordPath } from '../../records/paths';
import { Reference } from '../../records/value';

export const MessagePage = ({ id, part }: { id: string; part?: string }) =>
  <RecordPage plural="messages" id={id} part={part} parts={(row) => [{ id: 'why', text: t('mail.why'), show: () => <Why row={row as unknown as Message & Row} /> }]} />;

const WHY = ['opted_out', 'bounced', 'no_email', 'already_done', 'left_org', 'stale', 'blackout', 'rate_limited', 'moved', 'cancelled', 'snoozed', 'passed_on'];
/** Why it does not go, in a sentence where there is one. */
export const whyNot = (reason: string) => (WHY.includes(reason) ? t(`mail.why.${reason}` as Key) : label(reason));

export function outcome(row: { status: string; reason: string | null; waits_for: string | null; sent_at: string | null }): string {
  if (row.reason && row.status !== 'sent') return whyNot(row.reason);
  if (row.sent_at) return t('mail.sent', { when: instant(row.sent_at) });
  return row.waits_for ? t(`mail.waits.${row.waits_for}` as Key) : label(row.status);
}

function Why({ row }: { row: Message & Row }) {
  const tone = row.status === 'sent' ? 'good' : row.status === 'queued' || row.status === 'retry' ? 'warn' : 'bad';
  return (
    <>
      <Notice tone={tone === 'bad' ? 'plain' : tone}><p><b>{outcome(row)}</b></p><p>{t(`mail.class.${row.class}` as Key)}</p></Notice>
      <Card id="decided" title={t('mail.decided')}>
        <dl class="facts">
          <div><dt>{label('kind')}</dt><dd>{label(row.kind)}</dd></div>
          <div><dt>{t('mail.to')}</dt><dd>{row.contact_id ? <Reference plural="contacts" id={row.contact_id} /> : row.user_id ? <Reference plural="users" id={row.user_id} /> : t('none')} {row.to_address && <span class="hint">{row.to_address}</span>}</dd></div>
          {row.partnership_id && <div><dt>{label('partnership')}</dt><dd><Reference plural="partnerships" id={row.partnership_id} /></dd></div>}
          {row.reminder_rule_id && <div><dt>{t('mail.rule')}</dt><dd><a href={recordPath('reminder_rules', row.reminder_rule_id)}>{label('reminder_rule')}</a></dd></div>}
          <div><dt>{t('mail.decided_at')}</dt><dd>{instant(row.created_at as unknown as string)}</dd></div>
          <div><dt>{t('mail.goes')}</dt><dd>{instant(row.not_before)} – {instant(row.not_after)} <span class="hint">{zoneName(zone())}</span></dd></div>
          {row.sent_at && <div><dt>{label('sent_at')}</dt><dd>{instant(row.sent_at)}</dd></div>}
          {row.carried_by && <div><dt>{label('carried_by')}</dt><dd><a href={recordPath('messages', row.carried_by)}>{t('mail.together')}</a></dd></div>}
        </dl>
      </Card>
      <Card id="attempts" title={label('attempts')}>
        {!row.attempts.length && <Empty title={t('mail.no_attempts')} />}
        {row.attempts.length > 0 && <div class="table-box" tabIndex={0} role="group" aria-label={label('attempts')}>
          <table class="rows"><thead><tr><th scope="col">{t('mail.attempt')}</th><th scope="col">{t('mail.at')}</th><th scope="col">{label('outcome')}</th><th scope="col">{t('mail.server')}</th></tr></thead>
            <tbody>{row.attempts.map((one) => (
              <tr key={one.number}><th scope="row">{one.number}</th><td data-label={t('mail.at')}>{instant(one.started_at)}</td>
                <td data-label={label('outcome')}>{one.outcome ? <Badge value={one.outcome} /> : t('none')}</td><td data-label={t('mail.server')}>{[one.code, one.detail].filter(Boolean).join(' ') || t('none')}</td></tr>
            ))}</tbody></table></div>}
      </Card>
    </>
  );
}
