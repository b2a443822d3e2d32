// Settings in groups: what each does, what it is now, and who made it so when; those who may not change them read the same.
import { address } from '../../lib/api';
import { useGet } from '../../lib/store';
import { useResource, type Field, type Row } from '../../lib/model';
import { useRights } from '../../lib/rights';
import { hasRole, self } from '../../lib/session';
import * as format from '../../lib/format';
import { label, t, type Key } from '../../lib/words';
import { Card, Trouble, Waiting } from '../../ui/parts';
import { listPath, recordPath } from '../../records/paths';
import { Value } from '../../records/value';

const GROUPS: [string, string[]][] = [
  ['identity', ['name', 'zone', 'locale', 'locales', 'website', 'phone', 'accent_color', 'logo_id']],
  ['mail', ['mail_from_name', 'mail_from', 'reply_to', 'mail_hour', 'mail_until_hour', 'mail_weekly_cap', 'partner_year_days']],
  ['privacy', ['small_cell', 'survey_cell', 'text_cell', 'minimum_enrolled_days', 'sso_only']],
  ['work', ['vets_partners', 'ask_limit', 'ask_owner_days', 'remedy_wait_days', 'check_in_opening_days', 'review_lead_days', 'opens_on_holidays', 'fiscal_month']],
  ['papers', ['agreement_grace_days', 'agreement_lead_days', 'credential_lead_days']],
  ['health', ['health_late_minutes', 'health_failed_mails', 'health_data_days']],
];
const ELSEWHERE = ['signing_authorities', 'valuation_rates', 'reminder_rules', 'retention_rules', 'match_weights', 'required_credentials', 'review_rules', 'identity_providers'];

interface Change { at: string; actor_name: string | null; setting: string; is_recorded: boolean; from: unknown }

export function Settings() {
  const id = self().district.id;
  const resource = useResource('districts');
  const { data: row, problem, reload } = useGet<Row>(`/v1/districts/${id}`);
  const { data: rights } = useRights('districts', id);
  const { data: history } = useGet<{ data: Change[] }>(hasRole('admin', 'director') ? address('/v1/settings_history', { resource: 'district' }) : null);
  if (problem) return <Trouble problem={problem} again={reload} />;
  if (!resource || !row) return <Waiting lines={8} />;
  const fieldOf = (name: string) => resource.fields.find((one) => one.name === name);
  return (
    <>
      <p class="hint">{t(rights?.update ? 'settings.yours' : 'settings.for_admins')} {rights?.update && <a class="button quiet small" href={recordPath('districts', id, 'edit')}>{t('settings.change')}</a>}</p>
      {GROUPS.map(([group, names]) => (
        <Card key={group} id={`settings-${group}`} title={t(`settings.${group}` as Key)}>
          <dl class="settings">{names.map(fieldOf).filter((field) => field !== undefined).map((field) =>
            <Setting key={field.name} field={field} row={row} change={history?.data.find((one) => one.setting === field.name)} />)}</dl>
        </Card>))}
      <Card id="settings-more" title={t('settings.more')}>
        <p>{t('settings.more.text')}</p>
        <ul class="inline">{ELSEWHERE.map((plural) => <li key={plural}><a href={listPath(plural)}>{label(plural)}</a></li>)}</ul>
      </Card>
    </>
  );
}

const Setting = ({ field, row, change }: { field: Field; row: Row; change?: Change }) => (
  <div>
    <dt>{label(field.name)} <span class="hint">{t(`setting.${field.name}` as Key)}</span></dt>
    <dd><Value field={field} value={row[field.name]} row={row} />
      <span class="hint"> {change ? t('settings.changed', { who: change.actor_name ?? t('settings.operator'), when: format.instant(change.at, { dateStyle: 'medium' }) }) : ''}</span></dd>
  </div>
);
