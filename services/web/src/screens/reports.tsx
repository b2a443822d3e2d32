// A report as it is read, and as files; its page is the API's own, which prints well and asks for nothing.
import type { Row } from '../lib/model';
import { t } from '../lib/words';
import { Card } from '../ui/parts';

export const ReportFiles = ({ row }: { row: Row }) => (
  <Card id="report-files" title={t('report.title')}>
    <p class="buttons"><a class="button primary" href={`/reports/${row.id}`}>{t('report.open')}</a>
      <a class="button quiet" href={`/v1/reports/${row.id}/csv`} download>{t('export.csv')}</a>
      <a class="button quiet" href={`/v1/reports/${row.id}/sheet`} download>{t('export.sheet')}</a></p>
  </Card>
);
