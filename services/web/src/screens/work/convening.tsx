// A convening: its agenda in order, who comes, and, on the day, who came: one tap a person.
import { useState } from 'preact/hooks';
import { address, call, get, Problem, type Page } from '../../lib/api';
import type { AgendaItem, Convening, ConveningInvitee } from '../../gen/types';
import { title, useResource, type Row } from '../../lib/model';
import { changed, put, useGet } from '../../lib/store';
import { useRights } from '../../lib/rights';
import { may } from '../../lib/session';
import * as format from '../../lib/format';
import { label, t } from '../../lib/words';
import { Badge, Button, Card, Empty, Notice, problemText, Waiting } from '../../ui/parts';
import { Icon } from '../../ui/icons';
import { tellTrouble } from '../../ui/toast';
import { Facts, Record as RecordPage, Related } from '../../records/record';
import { newPath, recordPath } from '../../records/paths';

type Invitee = ConveningInvitee & Row & { contact?: Row; user?: Row; partnership?: Row };
const FACTS = ['kind', 'location', 'online_url', 'site_id', 'network_id', 'capacity', 'host_id', 'reminder_days', 'notes', 'held_on', 'status_reason'];
const ANSWERS = ['accepted', 'tentative', 'declined'] as const;

export const ConveningPage = ({ id, part }: { id: string; part?: string }) =>
  <RecordPage plural="convenings" id={id} part={part} parts={(row) => [
    { id: 'overview', text: t('part.overview'), show: () => <Overview row={row as Convening & Row} /> },
    { id: 'agenda', text: t('convening.agenda'), show: () => <Agenda row={row} /> },
    { id: 'answers', text: t('convening.answers'), show: () => <People row={row} what="answers" /> },
    { id: 'attendance', text: t('convening.attendance'), show: () => <People row={row} what="attendance" /> },
    { id: 'decisions', text: t('convening.decisions'), show: () => <Decisions row={row} /> },
  ]} />;

function Overview({ row }: { row: Convening & Row }) {
  const resource = useResource('convenings');
  return (
    <>
      <Card id="when" title={<>{format.instant(row.starts_at, { dateStyle: 'full', timeStyle: 'short', timeZone: row.zone })} – {format.instant(row.ends_at, { timeStyle: 'short', timeZone: row.zone })}</>}>
        <p class="hint">{format.zoneName(row.zone)}</p>
        <dl class="counts">
          {(['invited', 'accepted', 'waitlisted', 'attended'] as const).map((name) => <div key={name}><dd>{format.number(row[name])}</dd><dt>{t(`convening.${name}`)}</dt></div>)}
          <div><dd>{format.number(row.seats_taken)}{row.capacity !== null && ` / ${format.number(row.capacity)}`}</dd><dt>{t('convening.seats')}</dt></div>
        </dl>
      </Card>
      {resource && <Facts resource={resource} row={row} names={FACTS} />}
    </>
  );
}

const trouble = (error: unknown) => { if (error instanceof Problem) tellTrouble(problemText(error)); else throw error; };

function Agenda({ row }: { row: Row }) {
  const resource = useResource('agenda_items');
  const path = address('/v1/agenda_items', { convening_id: row.id, limit: 200, expand: 'presenter,partnership' });
  const { data, problem } = useGet<Page<AgendaItem & Row & { presenter?: Row; partnership?: Row }>>(path);
  if (!data || !resource) return <Waiting problem={problem} />;
  const items = [...data.data].sort((a, b) => a.position - b.position || a.id.localeCompare(b.id));
  const canChange = may(resource.patch) && !['held', 'closed', 'cancelled'].includes(String(row.status));
  const minutes = items.reduce((sum, one) => sum + (one.minutes ?? 0), 0);
  const move = async (at: number, by: -1 | 1) => {
    const order = items.map((one) => one.id);
    [order[at], order[at + by]] = [order[at + by]!, order[at]!];
    try {
      for (const [position, id] of order.entries()) {
        const item = items.find((one) => one.id === id)!;
        if (item.position === position) continue;
        const { etag } = await get<Row>(`/v1/agenda_items/${id}`);
        await call('PATCH', `/v1/agenda_items/${id}`, { body: { position }, etag, type: 'application/merge-patch+json' });
      }
    } catch (error) { trouble(error); }
    changed((one) => one.startsWith('/v1/agenda_items'));
  };
  return (
    <Card id="agenda" title={<>{t('convening.agenda')} {minutes > 0 && <span class="of">{t('convening.minutes', { count: minutes })}</span>}</>}
      actions={canChange && may(resource.create) && <a class="button quiet small" href={newPath('agenda_items', { convening_id: row.id })}>{t('add')}</a>}>
      {!items.length && <Empty title={t('convening.agenda.none')}><p>{t('convening.agenda.none.more')}</p></Empty>}
      <ol class="agenda">{items.map((item, n) => (
        <li key={item.id}>
          <div><a href={recordPath('agenda_items', item.id)}>{item.title}</a> <Badge value={item.kind} tone="plain" /> {item.source === 'system' && <span class="hint">{t('convening.by_itself')}</span>}
            <p class="hint">{[item.minutes && t('convening.minutes', { count: item.minutes }), title(item.presenter), title(item.partnership)].filter(Boolean).join(' · ')}</p></div>
          {canChange && <span class="question-moves">
            <Button kind="bare" disabled={n === 0} onClick={() => void move(n, -1)}><Icon name="up" /><span class="unseen">{t('instrument.up', { what: item.title })}</span></Button>
            <Button kind="bare" disabled={n === items.length - 1} onClick={() => void move(n, 1)}><Icon name="down" /><span class="unseen">{t('instrument.down', { what: item.title })}</span></Button></span>}
        </li>
      ))}</ol>
    </Card>
  );
}

const nameOf = (one: Invitee) => title(one.contact) || title(one.user) || label('convening_invitee');

function People({ row, what }: { row: Row; what: 'answers' | 'attendance' }) {
  const resource = useResource('convening_invitees');
  const { data: rights } = useRights('convenings', row.id);
  const { data: moves } = useGet<{ possible: { action: string; missing: string[] }[] }>(`/v1/convenings/${row.id}/transitions`);
  const { data, problem } = useGet<Page<Invitee>>(address('/v1/convening_invitees', { convening_id: row.id, limit: 200, expand: 'contact,user,partnership' }));
  const [text, setText] = useState('');
  if (!data || !resource || !rights || !moves) return <Waiting problem={problem} />;
  const people = data.data.filter((one) => nameOf(one).toLocaleLowerCase().includes(text.toLocaleLowerCase())).sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const canWrite = !['closed', 'cancelled'].includes(String(row.status)) && (what === 'answers' ? may(resource.actions.find((one) => one.verb === 'answer')) : rights.actions.includes('attend'));
  const isBegun = what === 'answers' || moves.possible.some((one) => one.action === 'attend' && !one.missing.length);
  const came = data.data.filter((one) => one.attended).length;
  return (
    <Card id="people" title={what === 'answers' ? t('convening.answers') : t('convening.came', { count: came, of: data.data.length })}
      actions={may(resource.create) && !row.archived_at && <a class="button quiet small" href={newPath('convening_invitees', { convening_id: row.id })}>{t(what === 'answers' ? 'add' : 'convening.walk_in')}</a>}>
      {canWrite && !isBegun && <Notice><p>{t('convening.not_begun')}</p></Notice>}
      {!data.data.length && <Empty title={t('convening.nobody')}><p>{t('convening.nobody.more')}</p></Empty>}
      {data.data.length > 8 && <input class="search" type="search" value={text} aria-label={t('search.in', { what: label('convening_invitees') })} placeholder={t('search.in', { what: label('convening_invitees') })} onInput={(event) => setText(event.currentTarget.value)} />}
      <ul class="people">{people.map((one) => (
        <li key={one.id}>
          <div><b>{nameOf(one)}</b> {one.is_walk_in && <Badge value="is_walk_in" tone="plain" />}<p class="hint">{[title(one.partnership), label(one.status), one.guests > 0 && t('convening.guests', { count: one.guests }), one.note].filter(Boolean).join(' · ')}</p></div>
          {what === 'answers' ? <Answer one={one} canWrite={canWrite} /> : <Came row={row} one={one} canWrite={canWrite && isBegun} />}
        </li>
      ))}</ul>
    </Card>
  );
}

function Answer({ one, canWrite }: { one: Invitee; canWrite: boolean }) {
  const answer = async (value: string) => {
    try {
      const { etag } = await get<Row>(`/v1/convening_invitees/${one.id}`);
      await call('POST', `/v1/convening_invitees/${one.id}/answer`, { body: { answer: value }, etag });
    } catch (error) { trouble(error); }
    changed((path) => path.includes('convening'));
  };
  if (!canWrite) return <Badge value={one.status} />;
  return <span class="taps" role="group" aria-label={nameOf(one)}>{ANSWERS.map((value) => <Button key={value} aria-pressed={one.status === value} onClick={() => void answer(value)}>{label(value)}</Button>)}</span>;
}

let last: Promise<unknown> = Promise.resolve(); // one tap after the other, as each is a version of the convening

function Came({ row, one, canWrite }: { row: Row; one: Invitee; canWrite: boolean }) {
  const [asked, ask] = useState<boolean>(); // shown at once
  const attended = asked ?? one.attended;
  const tap = (isHere: boolean) => {
    ask(isHere);
    last = last.then(() => write(isHere));
  };
  const write = async (isHere: boolean) => {
    const path = `/v1/convenings/${row.id}`;
    try {
      const { etag } = await get<Row>(path);
      const reply = await call<Row>('POST', `${path}/attend`, { body: isHere ? { present: [one.id] } : { absent: [one.id] }, etag });
      put(path, reply.data, reply.etag);
    } catch (error) { ask(undefined); trouble(error); }
    changed((other) => other.startsWith('/v1/convening_invitees'));
  };
  if (!canWrite) return attended === null ? <span class="none">{t('none')}</span> : <Badge value={attended ? 'attended' : 'absent'} tone={attended ? 'good' : 'plain'} />;
  return <span class="taps" role="group" aria-label={nameOf(one)}>
    <Button aria-pressed={attended === true} onClick={() => tap(true)}>{t('convening.here')}</Button><Button aria-pressed={attended === false} onClick={() => tap(false)}>{t('convening.not_here')}</Button></span>;
}

interface Pair { contact_name: string; partner_name: string | null; with_name: string; with_partner_name: string | null; is_first: boolean }

/** What was decided, and who met whom: first meetings first. */
function Decisions({ row }: { row: Row }) {
  const resource = useResource('convenings');
  const { data } = useGet<{ pairs_total: number; pairs_first: number; pairs: Pair[] }>(`/v1/convenings/${row.id}/meetings`);
  if (!resource) return <Waiting />;
  const called = (name: string, partner: string | null) => (partner ? `${name} (${partner})` : name);
  return (
    <>
      <Related of={resource} plural="convening_decisions" row={row} />
      {data && data.pairs.length > 0 && <Card id="met" title={t('convening.met')}>
        <p class="hint">{t('convening.met.counts', { count: data.pairs_total, first: data.pairs_first })}</p>
        <ul class="results">{data.pairs.slice(0, 50).map((one, n) => <li key={n}>{called(one.contact_name, one.partner_name)} – {called(one.with_name, one.with_partner_name)} {one.is_first && <Badge value="is_first" tone="good" />}</li>)}</ul></Card>}
    </>
  );
}
