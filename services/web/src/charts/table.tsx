// The figures of a drawing as a table, below it.
import { t } from '../lib/words';

export const DataTable = ({ title, head, rows }: { title: string; head: string[]; rows: (string | number)[][] }) => (
  <details class="chart-table"><summary>{t('dashboard.table')}<span class="unseen"> {title}</span></summary>
    <div class="table-box" tabIndex={0} role="group" aria-label={title}>
      <table><caption class="unseen">{title}</caption>
        <thead><tr>{head.map((one, n) => (one ? <th key={n} scope="col">{one}</th> : <td key={n} />))}</tr></thead>
        <tbody>{rows.map((row, n) => <tr key={n}>{row.map((cell, m) => (m ? <td key={m}>{cell}</td> : <th key={m} scope="row">{cell}</th>))}</tr>)}</tbody></table>
    </div>
  </details>
);
