// A half of a check-in as staff writes it: the district's own, or the partner's as it was told on the phone. It is kept as a draft
// until it is handed in.
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { act, address, Problem, type Fault, type Page } from '../../lib/api';
import type { CheckInGoal, CheckInHalf } from '../../gen/types';
import { changed, useGet } from '../../lib/store';
import { field, title, useResource, type Field, type Row } from '../../lib/model';
import { useRights } from '../../lib/rights';
import { label, t } from '../../lib/words';
import { Card, Empty, Waiting } from '../../ui/parts';
import { tell } from '../../ui/toast';
import { Frame } from '../../records/input';
import { Form, type Values } from '../../records/form';
import { recordPath } from '../../records/paths';

export const SIDES = ['district', 'partner'] as const;
export const SECTIONS = ['goals_set', 'progress_assessed', 'challenges', 'adjustments'] as const;
const OF_GOALS = ['progress', 'current', 'note'] as const;
type Side = (typeof SIDES)[number];
type Said = (typeof OF_GOALS)[number];
type Role = Row & { side: Side; role: string; contact?: Row; user?: Row };

export const useHalves = (id: string) => useGet<Page<CheckInHalf>>(address('/v1/check_in_halves', { check_in_id: id }));
export const useSaid = (id: string) => useGet<Page<CheckInGoal & { goal?: Row }>>(address('/v1/check_in_goals', { check_in_id: id, expand: 'goal', limit: 200 }));
/** Who speaks for the partnership on either side, who leads it first. */
export function useSpeakers(partnership: string) {
  const { data } = useGet<Page<Role>>(address('/v1/partnership_roles', { partnership_id: partnership, expand: 'contact,user', limit: 200 }));
  return data?.data.filter((one) => one.role.endsWith('lead')).sort((a, b) => a.role.length - b.role.length);
}

export function WriteHalf({ row }: { row: Row }) {
  const [side, choose] = useState<Side>('district');
  const { data: rights } = useRights('check_ins', row.id);
  const { data: halves, problem } = useHalves(row.id);
  const { data: said } = useSaid(row.id);
  const { data: goals } = useGet<Page<Row>>(address('/v1/goals', { partnership_id: String(row.partnership_id), limit: 200 }));
  const speakers = useSpeakers(String(row.partnership_id));
  if (!rights || !halves || !said || !goals || !speakers) return <Waiting lines={6} problem={problem} />;
  if (!rights.actions.includes('save_half')) return <Empty title={t('half.none')} />;
  const half = halves.data.find((one) => one.side === side);
  return (
    <Card id="half" title={t('half.title')}>
      <Frame id="half-side" text={t('half.side')}>
        <select id="half-side" class="short" value={side} onChange={(event) => choose(event.currentTarget.value as Side)}>
          {SIDES.map((one) => <option key={one} value={one}>{label(one)}</option>)}
        </select>
      </Frame>
      {side === 'partner' && <p class="hint">{t('half.on_behalf')}</p>}
      <OneHalf key={side} row={row} side={side} half={half} said={said.data.filter((one) => one.side === side)} goals={goals.data}
        contacts={speakers.filter((one) => one.side === 'partner' && one.contact).map((one) => one.contact!)} />
    </Card>
  );
}

const nameOf = (goal: Row, what: Said) => `goal.${goal.id}.${what}`;

/** What is wrong with a goal, beside its field. */
const placed = (fault: Fault, goals: Row[]): Fault => {
  const [, place, what] = fault.pointer.match(/^\/goals\/(\d+)\/(\w+)/) ?? [];
  return place && goals[Number(place)] ? { ...fault, pointer: `/${nameOf(goals[Number(place)]!, what as Said)}` } : fault;
};

function OneHalf({ row, side, half, said, goals, contacts }: { row: Row; side: Side; half?: CheckInHalf; said: CheckInGoal[]; goals: Row[]; contacts: Row[] }) {
  const { route } = useLocation();
  const resource = useResource('check_ins');
  const { etag } = useGet<Row>(`/v1/check_ins/${row.id}`);
  if (!resource) return <Waiting lines={6} />;
  const progresses = field(resource, 'goals')!.item!.fields!.find((one) => one.name === 'district_progress')!.values!;
  const kinds: Record<Said, Partial<Field>> = { progress: { kind: 'enum', values: progresses }, current: { kind: 'decimal' }, note: { kind: 'long', max: 10_000 } };
  const fields: Field[] = [
    ...(side === 'partner' ? [{ name: 'on_behalf_of', kind: 'enum' as const, required: true, values: contacts.map((one) => one.id), names: Object.fromEntries(contacts.map((one) => [one.id, title(one)])) }] : []),
    ...SECTIONS.map((name) => ({ name, kind: 'long' as const, max: 10_000 })),
    ...goals.flatMap((goal) => OF_GOALS.map((what) => ({ name: nameOf(goal, what), text: `${title(goal)}: ${label(what)}`, ...kinds[what] } as Field))),
  ];
  const initial: Values = { on_behalf_of: half?.on_behalf_of ?? (contacts.length === 1 ? contacts[0]!.id : null), ...Object.fromEntries(SECTIONS.map((name) => [name, half?.[name] ?? null])),
    ...Object.fromEntries(said.flatMap((one) => OF_GOALS.map((what) => [nameOf({ id: one.goal_id }, what), one[what]]))) };
  const save = async (values: Values, isDraft: boolean) => {
    const told = goals.filter((goal) => OF_GOALS.some((what) => (values[nameOf(goal, what)] ?? '') !== ''));
    const body = { side, on_behalf_of: side === 'partner' ? values.on_behalf_of : null, ...Object.fromEntries(SECTIONS.map((name) => [name, values[name] ?? null])),
      goals: told.map((goal) => ({ goal_id: goal.id, ...Object.fromEntries(OF_GOALS.map((what) => [what, values[nameOf(goal, what)] ?? null])) })) };
    try {
      const saved = await act('check_ins', row.id, 'save_half', body as Parameters<typeof act<'check_ins', 'save_half'>>[3], etag);
      if (!isDraft) await act('check_ins', row.id, 'submit_half', { side }, saved.etag);
    } catch (error) {
      throw error instanceof Problem ? Object.assign(error, { errors: error.errors.map((fault) => placed(fault, told)) }) : error;
    } finally {
      changed(() => true);
    }
    tell(t(isDraft ? 'half.kept' : 'half.sent'));
    if (!isDraft) route(recordPath('check_ins', row.id));
  };
  return <Form fields={fields} initial={initial} draft={`half:${row.id}:${side}`} submit={t('half.send')} other={t('half.keep')} onSubmit={save} />;
}
