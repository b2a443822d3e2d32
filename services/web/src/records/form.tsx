// A form of declared fields: what is wrong stands beside its field and in a list above, which has the focus; what was typed is
// kept until it is sent, also over a reload.
import { useId, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { Fault } from '../lib/api';
import type { Field } from '../lib/model';
import { label, t } from '../lib/words';
import { Button, problemText } from '../ui/parts';
import { Input } from './input';
import { useAttempt } from './attempt';

export type Values = Record<string, unknown>;

interface FormProps {
  fields: Field[];
  initial?: Values;
  /** Under which what is typed is kept; none: it is not. */
  draft?: string;
  submit: string;
  /** The other way to send it, beside the first. */
  other?: string;
  onSubmit: (values: Values, isOther: boolean) => Promise<void>;
  onCancel?: () => void;
  onChange?: (values: Values) => void;
  children?: ComponentChildren;
}

const EVERYWHERE = ['/', ''];
const nameOf = (fault: Fault) => fault.pointer.split('/')[1] ?? '';

function kept(draft: string | undefined): Values | undefined {
  const text = draft && sessionStorage.getItem(`draft:${draft}`);
  return text ? JSON.parse(text) : undefined;
}

export function Form({ fields, initial = {}, draft, submit, other, onSubmit, onCancel, onChange, children }: FormProps) {
  const [values, setValues] = useState<Values>(() => ({ ...initial, ...kept(draft) }));
  const typed = useRef(values); // what was typed last, also before it is drawn
  const [hasDraft] = useState(() => Boolean(kept(draft)));
  const { faults, setFaults, problem, isBusy, summary, refuse, attempt } = useAttempt();
  const id = useId();

  const change = (name: string, value: unknown) => {
    typed.current = { ...typed.current, [name]: value };
    setValues(typed.current);
    onChange?.(typed.current);
    setFaults((all) => all.filter((fault) => nameOf(fault) !== name));
    if (draft) sessionStorage.setItem(`draft:${draft}`, JSON.stringify(typed.current));
  };

  const send = async (event: Event) => {
    event.preventDefault();
    const isOther = (event as SubmitEvent).submitter?.getAttribute('name') === 'other';
    const missing = fields.filter((field) => field.required && (typed.current[field.name] ?? '') === '');
    const wrong = missing.map((field) => ({ pointer: `/${field.name}`, code: 'required', detail: t('fault.required') }));
    if (wrong.length) return refuse(wrong);
    setFaults([]);
    await attempt(async () => {
      await onSubmit(typed.current, isOther);
      if (draft) sessionStorage.removeItem(`draft:${draft}`);
    });
  };

  const textOf = (name: string) => fields.find((field) => field.name === name)?.text ?? label(name);
  const faultOf = (name: string) => faults.find((fault) => nameOf(fault) === name)?.detail;
  const others = faults.filter((fault) => EVERYWHERE.includes(fault.pointer) || !fields.some((field) => field.name === nameOf(fault)));
  return (
    <form class="form" onSubmit={send} noValidate>
      {(faults.length > 0 || problem) && (
        <div class="summary" ref={summary} tabIndex={-1} role="alert">
          <h3>{t('fault.summary')}</h3>
          <ul>
            {problem && !faults.length && <li>{problemText(problem)}</li>}
            {faults.filter((fault) => !others.includes(fault)).map((fault) => (
              <li key={fault.pointer}><a href={`#${id}-${nameOf(fault)}`} onClick={(event) => {
                event.preventDefault();
                document.getElementById(`${id}-${nameOf(fault)}`)?.focus();
              }}>{textOf(nameOf(fault))}: {fault.detail}</a></li>
            ))}
            {others.map((fault) => <li key={fault.pointer}>{fault.detail}</li>)}
          </ul>
        </div>
      )}
      {hasDraft && <p class="hint">{t('draft.kept')} <Button kind="bare" onClick={() => {
        sessionStorage.removeItem(`draft:${draft}`);
        typed.current = initial;
        setValues(initial);
      }}>{t('draft.discard')}</Button></p>}
      {children}
      {fields.map((field) => (
        <Input key={field.name} id={`${id}-${field.name}`} field={field} value={values[field.name]} fault={faultOf(field.name)}
          onChange={(value) => change(field.name, value)} />
      ))}
      <div class="buttons">
        <Button kind="primary" type="submit" busy={isBusy}>{submit}</Button>
        {other && <Button type="submit" name="other" busy={isBusy}>{other}</Button>}
        {onCancel && <Button onClick={onCancel}>{t('cancel')}</Button>}
      </div>
    </form>
  );
}

/** What differs from before, as a merge patch has it. */
export const changes = (fields: Field[], before: Values, after: Values): Values =>
  Object.fromEntries(fields.map((field) => field.name)
    .filter((name) => JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null))
    .map((name) => [name, after[name] ?? null]));
