// Gifts and what is owed for them: a decision, thanks while the clock runs, a letter for taxes; and every thank-you to say.
import type { Row } from '../../lib/model';
import { title } from '../../lib/model';
import * as format from '../../lib/format';
import { label, t } from '../../lib/words';
import { Badge, Card, Empty, Trouble, Waiting } from '../../ui/parts';
import { Counts, Table } from '../../ui/table';
import { listPath, newPath, recordPath } from '../../records/paths';
import { Reference } from '../../records/value';
import { may } from '../../lib/session';
import { Moves } from '../needs/board';
import { useRows } from './around';

const READ = 200;
const SHOWN = 10; // thank-yous with their buttons
const LONG_DAYS = 14; // that thanks should not take

const isOwed = (gift: Row) => ['offered', 'accepted'].includes(String(gift.status)) || gift.thanked === false || gift.tax_letter === 'due';
const waits = (gift: Row) => Number(gift.unthanked_days ?? -1);
const donor = (row: Row) => title(row.partner as Row) || title(row.contact as Row);

export function Owed({ query = {} }: { query?: Record<string, string> }) {
  const gifts = useRows('gifts', { ...query, status: 'offered,accepted,received', sort: '-offered_on', expand: 'partner,contact,donee', limit: READ });
  const thanks = useRows('thank_yous', query.site_id ? null : { ...query, status: 'draft', expand: 'partner,contact,owner', limit: READ });
  const owed = (gifts.rows ?? []).filter(isOwed).sort((a, b) => waits(b) - waits(a));
  const drafts = [...thanks.rows ?? []].sort((a, b) => String(a.due_on ?? '9').localeCompare(String(b.due_on ?? '9')));
  const count = (test: (gift: Row) => boolean) => owed.filter(test).length;
  const late = drafts.filter((one) => one.due_on && String(one.due_on) < format.today()).length;
  return (
    <>
      {gifts.problem && <Trouble problem={gifts.problem} again={gifts.reload} />}
      {gifts.rows && <Counts counts={[
        { name: t('owed.to_decide'), value: count((gift) => gift.status === 'offered'), href: listPath('gifts', { status: 'offered' }) },
        { name: t('owed.to_receive'), value: count((gift) => gift.status === 'accepted'), href: listPath('gifts', { status: 'accepted' }) },
        { name: t('owed.to_thank'), value: count((gift) => gift.thanked === false), href: listPath('gifts', { thanked: 'false' }) },
        { name: t('owed.letters'), value: count((gift) => gift.tax_letter === 'due') },
        ...(thanks.rows ? [{ name: t('owed.late'), value: late, isLate: late > 0 }] : [])]} />}
      <Card id="gifts" title={t('owed.gifts')} actions={<span class="buttons"><a class="button quiet small" href={listPath('gifts', query)}>{t('owed.all_gifts')}</a>
        {may(gifts.resource?.create) && <a class="button quiet small" href={newPath('gifts', query)}>{t('add')}</a>}</span>}>
        {!gifts.rows && !gifts.problem && <Waiting lines={5} />}
        {gifts.rows && !owed.length && <Empty title={t('owed.none')}><p>{t('owed.none.more')}</p></Empty>}
        {owed.length > 0 && <Table name={t('owed.gifts')} rows={owed} columns={[
          { head: label('gift'), cell: (gift) => <><a href={recordPath('gifts', gift.id)}>{title(gift)}</a> <span class="hint">{donor(gift)}</span></> },
          { head: t('owed.worth'), cell: worth, isNumber: true },
          { head: label('status'), cell: (gift) => <><Badge value={String(gift.status)} />{gift.accepted_as ? <span class="hint"> {t('owed.accepted_as', { who: label(String(gift.accepted_as)).toLocaleLowerCase() })}</span> : null}</> },
          { head: t('owed.thanks'), cell: thanked },
          { head: t('owed.letter'), cell: letter }]} />}
        {gifts.data?.page.has_more && <p class="hint">{t('owed.latest', { count: READ })}</p>}
      </Card>
      {!thanks.isHidden && !query.site_id && <Card id="thanks" title={<>{t('owed.to_say')}{drafts.length > 0 && <span class="count">{drafts.length}</span>}</>}
        actions={<span class="buttons"><a class="button quiet small" href={listPath('thank_yous', query)}>{t('owed.all_thanks')}</a>
          {may(thanks.resource?.create) && <a class="button quiet small" href={newPath('thank_yous', query)}>{t('add')}</a>}</span>}>
        {!thanks.rows && !thanks.problem && <Waiting lines={3} />}
        {thanks.rows && !drafts.length && <Empty title={t('owed.all_said')}><p>{t('owed.all_said.more')}</p></Empty>}
        <ul class="answers">{drafts.slice(0, SHOWN).map((one) => (
          <li key={one.id}>
            <div><p><a href={recordPath('thank_yous', one.id)}>{donor(one) || title(one)}</a>: {label(String(one.occasion))}</p>
              <p class="hint"><Due on={one.due_on as string | null} /> {one.owner_id ? <>· {t('owed.who')} <Reference plural="users" id={String(one.owner_id)} embedded={one.owner as Row} /></> : null}</p></div>
            {thanks.resource && <Moves resource={thanks.resource} id={one.id} />}
          </li>))}</ul>
        {drafts.length > SHOWN && <p><a href={listPath('thank_yous', { ...query, status: 'draft' })}>{t('more')}</a></p>}
      </Card>}
    </>
  );
}

const worth = (gift: Row) => { const cents = gift.amount_cents ?? gift.value_cents; return cents === null || cents === undefined ? label(String(gift.kind)) : format.money(Number(cents)); };

function thanked(gift: Row) {
  if (gift.thanked === null) return <span class="none">{t('none')}</span>;
  if (gift.thanked) return <Badge value="thanked" tone="good" />;
  const days = waits(gift);
  return <span class={days > LONG_DAYS ? 'late' : ''}>{t('owed.waits', { count: Math.max(days, 0) })}</span>;
}

const letter = (gift: Row) => {
  if (gift.tax_letter === 'due') return <><Badge value="due" /> <span class="hint">{signer(gift)}</span></>;
  return gift.tax_document_id ? <a href={recordPath('tax_documents', String(gift.tax_document_id))}>{label('issued')}</a> : <span class="none">{t('none')}</span>;
};
const signer = (gift: Row) => { const who = (gift.donee as Row | null)?.signer; return who ? t('owed.signs', { who: String(who) }) : ''; };

const Due = ({ on }: { on: string | null }) => (on
  ? <span class={on < format.today() ? 'late' : ''}>{t(on < format.today() ? 'owed.was_due' : 'owed.due', { when: format.away(on) })}</span> : <>{t('owed.no_day')}</>);
