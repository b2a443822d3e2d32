// Chooses another row by name: a combobox with a list (WAI-ARIA), which asks the API while one types.
import { Icon } from '../ui/icons';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { get, type Page } from '../lib/api';
import { useGet } from '../lib/store';
import { load, title, type Row } from '../lib/model';
import { t } from '../lib/words';
import { may } from '../lib/session';

const SHOWN = 20;
const REST_MS = 200;

async function find(plural: string, text: string, signal: AbortSignal): Promise<Row[]> {
  const resource = await load(plural);
  if (!may(resource.list)) return [];
  const query: Record<string, string | number> = { limit: resource.list.searches ? SHOWN : 200 };
  if (resource.list.searches && text) query.q = text;
  else if (resource.list.sorts.includes('name')) query.sort = 'name';
  const { data } = await get<Page<Row>>(`/v1/${plural}`, query, signal);
  const wanted = text.toLocaleLowerCase();
  const found = resource.list.searches ? data.data : data.data.filter((row) => title(row).toLocaleLowerCase().includes(wanted));
  return found.slice(0, SHOWN);
}

export function Picker({ plural, id, value, onChange, describedBy, invalid, required }: {
  plural: string; id: string; value: string | null; onChange: (id: string | null) => void; describedBy?: string; invalid?: boolean; required?: boolean;
}) {
  const { data: chosen } = useGet<Row>(value ? `/v1/${plural}/${value}` : null);
  const [text, setText] = useState<string | null>(null); // null: nothing is being typed
  const [rows, setRows] = useState<Row[]>([]);
  const [at, setAt] = useState(-1);
  const [isOpen, setOpen] = useState(false);
  const listId = useId();
  const box = useRef<HTMLInputElement>(null);

  useEffect(() => {
    if (!isOpen) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      find(plural, text ?? '', stop.signal).then((found) => { setRows(found); setAt(found.length && text ? 0 : -1); }, () => {});
    }, REST_MS);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [text, isOpen, plural]);

  const choose = (row: Row | null) => {
    onChange(row?.id ?? null);
    setText(null);
    setOpen(false);
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      setAt((now) => Math.max(0, Math.min(rows.length - 1, now + (event.key === 'ArrowDown' ? 1 : -1))));
    } else if (event.key === 'Enter' && isOpen && rows[at]) {
      event.preventDefault();
      choose(rows[at]!);
    } else if (event.key === 'Escape' && isOpen) {
      event.stopPropagation();
      setOpen(false);
      setText(null);
    }
  };

  return (
    <div class="picker">
      <input ref={box} id={id} type="text" role="combobox" autocomplete="off" aria-autocomplete="list" aria-expanded={isOpen}
        aria-controls={listId} aria-activedescendant={isOpen && at >= 0 ? `${listId}-${at}` : undefined} aria-describedby={describedBy}
        aria-invalid={invalid || undefined} aria-required={required || undefined} placeholder={t('picker.type')}
        value={text ?? (value ? title(chosen) || '…' : '')}
        onInput={(event) => { setText(event.currentTarget.value); setOpen(true); }} onFocus={(event) => event.currentTarget.select()}
        onClick={() => setOpen(true)} onKeyDown={onKeyDown} onBlur={() => { setOpen(false); setText(null); }} />
      {value && !required && <button type="button" class="picker-clear" aria-label={t('picker.clear')} onClick={() => choose(null)}><Icon name="close" /></button>}
      <ul id={listId} role="listbox" hidden={!isOpen} aria-label={t('picker.found')}>
        {rows.map((row, n) => (
          <li key={row.id} id={`${listId}-${n}`} role="option" aria-selected={n === at} class={n === at ? 'at' : ''}
            onMouseDown={(event) => { event.preventDefault(); choose(row); }}>{title(row) || row.id}</li>
        ))}
        {!rows.length && <li class="nothing" role="option" aria-selected={false} aria-disabled="true">{t('picker.nothing')}</li>}
      </ul>
    </div>
  );
}
