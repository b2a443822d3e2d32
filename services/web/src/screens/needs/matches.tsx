// Who could meet a need: candidates with every factor, its weight and its reason in words; why somebody is not among them; and
// the ask, with its letter beside it as it will read.
import { useState } from 'preact/hooks';
import { act, address, call, get, Problem, type Page } from '../../lib/api';
import { changedResource, useGet } from '../../lib/store';
import { title, type Field, type Row } from '../../lib/model';
import { useRights } from '../../lib/rights';
import { self } from '../../lib/session';
import * as format from '../../lib/format';
import { label, t, type Key } from '../../lib/words';
import { Badge, Button, Card, Dialog, Empty, Notice, problemText, Trouble, Waiting } from '../../ui/parts';
import { tell, tellTrouble } from '../../ui/toast';
import { Form, type Values } from '../../records/form';
import { Frame } from '../../records/input';
import { Picker } from '../../records/picker';
import { listPath, recordPath } from '../../records/paths';
import { amount, placeOf } from './around';

export interface Factor { factor: string; value: string; weight: number; contribution: string; code: string; told: string[] }
export interface Match { kind: string; id: string; name: string; partner_id: string; partner_name: string; score: string; factors: Factor[] }
interface Matches { lacking: number; matches: Match[] }
type Group = { best: Match; others: Match[] };

const SHOWN = 10;
const MOST = 100;
const SPEAKS = 0.75; // a factor of such a value speaks for somebody, one of less against
const KINDS: Record<string, string> = { program: 'programs', offer: 'offers', partner: 'partners' };
const RUNNING = ['draft', 'sent', 'pledged', 'talk'];
const DAYS_TO_ANSWER = 14;

/** What a partner has stands together, the best of it before. */
const grouped = (matches: Match[]): Group[] => {
  const groups = new Map<string, Group>();
  for (const one of matches) {
    const group = groups.get(one.partner_id);
    if (group) group.others.push(one); else groups.set(one.partner_id, { best: one, others: [] });
  }
  return [...groups.values()];
};

export const reason = ({ code, told }: Factor) => t(`match.${code}` as Key, { first: code === 'stage' ? label(told[0]!).toLocaleLowerCase() : told[0] ?? '', second: told[1] ?? '' });
const score = (text: string) => format.number(text, 0);

export function MatchesOf({ row }: { row: Row }) {
  const { data: placed } = useGet<Row>(address(`/v1/needs/${row.id}`, { expand: 'site,network' }));
  const need = placed ?? row;
  const [shown, show] = useState(SHOWN);
  const [asked, ask] = useState<Match>();
  const { data: rights } = useRights('needs', row.id);
  const { data, problem, reload } = useGet<Matches>(address(`/v1/needs/${row.id}/matches`, { limit: MOST }));
  const { data: said } = useGet<Page<Row>>(address('/v1/asks', { need_id: need.id, limit: 200 }));
  const isOpen = ['open', 'partly_matched'].includes(String(need.status));
  const askOf = (partner: string) => said?.data.find((one) => one.partner_id === partner && RUNNING.includes(String(one.status)));
  const groups = grouped(data?.matches ?? []);
  return (
    <>
      {!isOpen && <Notice tone="warn">{t('match.closed', { status: label(String(need.status)).toLocaleLowerCase() })}</Notice>}
      <Card id="matches" title={t('match.title')}>
        <p class="hint">{t('match.how')} <a href={listPath('match_weights')}>{label('match_weights')}</a></p>
        {problem && <Trouble problem={problem} again={reload} />}
        {!data && !problem && <Waiting lines={6} />}
        {data && !groups.length && <Empty title={t('match.none')}><p>{t('match.none.more')}</p></Empty>}
        <ol class="matches">{groups.slice(0, shown).map((group) => <li key={group.best.partner_id}>
          <Candidate group={group} asked={askOf(group.best.partner_id)} ask={isOpen && rights?.adds.includes('asks') ? () => ask(group.best) : undefined} /></li>)}</ol>
        {groups.length > shown && <Button onClick={() => show(shown + SHOWN)}>{t('more')}</Button>}
      </Card>
      <WhyNot need={need} groups={groups} />
      {asked && data && <AskDialog need={need} match={asked} lacking={data.lacking} close={() => ask(undefined)} />}
    </>
  );
}

function Candidate({ group: { best, others }, asked, ask }: { group: Group; asked?: Row; ask?: () => void }) {
  const lost = (one: Factor) => one.weight * (1 - Number(one.value));
  const speaks = best.factors.filter((one) => Number(one.value) >= SPEAKS).sort((a, b) => Number(b.contribution) - Number(a.contribution)).slice(0, 3);
  const against = best.factors.filter((one) => Number(one.value) < SPEAKS).sort((a, b) => lost(b) - lost(a)).slice(0, 2);
  return (
    <article class="match">
      <header>
        <h3><a href={recordPath('partners', best.partner_id)}>{best.partner_name}</a></h3>
        <p class="score"><svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="accent" width={Number(best.score)} height="8" /></svg><b>{t('match.score', { score: score(best.score) })}</b></p>
        {asked ? <a href={recordPath('asks', asked.id)}>{label('ask')}: <Badge value={String(asked.status)} /></a>
          : ask && <Button kind="primary" class="small" onClick={ask}>{t('match.ask')}<span class="unseen"> {best.partner_name}</span></Button>}
      </header>
      {best.kind !== 'partner' && <p><span class="hint">{label(best.kind)}:</span> <a href={recordPath(KINDS[best.kind]!, best.id)}>{best.name}</a></p>}
      <ul class="reasons">
        {speaks.map((one) => <li key={one.factor} class="for">{reason(one)}</li>)}
        {against.map((one) => <li key={one.factor} class="against">{reason(one)}</li>)}
      </ul>
      <details><summary>{t('match.factors')}<span class="unseen"> {best.partner_name}</span></summary><Factors match={best} />
        {others.length > 0 && <><h4>{t('match.others')}</h4><ul>{others.map((one) => <li key={one.id}><a href={recordPath(KINDS[one.kind]!, one.id)}>{one.name}</a> <span class="hint">{label(one.kind)}, {t('match.score', { score: score(one.score) })}</span></li>)}</ul></>}
      </details>
    </article>
  );
}

export const Factors = ({ match }: { match: Match }) => (
  <table class="rows factors">
    <thead><tr><th scope="col">{label('factor')}</th><th scope="col">{t('match.why')}</th><th scope="col" class="number">{label('value')}</th><th scope="col" class="number">{label('weight')}</th><th scope="col" class="number">{t('match.adds')}</th></tr></thead>
    <tbody>{match.factors.map((one) => (
      <tr key={one.factor}><th scope="row">{t(`match.factor.${one.factor}` as Key)}</th><td data-label={t('match.why')}>{reason(one)}</td><td class="number" data-label={label('value')}>{format.percent(one.value, 0)}</td>
        <td class="number" data-label={label('weight')}>{one.weight}</td><td class="number" data-label={t('match.adds')}>{format.number(one.contribution, 1)}</td></tr>))}</tbody>
    <tfoot><tr><th scope="row" colSpan={3}>{t('match.sum')}</th><td class="number" data-label={label('weight')}>{match.factors.reduce((sum, one) => sum + one.weight, 0)}</td><td class="number" data-label={t('match.adds')}><b>{format.number(match.score, 1)}</b></td></tr></tfoot>
  </table>
);

/** Of any partner by name: which place it has, or what keeps it from being asked. */
function WhyNot({ need, groups }: { need: Row; groups: Group[] }) {
  const [id, choose] = useState<string | null>(null);
  const { data: partner } = useGet<Row>(id ? `/v1/partners/${id}` : null);
  const { data, problem } = useGet<Matches>(id ? address(`/v1/needs/${need.id}/matches`, { partner_id: id, limit: 1 }) : null);
  const place = groups.findIndex((group) => group.best.partner_id === id) + 1;
  const best = data?.matches[0];
  const stage = String(partner?.stage);
  return (
    <Card id="why-not" title={t('match.why_not')}>
      <Frame id="why-not-partner" text={label('partner')}><Picker plural="partners" id="why-not-partner" value={id} onChange={choose} /></Frame>
      <div role="status">
        {problem && <Trouble problem={problem} />}
        {partner && data && !best && <p>{['declined', 'barred'].includes(stage) || partner.archived_at
          ? t('match.not.stage', { name: title(partner), stage: label(partner.archived_at ? 'archived' : stage).toLocaleLowerCase() }) : t('match.not.focus', { name: title(partner) })}</p>}
        {partner && best && <><p>{place ? t('match.not.place', { name: title(partner), place, score: score(best.score) }) : t('match.not.far', { name: title(partner), score: score(best.score), most: groups.length })}</p><Factors match={best} /></>}
      </div>
    </Card>
  );
}

// ---- The ask -------------------------------------------------------------------------------------

const later = (day: string, days: number) => new Date(Date.parse(`${day}T12:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

function AskDialog({ need, match, lacking, close }: { need: Row; match: Match; lacking: number; close: () => void }) {
  const { data: people } = useGet<Page<Row>>(address('/v1/affiliations', { partner_id: match.partner_id, expand: 'contact', limit: 50 }));
  const respond = [later(format.today(), DAYS_TO_ANSWER), String(need.needed_by)].sort()[0]!;
  const initial: Values = { quantity: lacking, respond_by: respond < format.today() ? format.today() : respond, message: t('ask.message', { place: need.site || need.network ? placeOf(need) : self().district.name }) };
  const [values, follow] = useState<Values>(initial);
  const contacts = people?.data.map((one) => one.contact as Row).filter(Boolean) ?? [];
  const fields: Field[] = [
    { name: 'contact_id', kind: 'enum', values: contacts.map((one) => one.id), names: { '': t('ask.anybody'), ...Object.fromEntries(contacts.map((one) => [one.id, title(one)])) } },
    { name: 'quantity', kind: 'int', required: true, min: 1 },
    { name: 'respond_by', kind: 'date' },
    { name: 'message', kind: 'long', max: 10_000 },
  ];
  const send = async (typed: Values) => {
    const body = { ...typed, need_id: need.id, partner_id: match.partner_id, ...(match.kind === 'program' ? { program_id: match.id } : {}) };
    const { data: ask, etag } = await call<Row>('POST', '/v1/asks', { body });
    await sendOrShow(ask, etag, match.partner_name);
    for (const plural of ['asks', 'needs']) changedResource(plural);
    close();
  };
  return (
    <Dialog wide title={t('ask.title', { name: match.partner_name })} onClose={close}>
      <div class="ask">
        {people ? <Form fields={fields} initial={initial} submit={t('ask.send')} onSubmit={send} onCancel={close} onChange={follow} /> : <Waiting lines={6} />}
        <Letter need={need} match={match} values={values} to={contacts.find((one) => one.id === values.contact_id)} />
      </div>
    </Dialog>
  );
}

interface Transitions { possible: { action: string; missing: string[] }[] }

/** It goes at once, unless whoever cares for the partner has to see it before; what else stops it is told, and the draft stays. */
async function sendOrShow(ask: Row, etag: string | null, name: string) {
  const { data } = await get<Transitions>(`/v1/asks/${ask.id}/transitions`);
  const missing = data.possible.find((one) => one.action === 'send')?.missing ?? [];
  try {
    if (missing.includes('owner')) await act('asks', ask.id, 'submit', {}, etag);
    else await act('asks', ask.id, 'send', {}, etag);
    tell(t(missing.includes('owner') ? 'ask.shown' : 'ask.sent', { name }));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    tellTrouble(`${t('ask.kept', { name })} ${missing.map((one) => t(`ask.missing.${one}` as Key)).join(' ') || problemText(error)}`);
  }
}

const Letter = ({ need, match, values, to }: { need: Row; match: Match; values: Values; to?: Row }) => (
  <section class="letter" aria-labelledby="letter">
    <h3 id="letter">{t('ask.letter')}</h3>
    <p class="hint">{t('ask.letter.language')}</p>
    <p><b>{t('ask.letter.subject', { need: title(need) })}</b></p>
    <p>{t('ask.letter.head', { to: to ? title(to) : match.partner_name, asker: self().user.name, district: self().district.name, partner: match.partner_name })}</p>
    {Boolean(values.message) && <blockquote class="prose">{String(values.message)}</blockquote>}
    <dl class="facts">
      <div><dt>{t('ask.letter.what')}</dt><dd>{title(need)}</dd></div>
      <div><dt>{t('ask.letter.much')}</dt><dd>{amount(Number(values.quantity ?? 0), need.unit as string | null)}</dd></div>
      <div><dt>{t('ask.letter.place')}</dt><dd>{placeOf(need)}</dd></div>
      <div><dt>{label('needed_by')}</dt><dd>{format.day(String(need.needed_by))}</dd></div>
    </dl>
    {Boolean(need.description) && <p class="prose">{String(need.description)}</p>}
    <p>{t('ask.letter.answer')} {Boolean(values.respond_by) && t('ask.letter.by', { when: format.day(String(values.respond_by)) })}</p>
  </section>
);
