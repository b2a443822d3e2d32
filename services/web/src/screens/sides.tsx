// A check-in as both sides see it: their halves side by side, and where they differ it says so; nothing is averaged.
import { address, type Page } from '../lib/api';
import type { CheckInGoal, CheckInHalf } from '../gen/types';
import { useGet } from '../lib/store';
import { title, type Row } from '../lib/model';
import { number } from '../lib/format';
import { label, t } from '../lib/words';
import { Badge, Card, Empty, Waiting } from '../ui/parts';

const SIDES = ['district', 'partner'] as const;
const SAID = ['goals_set', 'progress_assessed', 'challenges', 'adjustments'] as const;

export function Sides({ row }: { row: Row }) {
  const { data: halves } = useGet<Page<CheckInHalf>>(address('/v1/check_in_halves', { check_in_id: row.id }));
  const { data: goals } = useGet<Page<CheckInGoal & { goal?: Row }>>(address('/v1/check_in_goals', { check_in_id: row.id, expand: 'goal', limit: 200 }));
  if (!halves || !goals) return <Waiting />;
  const half = (side: string) => halves.data.find((one) => one.side === side);
  const about = [...new Set(goals.data.map((one) => one.goal_id))];
  const goalOf = (id: string, side: string) => goals.data.find((one) => one.goal_id === id && one.side === side);
  return (
    <Card id="sides" title={t('sides.title')}>
      <div class="table-box" tabIndex={0} role="group" aria-label={t('sides.title')}>
        <table class="rows sides">
          <thead><tr><td />{SIDES.map((side) => <th key={side} scope="col">{label(side)} {half(side) && <Badge value={half(side)!.status} />}</th>)}</tr></thead>
          <tbody>
            {SAID.map((name) => (
              <tr key={name}><th scope="row">{label(name)}</th>{SIDES.map((side) => <td key={side} data-label={label(side)}><Said half={half(side)} text={half(side)?.[name]} /></td>)}</tr>
            ))}
            {about.map((id) => {
              const [ours, theirs] = SIDES.map((side) => goalOf(id, side));
              const differ = ours && theirs && ours.progress !== theirs.progress;
              return (
                <tr key={id}><th scope="row">{title((ours ?? theirs)?.goal) || label('goal')} {differ && <Badge value="differ" tone="warn" />}</th>
                  {[ours, theirs].map((one, n) => <td key={SIDES[n]} data-label={label(SIDES[n]!)}>{one ? <>{one.progress && <Badge value={one.progress} />} {one.current !== null && number(one.current)}
                    {one.note && <p class="prose">{one.note}</p>}</> : <span class="none">{t('none')}</span>}</td>)}</tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {!halves.data.length && <Empty title={t('sides.none')} />}
    </Card>
  );
}

function Said({ half, text }: { half: CheckInHalf | undefined; text: string | null | undefined }) {
  if (half && !half.shows) return <span class="hint">{t('sides.hidden')}</span>;
  return text ? <span class="prose">{text}</span> : <span class="none">{t('none')}</span>;
}
