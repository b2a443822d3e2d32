// Fields of the editor: each knows by its pointer what the API says against it.
import { createContext, type ComponentChildren } from 'preact';
import { useContext } from 'preact/hooks';
import type { Fault } from '../../lib/api';
import { t } from '../../lib/words';
import { Icon } from '../../ui/icons';
import { Button } from '../../ui/parts';
import type { Words } from './instrument';

export const Faults = createContext<Fault[]>([]);
export const idOf = (pointer: string) => `at${pointer.replace(/\W/g, '-')}`;
export const useFault = (pointer: string) => useContext(Faults).find((fault) => fault.pointer === pointer)?.detail;
export const languageName = (locale: string) => {
  const name = new Intl.DisplayNames([locale], { type: 'language' }).of(locale) ?? locale;
  return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
};
export const Arrow = ({ by, what, ...rest }: { by: -1 | 1; what: string; disabled: boolean; onClick: () => void }) => (
  <Button kind="bare" {...rest}><Icon name={by < 0 ? 'up' : 'down'} /><span class="unseen">{t(by < 0 ? 'instrument.up' : 'instrument.down', { what })}</span></Button>
);

export function Line({ pointer, text, children, hint }: { pointer: string; text: string; hint?: string; children: (props: {
  id: string; 'aria-invalid'?: true; 'aria-describedby'?: string }) => ComponentChildren }) {
  const fault = useFault(pointer);
  const id = idOf(pointer);
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ') || undefined;
  return (
    <div class={fault ? 'field wrong' : 'field'}>
      <label for={id}>{text}</label>
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {children({ id, 'aria-invalid': fault ? true : undefined, 'aria-describedby': described })}
      {fault && <p class="fault" id={`${id}-fault`}>{fault}</p>}
    </div>
  );
}

/** What is said in each language, side by side. */
export function WordsFields({ pointer, text, words, locales, onChange, rows = 1, optional }: {
  pointer: string; text: string; words: Words | null | undefined; locales: string[]; onChange: (words: Words) => void; rows?: number; optional?: boolean;
}) {
  const whole = useFault(pointer);
  const change = (locale: string, value: string) => onChange({ ...Object.fromEntries(locales.map((one) => [one, words?.[one] ?? ''])), [locale]: value });
  return (
    <fieldset class={whole ? 'field words wrong' : 'field words'} id={idOf(pointer)} tabIndex={whole ? -1 : undefined}>
      <legend>{text}{optional && <span class="optional"> {t('optional')}</span>}</legend>
      <div class="side-by-side">{locales.map((locale) => (
        <Line key={locale} pointer={`${pointer}/${locale}`} text={languageName(locale)}>{(props) => {
          const typed = (event: { currentTarget: { value: string } }) => change(locale, event.currentTarget.value);
          return rows > 1 ? <textarea {...props} lang={locale} rows={rows} value={words?.[locale] ?? ''} onInput={typed} />
            : <input {...props} lang={locale} type="text" value={words?.[locale] ?? ''} onInput={typed} />;
        }}</Line>
      ))}</div>
      {whole && <p class="fault">{whole}</p>}
    </fieldset>
  );
}

export const Choice = ({ pointer, text, value, values, onChange, hint }: { pointer: string; text: string; value: string; hint?: string;
  values: [string, string][]; onChange: (value: string) => void }) => (
  <Line pointer={pointer} text={text} hint={hint}>{(props) => (
    <select {...props} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      {values.map(([one, name]) => <option key={one} value={one}>{name}</option>)}
    </select>
  )}</Line>
);

export const Whole = ({ pointer, text, value, onChange, hint }: { pointer: string; text: string; value: number | null | undefined; hint?: string;
  onChange: (value: number | null) => void }) => (
  <Line pointer={pointer} text={text} hint={hint}>{(props) => (
    <input {...props} class="short" type="number" value={value ?? ''} onInput={(event) => onChange(event.currentTarget.value === '' ? null : Number(event.currentTarget.value))} />
  )}</Line>
);

export const Tick = ({ text, checked, onChange, hint }: { text: string; checked: boolean; onChange: (checked: boolean) => void; hint?: string }) => (
  <label class="tick"><input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
    <span>{text}{hint && <span class="hint"> {hint}</span>}</span></label>
);
