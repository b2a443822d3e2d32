// A control that saves by itself what is chosen: with a mouse at once; by keyboard, where arrows and digits lead past what is not
// meant, with Enter or as one goes on. What is chosen stays while it is saved. What is refused is put back, and why is said beside it.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Problem } from '../lib/api';
import { t } from '../lib/words';
import { problemText } from './parts';

interface Chosen<T> { value: T; stands: 'open' | 'saving' | 'saved' }
const why = (problem: Problem) => problem.errors.map((one) => one.detail).join(' ') || problemText(problem);
const opens = (event: KeyboardEvent) => event.key === ' '; // a list of choices, or takes the one that has the focus: that is meant

export function Saves<T>({ saved, save, children }: {
  saved: T; save: (value: T) => Promise<unknown>; children: (value: T, choose: (value: T) => void) => ComponentChildren;
}) {
  const [chosen, set] = useState<Chosen<T>>();
  const [problem, setProblem] = useState<Problem>();
  const isTyped = useRef(false);
  const last = useRef(Promise.resolve()); // one after the other, as each is a version of the row
  const now = useRef({ saved, save, chosen });
  now.current = { saved, save, chosen };
  useEffect(() => set((one) => (one?.stands === 'saved' ? undefined : one)), [saved]);

  const send = async (value: T) => {
    setProblem(undefined);
    try {
      await now.current.save(value);
      set((one) => (one?.value !== value ? one : now.current.saved === value ? undefined : { value, stands: 'saved' }));
    } catch (error) {
      set((one) => (one?.value === value ? undefined : one));
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    }
  };
  const keep = (value: T) => {
    set({ value, stands: 'saving' });
    last.current = last.current.then(() => send(value));
  };
  const choose = (value: T) => (isTyped.current ? set(value === saved ? undefined : { value, stands: 'open' }) : keep(value));
  const goOn = () => { if (chosen?.stands === 'open') keep(chosen.value); };
  useEffect(() => () => { const { chosen: one, save: then } = now.current; if (one?.stands === 'open') void then(one.value); }, []);
  return (
    <div class="saves" aria-busy={chosen?.stands === 'saving'} onPointerDown={() => { isTyped.current = false; }} onFocusOut={(event) => {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) goOn();
    }} onKeyDown={(event) => {
      if (chosen?.stands === 'open' && event.key === 'Enter') { event.preventDefault(); goOn(); }
      if (chosen?.stands === 'open' && event.key === 'Escape') set(undefined);
      isTyped.current = !opens(event);
    }}>
      {children(chosen ? chosen.value : saved, choose)}
      {chosen?.stands === 'open' && <p class="hint" role="status">{t('saves.enter')}</p>}
      {problem && <p class="fault" role="alert">{why(problem)}</p>}
    </div>
  );
}
