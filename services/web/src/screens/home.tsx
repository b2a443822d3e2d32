// What waits for whoever is signed in: all of it, the overdue first; and what a new district still lacks.
import { Icon } from '../ui/icons';
import { useGet } from '../lib/store';
import { self, hasRole } from '../lib/session';
import { away } from '../lib/format';
import { label, t } from '../lib/words';
import { Badge, Card, Empty, Title, Trouble, Waiting } from '../ui/parts';
import { BASE, recordPath } from '../records/paths';
import { whereOf, type Setup } from './steps';

interface Lacked { kind: string; partner: string | null }
interface Task { kind: string; title: string; credentials: Lacked[]; due_on: string | null; resource: string; is_overdue: boolean; subject_id: string }
interface Tasks { data: Task[]; more: { kind: string; count: number }[]; total: number; overdue: number; counts: Record<string, number> }

export function Home() {
  const { data, problem, reload } = useGet<Tasks>('/v1/me/tasks');
  return (
    <>
      <Title>{t('home.title', { name: self().user.name.split(' ')[0] ?? '' })}</Title>
      {hasRole('admin', 'director') && <SetupCard />}
      <Card id="tasks" title={<>{t('home.tasks')}{data && data.total > 0 && <span class="count">{data.total}</span>}</>}>
        {problem && <Trouble problem={problem} again={reload} />}
        {!data && !problem && <Waiting lines={5} />}
        {data?.total === 0 && <Empty title={t('home.none')}><p>{t('home.none.more')}</p></Empty>}
        {data && data.total > 0 && <ul class="tasks">{data.data.map((task) => <OneTask key={task.kind + task.subject_id} task={task} />)}</ul>}
        {data && data.total > data.data.length && <p class="hint">{t('home.more', { count: data.total - data.data.length })}</p>}
      </Card>
    </>
  );
}

const credential = ({ kind, partner }: Lacked) => (partner ? `${label(kind)} (${partner})` : label(kind));

const OneTask = ({ task }: { task: Task }) => (
  <li>
    <a href={recordPath(task.resource, task.subject_id)}>
      <span class="task-kind">{label(task.kind)}</span>
      <span class="task-title">{[task.title, ...task.credentials.map(credential)].join(' · ')}</span>
    </a>
    <span class="task-when">{task.is_overdue ? <Badge value="overdue" tone="bad" /> : task.due_on && t('home.due', { when: away(task.due_on) })}</span>
  </li>
);

function SetupCard() {
  const { data } = useGet<Setup>('/v1/setup');
  const left = data?.steps.filter((step) => !step.is_done && step.is_required) ?? [];
  if (!data || !left.length) return null;
  return (
    <Card id="setup" title={t(data.is_live ? 'home.setup.still' : 'home.setup')} actions={<a class="button quiet small" href={`${BASE}/setup`}>{t('setup.open')}</a>}>
      <p>{t('home.setup.more', { count: left.length })}</p>
      <ul class="steps">{left.map((step) => (
        <li key={step.key}><Icon name="ring" />{whereOf(step.key) ? <a href={whereOf(step.key)}>{label(step.key)}</a> : <a href={`${BASE}/setup`}>{label(step.key)}</a>}</li>
      ))}</ul>
    </Card>
  );
}
