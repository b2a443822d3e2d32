// The page of one row: as its resource has it, or with parts of its own.
import type { Plural } from '../lib/api';
import { Record } from '../records/record';

export function OneOf({ plural, id, part }: { plural: Plural; id: string; part?: string }) {
  return <Record plural={plural} id={id} part={part} />;
}
