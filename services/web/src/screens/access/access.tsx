// Who may do what, where: people and their grants in words, keys of programs, settings with what each does.
import { Title, Tabs } from '../../ui/parts';
import { t, type Key } from '../../lib/words';
import { BASE } from '../../records/paths';
import { People } from './people';
import { Keys } from './keys';
import { Settings } from './settings';

const HERE = `${BASE}/access`;
const PLACES = ['people', 'keys', 'settings'] as const;

export function Access({ place }: { place?: string }) {
  const at = PLACES.find((one) => one === place) ?? 'people';
  return (
    <>
      <Title>{t('access.title')}</Title>
      <Tabs current={at} tabs={PLACES.map((id) => ({ id, text: t(`access.${id}` as Key), href: id === 'people' ? HERE : `${HERE}/${id}` }))} />
      {at === 'people' && <People />}
      {at === 'keys' && <Keys />}
      {at === 'settings' && <Settings />}
    </>
  );
}
