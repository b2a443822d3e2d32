// A renewal campaign: each agreement that ends, what the reviews suggest, what is decided, and how far the next one is.
import { useState } from 'preact/hooks';
import { address, call, get, Problem, type Page } from '../../lib/api';
import type { Renewal } from '../../gen/types';
import { title, useResource, type Row } from '../../lib/model';
import { changed, useGet } from '../../lib/store';
import { useRights } from '../../lib/rights';
import { may } from '../../lib/session';
import * as format from '../../lib/format';
import { deed, label, t } from '../../lib/words';
import { Badge, Button, Card, Empty, problemText, Waiting } from '../../ui/parts';
import { Saves } from '../../ui/saves';
import { tell, tellTrouble } from '../../ui/toast';
import { Facts, Record as RecordPage } from '../../records/record';
import { recordPath } from '../../records/paths';

type One = Renewal & Row & { agreement?: Row };
interface Board { selected: number; undecided: number; let_expire: number; late: number; to_draft: number; next: Record<string, number> }
const DECISIONS = ['renew', 'renegotiate', 'let_expire'] as const;
const BOARD = ['selected', 'undecided', 'late', 'to_draft', 'let_expire'] as const;

export const Campaign = ({ id, part }: { id: string; part?: string }) =>
  <RecordPage plural="renewal_campaigns" id={id} part={part} parts={(row) => [{ id: 'overview', text: t('part.overview'), show: () => <Overview row={row} /> }]} />;

function Overview({ row }: { row: Row }) {
  const resource = useResource('renewal_campaigns');
  const renewals = useResource('renewals');
  const { data, problem } = useGet<Page<One>>(address('/v1/renewals', { renewal_campaign_id: row.id, limit: 200, expand: 'agreement' }));
  const board = row.board as Board | null;
  const { data: rights } = useRights('renewal_campaigns', row.id);
  const select = async () => {
    try {
      const { etag } = await get<Row>(`/v1/renewal_campaigns/${row.id}`);
      await call('POST', `/v1/renewal_campaigns/${row.id}/select`, { body: {}, etag });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      tellTrouble(problemText(error));
    }
    changed((path) => path.includes('renewal'));
  };
  const canDecide = renewals && may(renewals.actions.find((action) => action.verb === 'decide'));
  return (
    <>
      {board && board.selected > 0 && <Card id="board" title={t('campaign.board')}>
        <dl class="counts">{BOARD.map((name) => <div key={name}><dd>{format.number(board[name])}</dd><dt>{t(`campaign.${name}`)}</dt></div>)}
          {Object.entries(board.next).map(([status, count]) => <div key={status}><dd>{format.number(count)}</dd><dt>{t('campaign.next', { status: label(status).toLocaleLowerCase() })}</dt></div>)}</dl>
      </Card>}
      {!data && <Waiting problem={problem} />}
      {data && !data.data.length && <Empty title={t('campaign.none')}><p>{t('campaign.none.more')}</p>{rights?.actions.includes('select') && <Button kind="primary" onClick={() => void select()}>{deed('select')}</Button>}</Empty>}
      {data && data.data.length > 0 && <div class="table-box" tabIndex={0} role="group" aria-label={label('renewals')}>
        <table class="rows"><thead><tr><th scope="col">{label('agreement')}</th><th scope="col">{label('ends_on')}</th><th scope="col">{label('suggestion')}</th><th scope="col">{label('decision')}</th><th scope="col">{t('campaign.successor')}</th></tr></thead>
          <tbody>{data.data.map((one) => <OneRenewal key={one.id} one={one} canDecide={Boolean(canDecide)} />)}</tbody></table>
      </div>}
      {resource && <Facts resource={resource} row={row} names={['expires_from', 'expires_until', 'kind', 'board_on']} />}
    </>
  );
}

function OneRenewal({ one, canDecide }: { one: One; canDecide: boolean }) {
  const [isBusy, setBusy] = useState(false);
  const act = async (verb: string, body: object) => {
    const { etag } = await get<Row>(`/v1/renewals/${one.id}`);
    await call('POST', `/v1/renewals/${one.id}/${verb}`, { body, etag });
    changed((path) => path.includes('renewal') || path.startsWith('/v1/agreements'));
    tell(t('done.saved', { name: title(one.agreement) }));
  };
  const prefill = async () => {
    setBusy(true);
    try {
      await act('prefill', {});
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      tellTrouble(problemText(error));
    } finally {
      setBusy(false);
    }
  };
  const ends = one.agreement?.expires_on;
  return (
    <tr>
      <th scope="row"><a href={recordPath('agreements', one.agreement_id)}>{title(one.agreement) || label('agreement')}</a> {one.is_late && <Badge value="late" tone="bad" />}</th>
      <td data-label={label('ends_on')}>{ends ? <>{format.day(String(ends))} <span class="hint">{format.away(String(ends))}</span></> : t('none')}</td>
      <td data-label={label('suggestion')}>{one.suggestion ? <Badge value={one.suggestion} tone="plain" /> : <span class="none">{t('none')}</span>}</td>
      <td data-label={label('decision')}>{canDecide && !one.successor_id
        ? <Saves saved={one.decision ?? ''} save={(decision) => act('decide', { decision })}>{(value, choose) => (
          <select class="saved" aria-label={`${label('decision')}: ${title(one.agreement)}`} value={value} onChange={(event) => choose(event.currentTarget.value)}>
            {!one.decision && <option value="" disabled>{t('campaign.undecided_one')}</option>}{DECISIONS.map((decision) => <option key={decision} value={decision}>{label(decision)}</option>)}</select>)}</Saves>
        : one.decision ? <Badge value={one.decision} tone="plain" /> : t('none')}</td>
      <td data-label={t('campaign.successor')}>{one.successor_id ? <><a href={recordPath('agreements', one.successor_id)}>{t('campaign.draft')}</a> {one.successor_status && <Badge value={one.successor_status} />}</>
        : canDecide && one.decision && one.decision !== 'let_expire' ? <Button class="small" busy={isBusy} onClick={() => void prefill()}>{t('campaign.prefill')}<span class="unseen"> {title(one.agreement)}</span></Button> : <span class="none">{t('none')}</span>}</td>
    </tr>
  );
}
