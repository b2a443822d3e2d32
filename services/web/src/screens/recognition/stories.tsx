// Stories: how far each is, whose consent and which releases are still missing, and where it can be read.
import { title, type Row } from '../../lib/model';
import * as format from '../../lib/format';
import { may, self } from '../../lib/session';
import { label, t } from '../../lib/words';
import { Badge, Card, Empty, Trouble, Waiting } from '../../ui/parts';
import { Table } from '../../ui/table';
import { listPath, newPath, recordPath } from '../../records/paths';
import { useRows } from './around';

const READ = 100;

export function Stories({ query = {} }: { query?: Record<string, string> }) {
  const stories = useRows('stories', { ...query, sort: '-created_at', expand: 'site', limit: READ });
  const ids = stories.rows?.map((one) => one.id) ?? [];
  const subjects = useRows('story_subjects', ids.length ? { story_id: ids, limit: 200 } : null);
  const people = useRows('story_people', ids.length ? { story_id: ids, limit: 200 } : null);
  const of = (rows: Row[] | undefined, story: Row) => (rows ?? []).filter((one) => one.story_id === story.id);
  const named = (story: Row) => of(subjects.rows, story).filter((one) => !one.site_id);
  return (
    <Card id="stories" title={label('stories')} actions={<span class="buttons"><a class="button quiet small" href={`/d/${self().district.slug}/stories`}>{t('stories.public')}</a>
      {may(stories.resource?.create) && <a class="button quiet small" href={newPath('stories', query)}>{t('add')}</a>}</span>}>
      {stories.problem && <Trouble problem={stories.problem} again={stories.reload} />}
      {!stories.rows && !stories.problem && <Waiting lines={4} />}
      {stories.rows?.length === 0 && <Empty title={t('stories.none')}><p>{t('stories.none.more')}</p></Empty>}
      {stories.rows && stories.rows.length > 0 && <Table name={label('stories')} rows={stories.rows} columns={[
        { head: label('story'), cell: (one) => <a href={recordPath('stories', one.id)}>{title(one)}</a> },
        { head: label('status'), cell: (one) => <><Badge value={String(one.status)} />{(one.warnings as unknown[]).length > 0 && <> <Badge value="names" tone="bad" /></>}</> },
        { head: label('site'), cell: (one) => (one.site_id ? <a href={recordPath('sites', String(one.site_id))}>{title(one.site as Row)}</a> : t('needs.district')) },
        { head: t('stories.consents'), cell: (one) => <Of some={named(one).filter((each) => each.answer === 'consented').length} all={named(one).length} refused={named(one).some((each) => each.answer === 'declined')} /> },
        ...(people.isHidden ? [] : [{ head: t('stories.releases'), cell: (one: Row) => <Of some={of(people.rows, one).filter((each) => each.release_on).length} all={of(people.rows, one).length} /> }]),
        { head: t('stories.shown'), cell: (one) => (one.status === 'published'
          ? <><a href={`/d/${self().district.slug}/stories/${one.id}`}>{t('stories.page')}</a> <span class="hint">{format.instant(String(one.published_at), { dateStyle: 'medium' })}</span></> : <span class="none">{t('stories.nowhere')}</span>) }]} />}
      {stories.data?.page.has_more && <p><a href={listPath('stories', query)}>{t('more')}</a></p>}
    </Card>
  );
}

const Of = ({ some, all, refused }: { some: number; all: number; refused?: boolean }) => (!all ? <span class="none">{t('none')}</span>
  : <>{t('stories.of', { some, all })} {refused ? <Badge value="declined" /> : some < all && <Badge value="waiting" />}</>);
