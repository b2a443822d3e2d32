// The small parts of every screen. Each is a native element with a class: what it can do, browsers and readers know.
import { Icon } from './icons';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Problem } from '../lib/api';
import { label, t, type Key } from '../lib/words';

type Tone = 'good' | 'bad' | 'warn' | 'plain';
const GOOD = 'active approved accepted complete completed in_force met on_track done fulfilled delivered published sent signed confirmed verified valid current held open_for_answers yes paid acknowledged';
const BAD = 'declined rejected barred overdue missed behind expired failed bounced disputed lapsed terminated cancelled suppressed not_met at_risk no';
const WARN = 'paused pending waiting draft review prospect submitted due renewing aligning agreement returned vetting queued retry unknown dormant requested asked';
const TONES: Record<string, Tone> = Object.fromEntries([
  ...GOOD.split(' ').map((one) => [one, 'good'] as const), ...BAD.split(' ').map((one) => [one, 'bad'] as const),
  ...WARN.split(' ').map((one) => [one, 'warn'] as const)]);

/** A state in a word; color only says again what the word says. */
export const Badge = ({ value, tone }: { value: string; tone?: Tone }) =>
  <span class={`badge ${tone ?? TONES[value] ?? 'plain'}`}>{label(value)}</span>;

const stop = (event: Event) => event.preventDefault(); // what is disabled loses the focus, and what is busy must not

export function Button({ kind = 'quiet', busy, children, ...rest }: JSX.HTMLAttributes<HTMLButtonElement> &
  { kind?: 'primary' | 'quiet' | 'bare' | 'danger'; busy?: boolean; disabled?: boolean; type?: 'button' | 'submit'; name?: string }) {
  return <button type="button" {...rest} onClick={busy ? stop : rest.onClick} class={`button ${kind} ${rest.class ?? ''}`} aria-disabled={busy || undefined} aria-busy={busy || undefined}>{children}</button>;
}

export const Card = ({ title, actions, children, id }: { title?: ComponentChildren; actions?: ComponentChildren; children: ComponentChildren; id?: string }) =>
  <section class="card" aria-labelledby={id}>
    {title && <header class="card-head"><h2 id={id}>{title}</h2>{actions}</header>}
    {children}
  </section>;

/** What there would be, and how it comes to be there. */
export const Empty = ({ title, children }: { title: string; children?: ComponentChildren }) =>
  <div class="empty"><p class="empty-title">{title}</p>{children}</div>;

/** Gray where something comes, so that nothing jumps. */
/** Until what was asked for is there, or why it does not come. */
export const Waiting = ({ lines = 3, problem }: { lines?: number; problem?: Problem }) => problem ? <Trouble problem={problem} /> :
  <div class="waiting" role="status"><span class="unseen">{t('loading')}</span>{Array.from({ length: lines }, (_, n) => <span key={n} class="bone" />)}</div>;

export function problemText(problem: Problem): string {
  if (problem.isAway) return t('problem.away');
  if (problem.status === 403 && [problem.title, ''].includes(problem.detail)) return t('problem.forbidden');
  if (problem.status === 404) return t('problem.missing');
  if (problem.status >= 500) return t('problem.server', { id: problem.requestId ?? '' });
  return problem.detail || problem.title;
}

export const Trouble = ({ problem, again }: { problem: Problem; again?: () => void }) =>
  <div class="notice bad" role="alert">
    <p>{problemText(problem)}</p>
    {again && ![403, 404].includes(problem.status) && <Button onClick={again}>{t('again')}</Button>}
  </div>;

export const Notice = ({ tone = 'plain', children }: { tone?: Tone; children: ComponentChildren }) =>
  <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : undefined}>{children}</div>;

/** The heading of a screen: it is what the window is called, and it has the focus when one comes here. */
export function Title({ children, of, actions, crumbs, focus = true }: { children: string; of?: ComponentChildren; actions?: ComponentChildren;
  crumbs?: ComponentChildren; focus?: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${children} – Kith`;
  }, [children]);
  useEffect(() => {
    if (focus && hasMoved()) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <header class="title">
      {crumbs && <nav class="crumbs" aria-label={t('crumbs')}>{crumbs}</nav>}
      <div class="title-line">
        <h1 ref={heading} tabIndex={-1}>{children}{of && <span class="of"> {of}</span>}</h1>
        {actions && <div class="actions">{actions}</div>}
      </div>
    </header>
  );
}
let moves = 0;
export const moved = () => { moves++; };
const hasMoved = () => moves > 0;

/** Opens below its button: Escape and a click elsewhere close it. */
export function Menu({ text, children, kind = 'quiet' }: { text: ComponentChildren; children: ComponentChildren; kind?: 'quiet' | 'bare' }) {
  const box = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const away = (event: Event) => {
      const details = box.current;
      if (!details?.open) return;
      if (event instanceof KeyboardEvent) {
        if (event.key !== 'Escape') return;
        details.open = false;
        details.querySelector('summary')?.focus();
      } else if (!details.contains(event.target as Node)) details.open = false;
    };
    document.addEventListener('click', away);
    document.addEventListener('keydown', away);
    return () => {
      document.removeEventListener('click', away);
      document.removeEventListener('keydown', away);
    };
  }, []);
  return (
    <details class="menu" ref={box}>
      <summary class={`button ${kind}`}>{text}</summary>
      <div class="menu-list" onClick={() => {
        if (box.current) box.current.open = false;
        box.current?.querySelector('summary')?.focus(); // what is pressed is hidden with it
      }}>{children}</div>
    </details>
  );
}

/** A question that takes the whole attention: native, so that the focus stays in it and comes back. */
export function Dialog({ title, onClose, children, wide }: { title: string; onClose: () => void; children: ComponentChildren; wide?: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOver = useRef(false);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const own = dialog.current!;
    own.showModal();
    return () => {
      isOver.current = true;
      own.close(); // what is behind it takes no focus while it is open
      before?.focus?.();
    };
  }, []);
  return (
    <dialog ref={dialog} class={wide ? 'dialog wide' : 'dialog'} aria-labelledby="dialog-title" onClose={() => { if (!isOver.current) onClose(); }}
      onCancel={(event) => { event.preventDefault(); onClose(); }}>
      <header class="dialog-head">
        <h2 id="dialog-title">{title}</h2>
        <Button kind="bare" onClick={onClose} aria-label={t('close')}><Icon name="close" /></Button>
      </header>
      {children}
    </dialog>
  );
}

/** One row, which scrolls where there is not room for all: the one that is open is in sight. */
export function Tabs({ tabs, current }: { tabs: { id: string; text: string; href: string; count?: number }[]; current: string }) {
  const row = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const open = row.current?.querySelector<HTMLElement>('[aria-current]');
    if (open) row.current!.scrollLeft += open.getBoundingClientRect().left - row.current!.getBoundingClientRect().left - (row.current!.clientWidth - open.offsetWidth) / 2;
  }, [current, tabs.length]);
  return (
    <nav class="tabs" aria-label={t('parts')}>
      <ul ref={row} onFocusIn={(event) => (event.target as HTMLElement).scrollIntoView({ block: 'nearest', inline: 'nearest' })}>{tabs.map((tab) => <li key={tab.id}><a href={tab.href} aria-current={tab.id === current ? 'page' : undefined}>
        {tab.text}{tab.count !== undefined && <span class="count">{tab.count}</span>}</a></li>)}</ul>
    </nav>
  );
}

export const words = (key: Key) => t(key);
