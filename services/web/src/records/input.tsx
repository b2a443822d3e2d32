// One field of a form, with its label, what is to be known of it, and what is wrong with it.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { hint as hintOf } from '../lib/hint';
import type { Field } from '../lib/model';
import { self } from '../lib/session';
import { label, language, languageName, t } from '../lib/words';
import { Button } from '../ui/parts';
import { Picker } from './picker';

export interface InputProps { field: Field; value: unknown; onChange: (value: unknown) => void; fault?: string; id?: string }

const WHO: Record<string, string> = { email: 'email', phone: 'tel', street: 'street-address', city: 'address-level2', state: 'address-level1', postal_code: 'postal-code' };

export function Frame({ id, text, hint, fault, optional, children }: {
  id: string; text: string; hint?: string; fault?: string; optional?: boolean; children: ComponentChildren;
}) {
  return (
    <div class={fault ? 'field wrong' : 'field'}>
      <label for={id}>{text}{optional && <span class="optional"> {t('optional')}</span>}</label>
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {children}
      {fault && <p class="fault" id={`${id}-fault`}>{fault}</p>}
    </div>
  );
}

const toCents = (text: string) => {
  const plain = text.replace(/[$\s,]/g, '');
  return /^\d+(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : plain;
};

export function Input({ field, value, onChange, fault, id: given }: InputProps) {
  const own = useId();
  const id = given ?? own;
  const hint = language() === 'en' ? hintOf(field.doc, field.kind, label) : undefined;
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ') || undefined;
  const common = { id, name: field.name, 'aria-describedby': described, 'aria-invalid': Boolean(fault) || undefined, 'aria-required': field.required };
  const text = field.text ?? label(field.name);
  const frame = (children: ComponentChildren) =>
    <Frame id={id} text={text} hint={hint} fault={fault} optional={!field.required && field.kind !== 'bool'}>{children}</Frame>;
  const asText = value === null || value === undefined ? '' : String(value);
  const typed = (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value === '' ? null : event.currentTarget.value);

  switch (field.kind) {
    case 'bool':
      return (
        <div class="field tick">
          <input {...common} type="checkbox" checked={Boolean(value)} onChange={(event) => onChange(event.currentTarget.checked)} />
          <div><label for={id}>{text}</label>{hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}{fault && <p class="fault" id={`${id}-fault`}>{fault}</p>}</div>
        </div>
      );
    case 'enum':
      return frame(
        <select {...common} value={asText} onChange={typed}>
          <option value="">{field.required ? t('choose') : field.names?.[''] ?? t('none')}</option>
          {field.values!.map((one) => <option key={one} value={one}>{field.names?.[one] ?? label(one)}</option>)}
        </select>);
    case 'long':
      return frame(<textarea {...common} rows={4} maxLength={field.max} value={asText} onInput={typed} />);
    case 'date':
      return frame(<input {...common} class="short" type="date" value={asText} onInput={typed} />);
    case 'instant':
      return frame(<input {...common} class="short" type="datetime-local" value={asText.slice(0, 16)}
        onInput={(event) => onChange(event.currentTarget.value ? new Date(event.currentTarget.value).toISOString() : null)} />);
    case 'int':
      return frame(<input {...common} class="short" type="number" inputMode="numeric" value={asText}
        onInput={(event) => onChange(event.currentTarget.value === '' ? null : Number(event.currentTarget.value))} />);
    case 'money':
      return frame(<input {...common} class="short" type="text" inputMode="decimal" placeholder="$"
        value={typeof value === 'number' ? (value / 100).toFixed(value % 100 ? 2 : 0) : asText}
        onChange={(event) => onChange(event.currentTarget.value === '' ? null : toCents(event.currentTarget.value))} />);
    case 'decimal':
      return frame(<input {...common} class="short" type="text" inputMode="decimal" value={asText} onInput={typed} />);
    case 'id':
      return field.ref
        ? frame(<Picker plural={field.ref} id={id} value={asText || null} onChange={onChange} describedBy={described} invalid={Boolean(fault)} required={field.required} />)
        : frame(<input {...common} type="text" value={asText} onInput={typed} />);
    case 'locale':
      return frame(
        <select {...common} value={asText} onChange={typed}>
          <option value="">{field.required ? t('choose') : t('none')}</option>
          {[...new Set([...self().district.locales, ...(asText ? [asText] : [])])].map((one) => <option key={one} value={one}>{languageName(one)}</option>)}
        </select>);
    case 'list':
      return <ListInput {...{ field, value, onChange, fault, id, hint, described }} />;
    default:
      return frame(<input {...common} type={field.kind === 'email' ? 'email' : field.kind === 'url' ? 'url' : 'text'} maxLength={field.max}
        autocomplete={WHO[field.name] ? 'off' : undefined} value={asText} onInput={typed} />);
  }
}

function ListInput({ field, value, onChange, fault, id, hint, described }: InputProps & { hint?: string; described?: string }) {
  const items = (Array.isArray(value) ? value : []) as string[];
  const item = field.item;
  const ref = item?.ref ?? field.ref;
  if (item?.kind === 'enum')
    return (
      <fieldset class={fault ? 'field wrong' : 'field'} id={id} aria-describedby={described}>
        <legend>{label(field.name)}</legend>
        {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
        <div class="ticks">
          {item.values!.map((one) => (
            <label key={one} class="tick"><input type="checkbox" checked={items.includes(one)}
              onChange={(event) => onChange(event.currentTarget.checked ? [...items, one] : items.filter((other) => other !== one))} />{label(one)}</label>
          ))}
        </div>
        {fault && <p class="fault" id={`${id}-fault`}>{fault}</p>}
      </fieldset>
    );
  if (item?.kind === 'object' && item.fields?.length)
    return <Objects {...{ field, fault, id, hint, described, onChange }} fields={item.fields} items={items as unknown as Values[]} />;
  if (ref)
    return (
      <fieldset class={fault ? 'field wrong' : 'field'} id={id} aria-describedby={described}>
        <legend>{label(field.name)}</legend>
        {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
        {[...items, null].map((one, n) => (
          <Picker key={one ?? `new-${items.length}`} plural={ref} id={`${id}-${n}`} value={one}
            onChange={(chosen) => onChange(chosen ? [...items.slice(0, n), chosen, ...items.slice(n + 1)] : items.filter((_, other) => other !== n))} />
        ))}
        {fault && <p class="fault" id={`${id}-fault`}>{fault}</p>}
      </fieldset>
    );
  return (
    <Frame id={id!} text={label(field.name)} hint={[hint, t('a_line_each')].filter(Boolean).join(' ')} fault={fault} optional={!field.required}>
      <textarea id={id} name={field.name} rows={3} aria-describedby={described} value={items.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n')}
        onChange={(event) => onChange(event.currentTarget.value.split('\n').map((line) => line.trim()).filter(Boolean).map((line) => {
          if (item?.kind === 'object' || item?.kind === 'any') try { return JSON.parse(line); } catch { return line; }
          return item?.kind === 'int' ? Number(line) : line;
        }))} />
    </Frame>
  );
}

type Values = Record<string, unknown>;

/** Things with fields of their own, one behind the other. */
function Objects({ field, fields, items, onChange, fault, id, hint, described }: Omit<InputProps, 'value'> & { fields: Field[]; items: Values[]; hint?: string; described?: string }) {
  const shown = items.length || !field.required ? items : [{}];
  const change = (n: number, name: string, value: unknown) => onChange(shown.map((one, other) => (other === n ? { ...one, [name]: value } : one)));
  return (
    <fieldset class={fault ? 'field wrong' : 'field'} id={id} tabIndex={-1} aria-describedby={described}>
      <legend>{label(field.name)}</legend>
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {shown.map((one, n) => (
        <div key={n} class="object" role="group" aria-label={`${label(field.name)} ${n + 1}`}>
          {fields.map((inner) => <Input key={inner.name} id={`${id}-${n}-${inner.name}`} field={inner} value={one[inner.name]} onChange={(value) => change(n, inner.name, value)} />)}
          {shown.length > (field.required ? 1 : 0) && <Button class="small" onClick={() => onChange(shown.filter((_, other) => other !== n))}>{t('remove')}<span class="unseen"> {label(field.name)} {n + 1}</span></Button>}
        </div>))}
      <Button class="small" onClick={() => onChange([...shown, {}])}>{t('add')}<span class="unseen"> {label(field.name)}</span></Button>
      {fault && <p class="fault" id={`${id}-fault`}>{fault}</p>}
    </fieldset>
  );
}
