// A check-in as both sides see it: their halves side by side, and where they differ it says so; nothing is averaged, and what both
// agree on is kept beside. Whoever is late can be written to.
import { useState } from 'preact/hooks';
import { act, address, type Page } from '../lib/api';
import type { CheckIn, CheckInHalf, GoalSettlement } from '../gen/types';
import { changed, useGet } from '../lib/store';
import { title, type Field, type Row } from '../lib/model';
import { useRights } from '../lib/rights';
import { number } from '../lib/format';
import { label, t } from '../lib/words';
import { Badge, Button, Card, Dialog, Empty, Waiting } from '../ui/parts';
import { tell } from '../ui/toast';
import { Form } from '../records/form';
import { Nudge } from './nudge';
import { SECTIONS, SIDES, useHalves, useSaid, useSpeakers } from './work/half';

const PROGRESSES = ['not_started', 'on_track', 'at_risk', 'behind', 'met', 'missed', 'no_data', 'dropped'];
const SETTLED: Field[] = [{ name: 'progress', kind: 'enum', required: true, values: PROGRESSES }, { name: 'current', kind: 'decimal' }, { name: 'note', kind: 'long', max: 10_000 }];

export function Sides({ row }: { row: Row }) {
  const { data: halves, problem } = useHalves(row.id);
  const { data: goals } = useSaid(row.id);
  const { data: settled } = useGet<Page<GoalSettlement>>(address('/v1/goal_settlements', { check_in_id: row.id, limit: 200 }));
  const { data: rights } = useRights('check_ins', row.id);
  const [asked, ask] = useState<Row>();
  if (!halves || !goals) return <Waiting problem={problem} />;
  const half = (side: string) => halves.data.find((one) => one.side === side);
  const about = [...new Set(goals.data.map((one) => one.goal_id))];
  const goalOf = (id: string, side: string) => goals.data.find((one) => one.goal_id === id && one.side === side);
  return (
    <Card id="sides" title={t('sides.title')}>
      <div class="table-box" tabIndex={0} role="group" aria-label={t('sides.title')}>
        <table class="rows sides">
          <thead><tr><td />{SIDES.map((side) => <th key={side} scope="col">{label(side)} {half(side) && <Badge value={half(side)!.status} />} {half(side)?.verdict && <Badge value={half(side)!.verdict!} />}</th>)}</tr></thead>
          <tbody>
            {SECTIONS.map((name) => (
              <tr key={name}><th scope="row">{label(name)}</th>{SIDES.map((side) => <td key={side} data-label={label(side)}><Said half={half(side)} text={half(side)?.[name]} /></td>)}</tr>
            ))}
            {about.map((id) => {
              const both = SIDES.map((side) => goalOf(id, side));
              const goal = both.find(Boolean)?.goal;
              const differ = (row as CheckIn & Row).goals.find((one) => one.goal_id === id)?.differs;
              const agreed = settled?.data.find((one) => one.goal_id === id);
              return (
                <tr key={id}><th scope="row">{title(goal) || label('goal')} {differ && <Badge value="differ" tone="warn" />}
                  {agreed && <p class="hint">{t('sides.agreed')} <Badge value={agreed.progress} /> {agreed.current !== null && number(agreed.current)}</p>}
                  {differ && !agreed && goal && rights?.actions.includes('settle_goal') && <p><Button class="small" onClick={() => ask(goal)}>{t('sides.agree')}<span class="unseen"> {title(goal)}</span></Button></p>}</th>
                  {both.map((one, n) => <td key={SIDES[n]} data-label={label(SIDES[n]!)}>{one ? <>{one.progress && <Badge value={one.progress} />} {one.current !== null && number(one.current)}
                    {one.note && <p class="prose">{one.note}</p>}</> : <span class="none">{t('none')}</span>}</td>)}</tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {!halves.data.length && <Empty title={t('sides.none')} />}
      {row.status === 'open' && rights?.actions.includes('save_half') && <Late row={row} />}
      {asked && <Settle row={row} goal={asked} close={() => ask(undefined)} />}
    </Card>
  );
}

function Said({ half, text }: { half: CheckInHalf | undefined; text: string | null | undefined }) {
  if (half && !half.shows) return <span class="hint">{t('sides.hidden')}</span>;
  return text ? <span class="prose">{text}</span> : <span class="none">{t('none')}</span>;
}

/** Whose half is missing, and a way to who leads that side. */
function Late({ row }: { row: Row }) {
  const speakers = useSpeakers(String(row.partnership_id));
  const { data: partnership } = useGet<Row>(`/v1/partnerships/${String(row.partnership_id)}`);
  const missing = SIDES.filter((side) => (row.missing as string[]).includes(`${side}_half`));
  if (!missing.length || !speakers) return null;
  return (
    <ul class="answers">{missing.map((side) => {
      const lead = speakers.find((one) => one.side === side);
      return <li key={side}><div><b>{label(`${side}_half`)}</b> <Badge value={row.overdue ? 'overdue' : 'missing'} tone={row.overdue ? 'bad' : 'warn'} /> {title(lead?.contact ?? lead?.user)}</div>
        <div class="buttons"><Nudge to={lead?.contact ?? lead?.user} name={`${label('check_in')}: ${title(partnership)}`} /></div></li>;
    })}</ul>
  );
}

/** What both sides agree on of a goal that they had seen differently. */
function Settle({ row, goal, close }: { row: Row; goal: Row; close: () => void }) {
  const { etag } = useGet<Row>(`/v1/check_ins/${row.id}`);
  return (
    <Dialog title={`${t('sides.agree')}: ${title(goal)}`} onClose={close}>
      <Form fields={SETTLED} submit={t('sides.agree')} onCancel={close} onSubmit={async (values) => {
        await act('check_ins', row.id, 'settle_goal', { ...values, goal_id: goal.id } as Parameters<typeof act<'check_ins', 'settle_goal'>>[3], etag);
        changed(() => true);
        tell(t('sides.agreed.told', { name: title(goal) }));
        close();
      }} />
    </Dialog>
  );
}
