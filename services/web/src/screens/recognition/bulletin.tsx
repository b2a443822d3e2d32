// A bulletin: the mail as its readers see it, in each of its languages; who gets it, and who does not and why; what became of it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { address } from '../../lib/api';
import { useGet } from '../../lib/store';
import { useResource, type Row } from '../../lib/model';
import * as format from '../../lib/format';
import { trusted } from '../../lib/trusted';
import { label, languageName, t } from '../../lib/words';
import { Badge, Card, Empty, Trouble, Waiting } from '../../ui/parts';
import { Counts, Table } from '../../ui/table';
import { listPath, recordPath } from '../../records/paths';
import { Facts, Record as RecordPage } from '../../records/record';
import { whyNot } from '../mails/message';
import { Frame } from '../../records/input';

interface Preview { needs: { id: string; title: string; needed_by: string }[]; goes: number; stays: number; reasons: Record<string, number>;
  recipients: { contact_id: string; name: string; locale: string; text_locale: string; reason: string | null }[] }
interface Mail { locale: string; subject: string; text: string; html: string }

export const BulletinPage = ({ id, part }: { id: string; part?: string }) => (
  <RecordPage plural="bulletins" id={id} part={part} parts={(row) => [
    { id: 'overview', text: t('part.overview'), show: () => <Overview row={row} /> },
    { id: 'audience', text: t('bulletin.audience'), show: () => <Audience row={row} /> }]} />
);

function Overview({ row }: { row: Row }) {
  const resource = useResource('bulletins');
  const { data } = useGet<Preview>(`/v1/bulletins/${row.id}/preview`);
  const isSent = row.status === 'sent';
  return (
    <>
      {isSent ? <Counts counts={[
        { name: t('bulletin.went'), value: format.number(Number(row.queued ?? 0)), href: listPath('messages', { subject_id: row.id }) },
        { name: t('bulletin.stayed'), value: format.number(Number(row.suppressed ?? 0)), href: listPath('messages', { subject_id: row.id, status: 'suppressed' }) }]} />
        : data && <Counts counts={[
          { name: t('bulletin.goes'), value: format.number(data.goes), href: recordPath('bulletins', row.id, 'audience') },
          { name: t('bulletin.stays'), value: format.number(data.stays), href: recordPath('bulletins', row.id, 'audience') },
          { name: t('bulletin.needs'), value: format.number(data.needs.length) }]} />}
      {data && !isSent && !data.needs.length && <Empty title={t('bulletin.no_needs')}><p>{t('bulletin.no_needs.more')}</p></Empty>}
      <MailShown row={row} />
      {resource && <Facts resource={resource} row={row} names={['saved_filter_id', 'focus_area_id', 'site_id', 'send_on', 'stale_days', 'sent_at', 'scheduled_by', 'status_reason']} />}
    </>
  );
}

function MailShown({ row }: { row: Row }) {
  const languages = (row.texts as { locale: string }[]).map((one) => one.locale);
  const [locale, choose] = useState(languages[0]!);
  const { data, problem } = useGet<Mail>(address(`/v1/bulletins/${row.id}/mail`, { locale }));
  return (
    <Card id="mail" title={t('bulletin.mail')}>
      {languages.length > 1 && <Frame id="mail-language" text={label('locale')}>
        <select id="mail-language" value={locale} onChange={(event) => choose(event.currentTarget.value)}>{languages.map((one) => <option key={one} value={one}>{languageName(one)}</option>)}</select></Frame>}
      {problem?.status !== 403 && problem && <Trouble problem={problem} />}
      {!data && !problem && <Waiting lines={6} />}
      {data && <><p><b>{data.subject}</b></p><Html html={data.html} />
        <details><summary>{t('bulletin.as_text')}</summary><pre class="letter">{data.text}</pre></details></>}
    </Card>
  );
}

const STYLES = /<style[^>]*>([\s\S]*?)<\/style>/g;
const STYLE = /(<[a-z][^<>]*?) style="/g;

/** A mail's own page, within a shadow of its own. The app's policy takes no styles of a text, so they are set by hand. */
function Html({ html }: { html: string }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const shadow = box.current!.shadowRoot ?? box.current!.attachShadow({ mode: 'open' });
    shadow.adoptedStyleSheets = [...html.matchAll(STYLES)].map((one) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(one[1]!);
      return sheet;
    });
    const mail = new DOMParser().parseFromString(trusted.createHTML(html.replace(STYLES, '').replace(STYLE, '$1 data-style="')) as string, 'text/html');
    const body = document.createElement('div');
    body.dataset.style = mail.body.dataset.style ?? '';
    body.append(...[...mail.body.childNodes].map((one) => document.importNode(one, true)));
    for (const one of [body, ...body.querySelectorAll<HTMLElement>('[data-style]')]) one.style.cssText = one.dataset.style ?? '';
    for (const link of body.querySelectorAll('a')) link.removeAttribute('href'); // they open nothing yet
    shadow.replaceChildren(body);
  }, [html]);
  return <div ref={box} class="mail" />;
}

function Audience({ row }: { row: Row }) {
  const { data, problem } = useGet<Preview>(`/v1/bulletins/${row.id}/preview`);
  if (problem) return <Trouble problem={problem} />;
  if (!data) return <Waiting lines={6} />;
  const reasons = Object.entries(data.reasons).sort((a, b) => b[1] - a[1]);
  return (
    <Card id="audience" title={t('bulletin.audience')}>
      <p>{t('bulletin.count', { goes: data.goes, stays: data.stays })}</p>
      {reasons.length > 0 && <ul>{reasons.map(([reason, count]) => <li key={reason}><b>{format.number(count)}</b> {whyNot(reason)}</li>)}</ul>}
      {!data.recipients.length ? <Empty title={t('bulletin.nobody')}><p>{t('bulletin.nobody.more')}</p></Empty>
        : <Table name={t('bulletin.audience')} rows={data.recipients.map((one) => ({ ...one, id: one.contact_id }))} columns={[
          { head: label('contact'), cell: (one) => <a href={recordPath('contacts', one.id, 'mails')}>{one.name}</a> },
          { head: label('locale'), cell: (one) => languageName(one.text_locale) },
          { head: t('mail.will'), cell: (one) => (one.reason ? <Badge value={one.reason} tone="warn" /> : <Badge value="gets_it" tone="good" />) }]} />}
      {data.goes + data.stays > data.recipients.length && <p class="hint">{t('bulletin.first', { count: data.recipients.length })}</p>}
    </Card>
  );
}
