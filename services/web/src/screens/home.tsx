// What waits for whoever is signed in: all of it, the overdue first; and what a new district still lacks.
import { Icon } from '../ui/icons';
import { useGet } from '../lib/store';
import { self, hasRole } from '../lib/session';
import { away } from '../lib/format';
import { label, t } from '../lib/words';
import { Badge, Card, Empty, Title, Trouble, Waiting } from '../ui/parts';
import { listPath, recordPath } from '../records/paths';

interface Task { kind: string; title: string; due_on: string | null; resource: string; is_overdue: boolean; subject_id: string }
interface Tasks { data: Task[]; more: { kind: string; count: number }[]; total: number; overdue: number; counts: Record<string, number> }
export interface Setup { steps: { key: string; count: number; needed: number; is_done: boolean; is_required: boolean }[]; is_live: boolean }

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

const OneTask = ({ task }: { task: Task }) => (
  <li>
    <a href={recordPath(task.resource, task.subject_id)}>
      <span class="task-kind">{label(task.kind)}</span>
      <span class="task-title">{task.title}</span>
    </a>
    <span class="task-when">{task.is_overdue ? <Badge value="overdue" tone="bad" /> : task.due_on && t('home.due', { when: away(task.due_on) })}</span>
  </li>
);

const WHERE: Record<string, string> = {
  reply_to: listPath('districts'), school_year: listPath('school_years'), calendar: listPath('reporting_quarters'), closed_days: listPath('closed_days'),
  sites: listPath('sites'), users: listPath('users'), posts: listPath('posts'), policy: listPath('policies'), import: listPath('imports'),
  partners: listPath('partners'), mail_check: listPath('mail_checks'),
};

function SetupCard() {
  const { data } = useGet<Setup>('/v1/setup');
  const left = data?.steps.filter((step) => !step.is_done && step.is_required) ?? [];
  if (!data || !left.length) return null;
  return (
    <Card id="setup" title={t('home.setup')}>
      <p>{t('home.setup.more', { count: left.length })}</p>
      <ul class="steps">
        {data.steps.filter((step) => step.is_required || !step.is_done).map((step) => (
          <li key={step.key} class={step.is_done ? 'done' : ''}>
            <Icon name={step.is_done ? 'tick' : 'ring'} />
            {WHERE[step.key] && !step.is_done ? <a href={WHERE[step.key]}>{label(step.key)}</a> : label(step.key)}
            {step.is_done ? <span class="unseen">{t('setup.done')}</span> : step.is_required && <Badge value="required" tone="warn" />}
          </li>
        ))}
      </ul>
    </Card>
  );
}
