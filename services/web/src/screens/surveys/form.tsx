// A wave planned: what it asks, as what, whom, and when. Whom that comes to is shown as soon as it is kept as a draft.
import { useLocation } from 'preact-iso';
import { useEffect, useState } from 'preact/hooks';
import { address, call, type Fault, type Page } from '../../lib/api';
import { field, useResource, type Resource, type Row } from '../../lib/model';
import { changedResource, put, useGet } from '../../lib/store';
import * as format from '../../lib/format';
import { label, t, type Key } from '../../lib/words';
import { Button, Card, Notice, problemText, Title, Trouble, Waiting } from '../../ui/parts';
import { tell } from '../../ui/toast';
import { changes } from '../../records/form';
import { Frame, Input } from '../../records/input';
import { listPath, recordPath } from '../../records/paths';
import { isRole, useDraft } from './draft';
import type { Instrument } from './instrument';
import { useAttempt } from '../../records/attempt';

type Values = Record<string, unknown>;
const MODES = ['attributed', 'confidential', 'anonymous'] as const;
const FIELDS = ['name', 'instrument_id', 'mode', 'asks_district', 'asks_partner', 'audience', 'partner_id', 'site_id', 'contact_filter_id', 'user_filter_id', 'late_joiners', 'school_year', 'opens_on', 'closes_on',
  'opening_hour', 'reminder_days', 'introduction', 'is_sensitive', 'consent_note', 'has_public_link', 'public_hourly', 'public_total'];

export function NewSurvey() {
  const resource = useResource('surveys');
  const { query } = useLocation();
  if (!isRole('surveys')) return <><Title>{label('surveys')}</Title><Notice tone="bad">{t('problem.forbidden')}</Notice></>;
  if (!resource) return <Waiting lines={8} />;
  const initial = { mode: 'confidential', asks_district: true, asks_partner: true, late_joiners: 'invite', school_year: format.thisSchoolYear(), reminder_days: [3, 0],
    opens_on: format.today(), ...(query.instrument_id ? { instrument_id: query.instrument_id } : {}), ...(query.contact_filter_id ? { contact_filter_id: query.contact_filter_id } : {}) };
  return <SurveyForm resource={resource} initial={initial} draft="surveys/new" save={async (values) => {
    const body = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== ''));
    return (await call<Row>('POST', '/v1/surveys', { body })).data;
  }} />;
}

export function EditSurvey({ id }: { id: string }) {
  const resource = useResource('surveys');
  const path = `/v1/surveys/${id}`;
  const { data: row, etag, problem, reload } = useGet<Row>(path);
  const [base, setBase] = useState<{ row: Row; etag: string }>();
  useEffect(() => { if (row && etag && !base) setBase({ row, etag }); }, [row, etag]);
  if (problem) return <Trouble problem={problem} again={reload} />;
  if (!base || !resource) return <Waiting lines={8} />;
  const fields = resource.patch!.fields;
  return <SurveyForm resource={resource} row={base.row} draft={`surveys/${id}`} initial={Object.fromEntries(FIELDS.map((name) => [name, base.row[name] ?? null]))} save={async (values) => {
    const reply = await call<Row>('PATCH', path, { body: changes(fields, base.row, { ...base.row, ...values }), etag: base.etag, type: 'application/merge-patch+json' });
    put(path, reply.data, reply.etag);
    return reply.data;
  }} />;
}

function SurveyForm({ resource, row, initial, draft, save }: { resource: Resource; row?: Row; initial: Values; draft: string; save: (values: Values) => Promise<Row> }) {
  const { route } = useLocation();
  const [values, setValues, drop] = useDraft<Values>(draft, initial);
  const { faults, setFaults, problem, isBusy, summary, attempt } = useAttempt();
  const { data: instrument } = useGet<Row & Instrument>(values.instrument_id ? `/v1/instruments/${String(values.instrument_id)}` : null);
  const set = (more: Values) => {
    setValues({ ...values, ...more });
    setFaults((all) => all.filter((one) => !Object.keys(more).includes(one.pointer.split('/')[1] ?? '')));
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    await attempt(async () => {
      const kept = await save(values);
      drop();
      changedResource('surveys');
      tell(t(row ? 'done.saved' : 'done.created', { name: String(kept.name) }));
      route(recordPath('surveys', kept.id, row ? undefined : 'audience'), true);
    });
  };
  const idOf = (name: string) => `wave-${name}`;
  const one = (name: string, extra: { required?: boolean } = {}) => {
    const declared = (row ? resource.patch : resource.create)?.fields.find((known) => known.name === name) ?? field(resource, name);
    if (!declared) return null;
    return <Input key={name} id={idOf(name)} field={{ ...declared, ...extra }} value={values[name]} fault={faults.find((fault) => fault.pointer.split('/')[1] === name)?.detail} onChange={(value) => set({ [name]: value })} />;
  };
  const isRelationship = instrument?.subject !== 'none';
  return (
    <>
      <Title crumbs={<a href={listPath('surveys')}>{label('surveys')}</a>}>{row ? t('edit', { name: String(row.name) }) : t('new', { what: label('survey').toLocaleLowerCase() })}</Title>
      <form class="form wave" noValidate onSubmit={(event) => void submit(event)}>
        {problem && <div class="summary" ref={summary} tabIndex={-1} role="alert"><h2>{t('fault.summary')}</h2><ul>
          {!faults.length && <li>{problem.status === 412 ? t('instrument.overtaken') : problemText(problem)}</li>}
          {faults.map((fault) => <li key={fault.pointer}><a href={`#${idOf(fault.pointer.split('/')[1] ?? '')}`} onClick={(event) => {
            event.preventDefault();
            document.getElementById(idOf(fault.pointer.split('/')[1] ?? ''))?.focus();
          }}>{label(fault.pointer.split('/')[1] ?? '')}: {fault.detail}</a></li>)}
        </ul></div>}
        <Card id="wave-what" title={t('survey.what')}>
          {one('instrument_id', { required: true })}
          {instrument && <p class="hint">{t('instrument.counts', { count: instrument.questions.length, sections: instrument.sections.length })} · {t(isRelationship ? 'instrument.subject.relationship' : 'instrument.subject.none')}</p>}
          {one('name', { required: true })}
          {one('introduction')}
        </Card>
        <Card id="wave-mode-title" title={t('survey.mode')}>
          <fieldset class="field" id={idOf('mode')} tabIndex={-1}><legend class="unseen">{t('survey.mode')}</legend>
            {MODES.map((mode) => (
              <label key={mode} class="tick choice"><input type="radio" name="mode" checked={values.mode === mode} onChange={() => set({ mode })} />
                <span><b>{label(mode)}</b><br /><span class="hint">{t(`survey.mode.${mode}` as Key)}</span></span></label>
            ))}
            {faults.filter((fault) => fault.pointer === '/mode').map((fault) => <p key={fault.detail} class="fault">{fault.detail}</p>)}
          </fieldset>
        </Card>
        <Card id="wave-whom" title={t('survey.whom')}>
          {isRelationship ? <>{one('asks_district')}{one('asks_partner')}</> : one('audience')}
          <SavedFilter name="contact_filter_id" of="contacts" {...{ values, set, faults }} />
          <SavedFilter name="user_filter_id" of="users" {...{ values, set, faults }} />
          {isRelationship && <>{one('partner_id')}{one('site_id')}</>}
          {one('late_joiners', { required: true })}
          {!isRelationship && values.mode === 'anonymous' && <>{one('has_public_link')}{Boolean(values.has_public_link) && <>{one('public_hourly')}{one('public_total')}</>}</>}
          <p class="hint">{t('survey.whom.next')}</p>
        </Card>
        <Card id="wave-when" title={t('survey.when')}>
          {one('school_year', { required: true })}
          <div class="side-by-side">{one('opens_on', { required: true })}{one('closes_on', { required: true })}</div>
          {one('opening_hour')}
          <ReminderDays days={(values.reminder_days ?? []) as number[]} onChange={(reminder_days) => set({ reminder_days })} fault={faults.find((fault) => fault.pointer.startsWith('/reminder_days'))?.detail} />
        </Card>
        <Card id="wave-care" title={t('survey.care')}>
          {one('is_sensitive')}
          {Boolean(values.is_sensitive) && one('consent_note')}
        </Card>
        <div class="buttons"><Button kind="primary" type="submit" busy={isBusy}>{t(row ? 'save' : 'survey.keep')}</Button><Button onClick={() => history.back()}>{t('cancel')}</Button></div>
      </form>
    </>
  );
}

function SavedFilter({ name, of, values, set, faults }: { name: string; of: string; values: Values; set: (more: Values) => void; faults: Fault[] }) {
  const { data } = useGet<Page<Row>>(address('/v1/saved_filters', { resource: of, limit: 200 }));
  const id = `wave-${name}`;
  return (
    <Frame id={id} text={label(name)} optional hint={data && !data.data.length ? t('survey.filter.none', { what: label(of).toLocaleLowerCase() }) : undefined} fault={faults.find((fault) => fault.pointer === `/${name}`)?.detail}>
      <select id={id} value={String(values[name] ?? '')} onChange={(event) => set({ [name]: event.currentTarget.value || null })}>
        <option value="">{t('survey.filter.all')}</option>
        {data?.data.map((row) => <option key={row.id} value={row.id}>{String(row.name)}</option>)}
      </select>
    </Frame>
  );
}

const MOST = 5;

function ReminderDays({ days, onChange, fault }: { days: number[]; onChange: (days: number[]) => void; fault?: string }) {
  const sorted = [...days].sort((a, b) => b - a);
  return (
    <fieldset class={fault ? 'field wrong' : 'field'} id="wave-reminder_days" tabIndex={-1}>
      <legend>{label('reminder_days')}</legend>
      <p class="hint">{t('survey.reminders')}</p>
      <div class="ticks">{[...new Set([14, 7, 5, 3, 1, 0, ...sorted])].sort((a, b) => b - a).map((one) => (
        <label key={one} class="tick"><input type="checkbox" checked={days.includes(one)} disabled={!days.includes(one) && days.length >= MOST}
          onChange={(event) => onChange(event.currentTarget.checked ? [...sorted, one] : sorted.filter((other) => other !== one))} />{one ? t('survey.days_before', { count: one }) : t('survey.last_day')}</label>
      ))}</div>
      {fault && <p class="fault">{fault}</p>}
    </fieldset>
  );
}
