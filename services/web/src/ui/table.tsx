// Rows of a screen's own: a table that is a list of cards on a phone.
import type { ComponentChildren } from 'preact';

export interface Column<R> { head: string; cell: (row: R) => ComponentChildren; isNumber?: boolean }

/** The first column names the row. */
export const Table = <R extends { id: string }>({ name, columns, rows }: { name: string; columns: Column<R>[]; rows: R[] }) => (
  <div class="table-box" tabIndex={0} role="group" aria-label={name}>
    <table class="rows">
      <thead><tr>{columns.map((one) => <th key={one.head} scope="col" class={one.isNumber ? 'number' : ''}>{one.head}</th>)}</tr></thead>
      <tbody>{rows.map((row) => (
        <tr key={row.id}>{columns.map((one, n) => (n === 0 ? <th key={one.head} scope="row">{one.cell(row)}</th>
          : <td key={one.head} data-label={one.head} class={one.isNumber ? 'number' : ''}>{one.cell(row)}</td>))}</tr>))}</tbody>
    </table>
  </div>
);

/** Figures in a row, each with what it counts. */
export const Counts = ({ counts }: { counts: { name: string; value: ComponentChildren; href?: string; isLate?: boolean }[] }) => (
  <dl class="counts">{counts.map((one) => (
    <div key={one.name}><dd class={one.isLate ? 'late' : ''}>{one.href ? <a href={one.href}>{one.value}</a> : one.value}</dd><dt>{one.name}</dt></div>))}</dl>
);
