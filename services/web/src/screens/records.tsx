// The page of one row: as its resource has it, and for the central ones with parts of their own.
import type { Plural } from '../lib/api';
import { Record } from '../records/record';
import { partsOf } from './parts';

export function OneOf({ plural, id, part }: { plural: Plural; id: string; part?: string }) {
  return <Record plural={plural} id={id} part={part} parts={(row) => partsOf(plural, row)} />;
}
