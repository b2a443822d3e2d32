// One instrument: what it asks, as one answers it, and what its waves found.
import { useLocation } from 'preact-iso';
import { address, call, get, Problem, type Page } from '../../lib/api';
import type { Row } from '../../lib/model';
import { changedResource, useGet } from '../../lib/store';
import { label, t } from '../../lib/words';
import { Button, Card, Empty, Notice, problemText, Waiting } from '../../ui/parts';
import { tellTrouble } from '../../ui/toast';
import { Record as RecordPage } from '../../records/record';
import { newPath, recordPath } from '../../records/paths';
import { Preview } from './preview';
import { Trend } from './results';
import { isRole, seesResults } from './draft';
import { say, type Instrument } from './instrument';

type Saved = Row & Instrument & { frozen_at: string | null; survey_id: string | null; status: string };

export const InstrumentPage = ({ id, part }: { id: string; part?: string }) =>
  <RecordPage plural="instruments" id={id} part={part} parts={(row) => [
    { id: 'overview', text: t('part.overview'), show: () => <Overview row={row as Saved} /> },
    ...(seesResults() ? [{ id: 'trends', text: t('results.trends'), show: () => <Trends row={row as Saved} /> }] : []),
  ]} />;

function Overview({ row }: { row: Saved }) {
  return (
    <>
      <CopyNotice row={row} />
      <Card id="asks" title={t('instrument.counts', { count: row.questions.length, sections: row.sections.length })}
        actions={row.status === 'published' && isRole('surveys') && <a class="button quiet small" href={newPath('surveys', { instrument_id: row.id })}>{t('instrument.ask')}</a>}>
        {say(row.about) && <p class="prose">{say(row.about)}</p>}
        {row.factors.length > 0 && <p class="hint">{label('factors')}: {row.factors.map((one) => say(one.name)).join(' · ')}</p>}
      </Card>
      <h2 class="above">{t('instrument.preview')}</h2>
      <Preview document={row} />
    </>
  );
}

/** What was asked is never changed: its next edition is. */
function CopyNotice({ row }: { row: Saved }) {
  const { route } = useLocation();
  if (!row.frozen_at || !isRole('instruments')) return null;
  const copy = async () => {
    try {
      await call('POST', `/v1/instruments/${row.id}/copy`, { body: {} });
      changedResource('instruments');
      const { data } = await get<Page<Row>>('/v1/instruments', { copied_from_id: row.id, status: 'draft', limit: 200 });
      const made = data.data.sort((a, b) => String(b.created_at).localeCompare(String(a.created_at)))[0];
      if (made) route(recordPath('instruments', made.id, 'edit'));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      tellTrouble(problemText(error));
    }
  };
  return (
    <Notice>
      <p>{t('instrument.frozen')} {row.survey_id && <a href={recordPath('surveys', row.survey_id)}>{t('instrument.frozen_by')}</a>}</p>
      <div class="buttons"><Button kind="primary" onClick={() => void copy()}>{t('instrument.copy_edit')}</Button></div>
    </Notice>
  );
}

function Trends({ row }: { row: Saved }) {
  const { data, problem } = useGet<Parameters<typeof Trend>[0]['trends']>(address(`/v1/instruments/${row.id}/trends`, { by: 'all', key: 'all', limit: 20 }));
  if (!data) return <Waiting problem={problem} />;
  const names = new Map(row.factors.map((one) => [one.code, say(one.name)]));
  if (data.waves.filter((one) => !one.is_suppressed).length < 2) return <Empty title={t('results.trends.none')}><p>{t('results.trends.none.more')}</p></Empty>;
  return <Trend trends={data} nameOf={(code) => names.get(code) ?? label(code)} />;
}
