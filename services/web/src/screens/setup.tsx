// From an empty district to one whose mail goes out: what is still to be done, each with the way to it; the test mail; and the
// last step, which says before what it does.
import { useState } from 'preact/hooks';
import { call, Problem } from '../lib/api';
import { changed, changedResource, useGet } from '../lib/store';
import type { Row } from '../lib/model';
import { useRights } from '../lib/rights';
import { self } from '../lib/session';
import { instant } from '../lib/format';
import { label, t } from '../lib/words';
import { Badge, Button, Card, Notice, Title, Trouble, Waiting, problemText } from '../ui/parts';
import { Icon } from '../ui/icons';
import { tell, tellTrouble } from '../ui/toast';
import { Form } from '../records/form';
import { recordPath } from '../records/paths';
import { whereOf, type Setup, type Step } from './steps';

export function SetupScreen() {
  const { data, problem, reload } = useGet<Setup>('/v1/setup');
  return (
    <>
      <Title of={data && <Badge value={data.is_live ? 'live' : 'not_live'} tone={data.is_live ? 'good' : 'warn'} />}>{t('setup.title')}</Title>
      {problem && <Trouble problem={problem} again={reload} />}
      {!data && !problem && <Waiting lines={8} />}
      {data && <>
        <Steps steps={data.steps} />
        {!data.steps.find((step) => step.key === 'mail_check')?.is_done && <MailCheck />}
        {!data.is_live && <GoLive setup={data} />}
      </>}
    </>
  );
}

export const Steps = ({ steps }: { steps: Step[] }) => (
  <Card id="steps" title={t('setup.steps')}>
    <ul class="steps">{steps.map((step) => (
      <li key={step.key} class={step.is_done ? 'done' : ''}>
        <Icon name={step.is_done ? 'tick' : 'ring'} />
        {whereOf(step.key) && !step.is_done ? <a href={whereOf(step.key)}>{label(step.key)}</a> : label(step.key)}
        {step.is_done ? <span class="unseen">{t('setup.done')}</span>
          : <>{step.needed > 1 && <span class="hint">{t('setup.count', { count: step.count, needed: step.needed })}</span>}
            <Badge value={step.is_required ? 'required' : 'recommended'} tone={step.is_required ? 'warn' : 'plain'} /></>}
      </li>
    ))}</ul>
  </Card>
);

/** A mail to oneself, which says a code: whoever knows that has seen mail arrive. */
function MailCheck() {
  const [sent, setSent] = useState<Row>();
  const [isBusy, setBusy] = useState(false);
  const { data: rights } = useRights('districts', self().district.id);
  if (!rights?.actions.includes('go_live')) return null;
  const send = () => {
    setBusy(true);
    call<Row>('POST', '/v1/mail_checks', { body: {} }).then((reply) => setSent(reply.data),
      (error) => { if (error instanceof Problem) tellTrouble(problemText(error)); else throw error; }).finally(() => setBusy(false));
  };
  return (
    <Card id="mail-check" title={label('mail_check')}>
      <p>{t('setup.mail', { address: self().user.email })}</p>
      {!sent && <Button busy={isBusy} onClick={send}>{t('setup.mail.send')}</Button>}
      {sent && <Form fields={[{ name: 'code', kind: 'text', required: true }]} submit={t('setup.mail.confirm')} onSubmit={async (values) => {
        await call('POST', `/v1/mail_checks/${sent.id}/confirm`, { body: values });
        tell(t('setup.mail.arrived'));
        changed((path) => path === '/v1/setup');
      }} />}
    </Card>
  );
}

function GoLive({ setup }: { setup: Setup }) {
  const { id } = self().district;
  const { data: rights } = useRights('districts', id);
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const { mails } = setup;
  const go = () => {
    setBusy(true);
    call('POST', `/v1/districts/${id}/go_live`, { body: { preview: mails.preview } }).then(() => {
      tell(t('setup.live'));
      changedResource('districts');
      changed((path) => path === '/v1/setup');
    }, (error) => { if (error instanceof Problem) { setProblem(error); changed((path) => path === '/v1/setup'); } else throw error; }).finally(() => setBusy(false));
  };
  return (
    <Card id="go-live" title={label('go_live')}>
      <p>{t('setup.go', { count: mails.would_go })} {mails.left_out > 0 && t('setup.left_out', { count: mails.left_out })}</p>
      {mails.first.length > 0 && <ul class="plain">{mails.first.slice(0, 10).map((mail) => (
        <li key={mail.message_id}><a href={recordPath('messages', mail.message_id)}>{label(mail.kind)}</a> <span class="hint">{mail.to_address} · {instant(mail.not_before)}</span></li>
      ))}</ul>}
      {problem && <Trouble problem={problem} />}
      {rights?.actions.includes('go_live')
        ? <Button kind="primary" busy={isBusy} disabled={!setup.is_ready} onClick={go}>{t('setup.go.now')}</Button>
        : <Notice><p>{t('setup.go.admin')}</p></Notice>}
      {!setup.is_ready && <p class="hint">{t('setup.not_ready')}</p>}
    </Card>
  );
}
