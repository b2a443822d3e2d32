// Recognition in one place: what is owed for gifts, thanks to say, stories, bulletins, awards; each is a list of its own, too.
import { Tabs } from '../../ui/parts';
import { address, type Page, type Plural, type Query } from '../../lib/api';
import { useGet } from '../../lib/store';
import { useResource, type Row } from '../../lib/model';
import { may } from '../../lib/session';
import { t, type Key } from '../../lib/words';
import { BASE } from '../../records/paths';

export const HERE = `${BASE}/recognition`;
const PLACES = ['owed', 'stories', 'bulletins', 'awards'] as const;
export type Place = (typeof PLACES)[number];
export const isPlace = (text: string | undefined): text is Place => PLACES.includes(text as Place);

export const Ways = ({ at }: { at: Place }) =>
  <Tabs current={at} tabs={PLACES.map((id) => ({ id, text: t(`recognition.${id}` as Key), href: id === 'owed' ? HERE : `${HERE}/${id}` }))} />;

/** Rows that one may read; nothing where one may not. */
export function useRows(plural: Plural, query: Query | null) {
  const resource = useResource(plural);
  const got = useGet<Page<Row>>(query && resource && may(resource.list) ? address(`/v1/${plural}`, query) : null);
  return { resource, isHidden: Boolean(resource && !may(resource.list)), rows: got.data?.data, ...got };
}
