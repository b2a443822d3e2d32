// What we may do with one row, as the API judges it: a control that would be refused is not there.
import { address } from './api';
import { useGet, type Got } from './store';

export interface Rights {
  update: boolean; update_private: boolean; archive: boolean; restore: boolean;
  actions: string[];
  /** Resources of which one that refers to it may be made. */
  adds: string[];
}

export const useRights = (plural: string, id: string): Got<Rights> => useGet<Rights>(address('/v1/me/rights', { resource: plural, id }));
export const NO_RIGHTS: Rights = { update: false, update_private: false, archive: false, restore: false, actions: [], adds: [] };
