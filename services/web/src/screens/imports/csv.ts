// The first rows of a file, so that one sees what its columns hold; the API reads all of it by its own rules.
import type { Field } from '../../lib/model';
import { label } from '../../lib/words';

const HEAD_BYTES = 64 * 1024;
const ROWS = 4;

export interface Head { columns: string[]; samples: string[][] }

function textOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  const text = new TextDecoder('utf-8').decode(bytes);
  return text.slice(0, -4).includes('�') ? new TextDecoder('windows-1252').decode(bytes) : text; // its end may be half a letter
}

export function parse(text: string): string[][] {
  const first = text.slice(0, text.search(/[\r\n]|$/));
  const separator = [',', ';', '\t', '|'].map((one) => ({ one, count: first.split(one).length })).sort((a, b) => b.count - a.count)[0]!.one;
  const rows: string[][] = [[]];
  let cell = '';
  let isQuoted = false;
  const end = () => { rows[rows.length - 1]!.push(cell); cell = ''; };
  for (let n = 0; n < text.length; n++) {
    const letter = text[n]!;
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (text[n + 1] === '"') { cell += '"'; n++; } else isQuoted = false;
    } else if (letter === '"' && !cell) isQuoted = true;
    else if (letter === separator) end();
    else if (letter === '\n' || letter === '\r') {
      if (letter === '\r' && text[n + 1] === '\n') n++;
      end();
      if (rows.length === ROWS) return rows;
      rows.push([]);
    } else cell += letter;
  }
  end();
  return rows.filter((row) => row.length > 1 || row[0]);
}

export async function headOf(file: File): Promise<Head> {
  const rows = parse(textOf(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer())).replace(/^﻿/, ''));
  return { columns: (rows[0] ?? []).map((one) => one.trim()), samples: rows.slice(1) };
}

const plain = (text: string) => text.normalize('NFD').replace(/[^a-zA-Z0-9]/g, '').toLowerCase();
/** What files call it, by the field's name. */
const CALLED: Record<string, string[]> = {
  name: ['organization', 'organisation', 'partner', 'school', 'fullname', 'company', 'title'], title: ['name'], email: ['emailaddress', 'mail'], phone: ['telephone', 'phonenumber'],
  website: ['url', 'web', 'site'], street: ['address', 'street1', 'address1'], postal_code: ['zip', 'zipcode', 'postcode'], ein: ['taxid', 'taxidnumber', 'federalid'], description: ['notes', 'about'],
  starts_on: ['start', 'startdate', 'begin'], ends_on: ['end', 'enddate'], value_cents: ['amount', 'value'], kind: ['type', 'category'], local_id: ['schoolid', 'dbn', 'siteid'], nces_id: ['nces'], state_id: ['stateid'],
};

/** The field that a column most likely means; each field is meant once. */
export function guess(columns: string[], fields: Field[]): (string | null)[] {
  const taken = new Set<string>();
  const ways: ((column: string, field: Field) => boolean)[] = [
    (column, field) => plain(field.name) === column || plain(field.name.replace(/_id$/, '')) === column || plain(label(field.name)) === column,
    (column, field) => (CALLED[field.name] ?? []).includes(column),
  ];
  const found: (string | null)[] = columns.map(() => null);
  for (const way of ways)
    columns.forEach((column, n) => {
      const field = found[n] === null ? fields.find((one) => !taken.has(one.name) && way(plain(column), one)) : undefined;
      if (!field) return;
      taken.add(field.name);
      found[n] = field.name;
    });
  return found;
}
