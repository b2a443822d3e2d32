// Calls to action: those that run, each with its clock and what is promised of what is wanted; on a call's own page its sites, who
// was asked and what they said, what each step took, how it is closed, and thanks.
import { useState } from 'preact/hooks';
import { address, call, Problem, type Page } from '../../lib/api';
import { changedResource, useGet } from '../../lib/store';
import { title, useResource, type Row } from '../../lib/model';
import { may, self } from '../../lib/session';
import * as format from '../../lib/format';
import { label, t, type Key } from '../../lib/words';
import { Badge, Button, Card, Empty, problemText, Title, Trouble, Waiting } from '../../ui/parts';
import { tell, tellTrouble } from '../../ui/toast';
import { Clock, endOf } from '../../charts/clock';
import { Filled } from '../../charts/filled';
import { listPath, newPath, recordPath } from '../../records/paths';
import { amount, Choose, Controls, useAddress, Ways } from './around';
import { Answers } from './need';
import { Nudge } from '../nudge';

interface Site { site_id: string; name: string; need_id: string; status: string; quantity: number; filled: number; delivered: number }
interface Step { step: string; count: number; median_days: string | null; ordinary_count: number; ordinary_median_days: string | null }
interface Report { status: string; resolution: string | null; deadline: string; days_open: number | null; unit: string | null; quantity: number; allocated: number; pledged: number; accepted: number;
  delivered: number; partners: number; sites: Site[]; steps: Step[] }

const RUNNING = ['open', 'extended'];
const SHOWN = 50;
const endsAt = (row: Row) => endOf(String(row.deadline), self().district.zone);

export function Calls() {
  const { query, set } = useAddress();
  const resource = useResource('calls_to_action');
  const status = query.status ?? 'running';
  const { data, problem, reload } = useGet<Page<Row>>(address('/v1/calls_to_action', { status: status === 'running' ? RUNNING : status, sort: status === 'running' ? 'deadline' : '-deadline', limit: SHOWN, expand: 'focus_area' }));
  return (
    <>
      <Title actions={<><a class="button quiet" href={listPath('calls_to_action')}>{t('needs.list')}</a>
        {may(resource?.create) && <a class="button primary" href={newPath('calls_to_action')}>{t('new', { what: label('call_to_action').toLocaleLowerCase() })}</a>}</>}>{label('calls_to_action')}</Title>
      <Ways at="calls" />
      <Controls><Choose name="status" values={['running', 'draft', 'closed', 'cancelled']} query={{ status }} set={set} show={(one) => (one === 'running' ? t('calls.running') : label(one))} /></Controls>
      {problem && <Trouble problem={problem} again={reload} />}
      {!data && !problem && <Waiting lines={6} />}
      {data?.data.length === 0 && <Empty title={t(status === 'running' ? 'calls.none' : 'calls.none.others')}><p>{t('calls.none.more')}</p></Empty>}
      <div class="calls">{data?.data.map((row) => <OneCall key={row.id} row={row} />)}</div>
      {data?.page.has_more && <p><a href={listPath('calls_to_action')}>{t('all', { what: label('calls_to_action').toLocaleLowerCase() })}</a></p>}
    </>
  );
}

const useReport = (id: string) => useGet<Report>(`/v1/calls_to_action/${id}/report`);

function OneCall({ row }: { row: Row }) {
  const { data, problem } = useReport(row.id);
  const id = `call-${row.id}`;
  return (
    <article class="card" aria-labelledby={id}>
      <header class="card-head"><h2 id={id}><a href={recordPath('calls_to_action', row.id)}>{title(row)}</a></h2><Badge value={String(row.status)} tone={RUNNING.includes(String(row.status)) ? 'warn' : 'plain'} /></header>
      <p class="hint">{title(row.focus_area as Row)} · {t('calls.until', { when: format.day(String(row.deadline)) })}</p>
      {RUNNING.includes(String(row.status)) && <Clock from={Date.parse(String(row.opened_at))} until={endsAt(row)} name={t('calls.clock', { name: title(row) })} />}
      {data ? <Sums report={data} /> : <Waiting lines={2} problem={problem} />}
    </article>
  );
}

const Sums = ({ report }: { report: Report }) => (
  <>
    <Filled asked={report.quantity} promised={report.pledged} delivered={report.delivered} text={t('calls.pledged', { some: amount(report.pledged, null), all: amount(report.quantity, report.unit) })} />
    <dl class="counts small">{([['accepted', report.accepted], ['delivered', report.delivered], ['partners', report.partners], ['sites', report.sites.length]] as const).map(([name, value]) =>
      <div key={name}><dd>{format.number(value)}</dd><dt>{label(name)}</dt></div>)}</dl>
  </>
);

// ---- On its own page -----------------------------------------------------------------------------

export function CallProgress({ row }: { row: Row }) {
  const { data: report, problem, reload } = useReport(row.id);
  const isRunning = RUNNING.includes(String(row.status));
  return (
    <>
      <Card id="clock" title={t('calls.progress')}>
        {isRunning && <Clock from={Date.parse(String(row.opened_at))} until={endsAt(row)} name={t('calls.clock', { name: title(row) })} />}
        {problem && <Trouble problem={problem} again={reload} />}
        {report ? <Sums report={report} /> : !problem && <Waiting />}
        {report && <p class="hint">{t('calls.allocated', { some: amount(report.allocated, null), all: amount(report.quantity, report.unit) })}</p>}
        {Boolean(row.resolution) && <><h3>{label('resolution')}</h3><p class="prose">{String(row.resolution)}</p></>}
        <p class="prose">{String(row.situation)}</p>
      </Card>
      {report && <SitesOf report={report} />}
      {report && report.status !== 'draft' && <Steps steps={report.steps} />}
    </>
  );
}

const SitesOf = ({ report }: { report: Report }) => (
  <Card id="call-sites" title={t('calls.sites')}>
    {!report.sites.length && <Empty title={t('calls.sites.none')}><p>{t('calls.sites.none.more')}</p></Empty>}
    {report.sites.length > 0 && <div class="table-box" tabIndex={0} role="group" aria-label={t('calls.sites')}><table class="rows">
      <thead><tr><th scope="col">{label('site')}</th><th scope="col">{label('status')}</th><th scope="col">{t('need.progress')}</th><th scope="col">{t('need.find')}</th></tr></thead>
      <tbody>{report.sites.map((site) => (
        <tr key={site.site_id}><th scope="row"><a href={recordPath('needs', site.need_id)}>{site.name}</a></th><td data-label={label('status')}><Badge value={site.status} /></td>
          <td data-label={t('need.progress')}><Filled asked={site.quantity} promised={site.filled} delivered={site.delivered} text={t('need.promised', { some: amount(site.filled, null), all: amount(site.quantity, report.unit) })} /></td>
          <td data-label={t('need.find')}>{['open', 'partly_matched'].includes(site.status) && <a class="button quiet small" href={recordPath('needs', site.need_id, 'matches')}>{t('match.ask')}<span class="unseen"> {site.name}</span></a>}</td></tr>))}</tbody>
    </table></div>}
  </Card>
);

const days = (value: string | null) => (value === null ? <span class="none">{t('none')}</span> : t('calls.days', { count: Number(value), days: format.number(value, 1) }));

const Steps = ({ steps }: { steps: Step[] }) => (
  <Card id="call-steps" title={t('calls.steps')}>
    <p class="hint">{t('calls.steps.more')}</p>
    <div class="table-box" tabIndex={0} role="group" aria-label={t('calls.steps')}><table class="rows">
      <thead><tr><th scope="col">{t('calls.step')}</th><th scope="col" class="number">{t('calls.this')}</th><th scope="col" class="number">{t('calls.ordinary')}</th></tr></thead>
      <tbody>{steps.map((step) => <tr key={step.step}><th scope="row">{t(`calls.step.${step.step}` as Key)}</th>
        <td class="number" data-label={t('calls.this')}>{days(step.median_days)} <span class="hint">({format.number(step.count)})</span></td>
        <td class="number" data-label={t('calls.ordinary')}>{days(step.ordinary_median_days)} <span class="hint">({format.number(step.ordinary_count)})</span></td></tr>)}</tbody>
    </table></div>
  </Card>
);

/** Who was asked, what they said, and what each can be told; who gave is thanked from here. */
export function CallAnswers({ row }: { row: Row }) {
  const unit = row.unit as string | null;
  const query = { call_to_action_id: row.id };
  return (
    <>
      <Answers plural="asks" query={query} unit={unit} empty={t('calls.asks.none')} more={(ask) => ask.status === 'sent' && <NudgeOf ask={ask} call={title(row)} />} />
      <Answers plural="pledges" query={query} unit={unit} empty={t('calls.pledges.none')} more={(pledge) => ['accepted', 'partly_delivered', 'delivered'].includes(String(pledge.status)) && <Thanks pledge={pledge} />} />
    </>
  );
}

function NudgeOf({ ask, call: name }: { ask: Row; call: string }) {
  const { data: contact } = useGet<Row>(ask.contact_id ? `/v1/contacts/${String(ask.contact_id)}` : null);
  return <Nudge to={contact} name={name} />;
}

function Thanks({ pledge }: { pledge: Row }) {
  const [isBusy, setBusy] = useState(false);
  const thanks = useResource('thank_yous');
  const { data } = useGet<Page<Row>>(may(thanks?.list) ? address('/v1/thank_yous', { pledge_id: pledge.id, status: 'draft,sent,given' }) : null);
  const said = data?.data[0];
  if (said) return <a href={recordPath('thank_yous', said.id)}>{label('thank_you')}: <Badge value={String(said.status)} /></a>;
  if (!data || !may(thanks?.create)) return null;
  const draft = async () => {
    setBusy(true);
    try {
      await call('POST', '/v1/thank_yous', { body: { occasion: 'pledge', pledge_id: pledge.id } });
      changedResource('thank_yous');
      tell(t('calls.thanked'));
    } catch (error) {
      setBusy(false);
      if (error instanceof Problem) tellTrouble(problemText(error)); else throw error;
    }
  };
  return <Button class="small" busy={isBusy} onClick={() => void draft()}>{t('calls.thank')}<span class="unseen"> {title(pledge.partner as Row)}</span></Button>;
}
