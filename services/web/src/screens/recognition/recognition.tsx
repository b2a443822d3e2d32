// Recognition: what is owed, and what is told of those who gave.
import type { Row } from '../../lib/model';
import { title } from '../../lib/model';
import { useGet } from '../../lib/store';
import * as format from '../../lib/format';
import { may } from '../../lib/session';
import { label, t } from '../../lib/words';
import { Badge, Card, Empty, Title, Trouble, Waiting } from '../../ui/parts';
import { Table } from '../../ui/table';
import { newPath, recordPath } from '../../records/paths';
import { isPlace, useRows, Ways } from './around';
import { Owed } from './owed';
import { Stories } from './stories';

const READ = 100;

export function Recognition({ place }: { place?: string }) {
  const at = isPlace(place) ? place : 'owed';
  return (
    <>
      <Title>{t('nav.gifts')}</Title>
      <Ways at={at} />
      {at === 'owed' && <Owed />}
      {at === 'stories' && <Stories />}
      {at === 'bulletins' && <Bulletins />}
      {at === 'awards' && <Awards />}
    </>
  );
}

function Bulletins() {
  const { resource, rows, problem, reload, isHidden } = useRows('bulletins', { sort: '-created_at', limit: READ });
  if (isHidden) return <Empty title={t('bulletins.hidden')} />;
  return (
    <Card id="bulletins" title={label('bulletins')} actions={may(resource?.create) && <a class="button quiet small" href={newPath('bulletins')}>{t('bulletins.write')}</a>}>
      {problem && <Trouble problem={problem} again={reload} />}
      {!rows && !problem && <Waiting lines={4} />}
      {rows?.length === 0 && <Empty title={t('bulletins.none')}><p>{t('bulletins.none.more')}</p></Empty>}
      {rows && rows.length > 0 && <Table name={label('bulletins')} rows={rows} columns={[
        { head: label('bulletin'), cell: (one) => <a href={recordPath('bulletins', one.id)}>{title(one)}</a> },
        { head: label('status'), cell: (one) => <Badge value={String(one.status)} /> },
        { head: t('bulletins.day'), cell: (one) => (one.send_on ? <>{format.day(String(one.send_on))} <span class="hint">{format.away(String(one.send_on))}</span></> : <span class="none">{t('none')}</span>) },
        { head: t('bulletin.went'), cell: (one) => many(one.queued), isNumber: true },
        { head: t('bulletin.stayed'), cell: (one) => many(one.suppressed), isNumber: true }]} />}
    </Card>
  );
}
const many = (value: unknown) => (typeof value === 'number' ? format.number(value) : <span class="none">{t('none')}</span>);

interface Service { kind: 'partner' | 'contact'; id: string; name: string; since: string; years: number; awarded_years: number | null }
const MARKS = [5, 10, 15, 20, 25]; // years that one is honored for
const due = (one: Service) => MARKS.filter((mark) => one.years >= mark && (one.awarded_years ?? 0) < mark).at(-1);

function Awards() {
  const { resource, rows, problem, reload } = useRows('awards', { sort: '-given_on', expand: 'partner,contact', limit: READ });
  const { data: served } = useGet<{ data: Service[] }>('/v1/years_of_service?at_least=5');
  const owed = (served?.data ?? []).filter(due);
  const canGive = may(resource?.create);
  const give = (one: Service) => newPath('awards', { kind: 'service', [`${one.kind}_id`]: one.id, school_year: String(format.thisSchoolYear()), title: t('awards.years', { count: due(one)! }) });
  return (
    <>
      {owed.length > 0 && <Card id="service" title={t('awards.service')}>
        <p class="hint">{t('awards.service.more')}</p>
        <Table name={t('awards.service')} rows={owed} columns={[
          { head: label('name'), cell: (one) => <a href={recordPath(`${one.kind}s`, one.id)}>{one.name}</a> },
          { head: t('awards.since'), cell: (one) => format.month(one.since) },
          { head: label('years'), cell: (one) => format.number(one.years), isNumber: true },
          { head: t('awards.due'), cell: (one) => (canGive ? <a class="button quiet small" href={give(one)}>{t('awards.give', { count: due(one)! })}<span class="unseen"> {one.name}</span></a> : t('awards.years', { count: due(one)! })) }]} />
      </Card>}
      <Card id="awards" title={label('awards')} actions={canGive && <a class="button quiet small" href={newPath('awards', { school_year: String(format.thisSchoolYear()) })}>{t('add')}</a>}>
        {problem && <Trouble problem={problem} again={reload} />}
        {!rows && !problem && <Waiting lines={4} />}
        {rows?.length === 0 && <Empty title={t('awards.none')}><p>{t('awards.none.more')}</p></Empty>}
        {rows && rows.length > 0 && <Table name={label('awards')} rows={rows} columns={[
          { head: label('award'), cell: (one) => <a href={recordPath('awards', one.id)}>{title(one)}</a> },
          { head: t('awards.whose'), cell: whose },
          { head: label('kind'), cell: (one) => label(String(one.kind)) },
          { head: label('given_on'), cell: (one) => format.day(String(one.given_on)) },
          { head: t('awards.certificate'), cell: (one) => <a href={`/v1/awards/${one.id}/certificate`}>{t('awards.open')}<span class="unseen"> {title(one)}</span></a> }]} />}
      </Card>
    </>
  );
}
const whose = (one: Row) => (one.partner_id ? <a href={recordPath('partners', String(one.partner_id))}>{title(one.partner as Row)}</a>
  : <a href={recordPath('contacts', String(one.contact_id))}>{title(one.contact as Row)}</a>);
