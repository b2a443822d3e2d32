// Rows as files that spreadsheets open: CSV (RFC 4180), and XLSX (ECMA-376), a ZIP of a few small documents that is not packed.
export type Cell = string | number | null;

const FORMULA = /^[=+\-@\t\r]/; // what a spreadsheet would run

export function csv(head: string[], rows: Cell[][]): Blob {
  const cell = (value: Cell) => {
    const text = String(value ?? '');
    const safe = FORMULA.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) || safe !== text ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return new Blob(['\ufeff', [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')], { type: 'text/csv' });
}

// ---- The sheet -----------------------------------------------------------------------------------

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const BOLD = 1;

const escape = (text: string) => text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const textCell = (text: string, style = 0) => `<c t="inlineStr" s="${style}"><is><t xml:space="preserve">${escape(text)}</t></is></c>`;
const cellOf = (value: Cell) => (value === null || value === '' ? '<c/>' : typeof value === 'number' ? `<c><v>${value}</v></c>` : textCell(value));

const sheetOf = (head: string[], rows: Cell[][]) =>
  `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`
  + `<row>${head.map((one) => textCell(one, BOLD)).join('')}</row>${rows.map((row) => `<row>${row.map(cellOf).join('')}</row>`).join('')}</sheetData></worksheet>`;

export function xlsx(name: string, head: string[], rows: Cell[][]): Blob {
  const files: Record<string, string> = {
    '[Content_Types].xml': `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>`
      + `<Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPE}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/></Types>`,
    '_rels/.rels': `${XML}<Relationships xmlns="${RELATIONS}"><Relationship Id="r1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="${escape(name.replace(/[\\/?*[\]:"]/g, ' ').slice(0, 31))}" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${XML}<Relationships xmlns="${RELATIONS}"><Relationship Id="r1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
    'xl/styles.xml': `${XML}<styleSheet xmlns="${MAIN}"><fonts count="2"><font/><font><b/></font></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>`,
    'xl/worksheets/sheet1.xml': sheetOf(head, rows),
  };
  return new Blob(zip(Object.entries(files).map(([path, text]) => ({ path, bytes: new TextEncoder().encode(text) }))), { type: `${TYPE}.sheet` });
}

// ---- The ZIP (APPNOTE 6.3): each file as it is, then the directory of all ------------------------

const CRC = Uint32Array.from({ length: 256 }, (_, n) => { let c = n; for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1; return c; });
const crc = (bytes: Uint8Array) => { let c = 0xffffffff; for (const byte of bytes) c = CRC[(c ^ byte) & 255]! ^ (c >>> 8); return (c ^ 0xffffffff) >>> 0; };

/** Little-endian fields, each [value, bytes], and a name behind them. */
function record(fields: [number, 2 | 4][], name?: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(fields.reduce((sum, [, size]) => sum + size, 0) + (name?.length ?? 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const [value, size] of fields) {
    if (size === 2) view.setUint16(at, value, true); else view.setUint32(at, value, true);
    at += size;
  }
  if (name) out.set(name, at);
  return out;
}

const VERSION = 20, NAMES_UTF8 = 0x800, FIRST_DAY = 0x21; // of 1980

function zip(files: { path: string; bytes: Uint8Array<ArrayBuffer> }[]): Uint8Array<ArrayBuffer>[] {
  const pieces: Uint8Array<ArrayBuffer>[] = [], directory: Uint8Array<ArrayBuffer>[] = [];
  const size = (all: Uint8Array[]) => all.reduce((sum, one) => sum + one.length, 0);
  for (const { path, bytes } of files) {
    const name = new TextEncoder().encode(path), n = bytes.length, from = size(pieces);
    const about: [number, 2 | 4][] = [[VERSION, 2], [NAMES_UTF8, 2], [0, 2], [0, 2], [FIRST_DAY, 2], [crc(bytes), 4], [n, 4], [n, 4], [name.length, 2], [0, 2]];
    pieces.push(record([[0x04034b50, 4], ...about], name), bytes);
    directory.push(record([[0x02014b50, 4], [VERSION, 2], ...about, [0, 2], [0, 2], [0, 2], [0, 4], [from, 4]], name));
  }
  const end = record([[0x06054b50, 4], [0, 2], [0, 2], [files.length, 2], [files.length, 2], [size(directory), 4], [size(pieces), 4], [0, 2]]);
  return [...pieces, ...directory, end];
}
