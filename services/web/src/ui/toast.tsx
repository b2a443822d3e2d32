// What was just done, said in a corner, with a way back where there is one.
import { Icon } from './icons';
import { useEffect, useState } from 'preact/hooks';
import { Button } from './parts';
import { t } from '../lib/words';

interface Toast { id: number; text: string; undo?: () => void; tone: 'good' | 'bad' }
const STAYS_MS = 10_000;
let next = 1;
let show: (toast: Toast) => void = () => {};

export const tell = (text: string, undo?: () => void) => show({ id: next++, text, undo, tone: 'good' });
export const tellTrouble = (text: string) => show({ id: next++, text, tone: 'bad' });

export function Toasts() {
  const [toasts, set] = useState<Toast[]>([]);
  const close = (id: number) => set((all) => all.filter((one) => one.id !== id));
  useEffect(() => {
    show = (toast) => {
      set((all) => [...all.slice(-2), toast]);
      if (!toast.undo && toast.tone === 'good') setTimeout(() => close(toast.id), STAYS_MS);
    };
  }, []);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.map((toast) => (
        <div key={toast.id} class={`toast ${toast.tone}`}>
          <span>{toast.text}</span>
          {toast.undo && <Button kind="bare" onClick={() => { toast.undo!(); close(toast.id); }}>{t('undo')}</Button>}
          <Button kind="bare" onClick={() => close(toast.id)} aria-label={t('close')}><Icon name="close" /></Button>
        </div>
      ))}
    </div>
  );
}
