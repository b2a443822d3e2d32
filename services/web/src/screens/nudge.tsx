// A person's word to whoever has not answered: to their own mail or phone, from one's own.
import { title, type Row } from '../lib/model';
import { self } from '../lib/session';
import { t } from '../lib/words';

export function Nudge({ to, name }: { to?: Row; name: string }) {
  if (!to?.email && !to?.phone) return null;
  const about = new URLSearchParams({ subject: t('calls.nudge.subject', { name }), body: t('calls.nudge.text', { to: title(to), name, asker: self().user.name }) }).toString().replaceAll('+', '%20');
  return to.email ? <a class="button quiet small" href={`mailto:${String(to.email)}?${about}`}>{t('calls.nudge')}<span class="unseen"> {title(to)}</span></a>
    : <a class="button quiet small" href={`tel:${String(to.phone).replace(/[^+\d]/g, '')}`}>{t('calls.phone')}<span class="unseen"> {title(to)}</span></a>;
}
