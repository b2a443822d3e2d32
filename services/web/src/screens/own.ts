// Screens of their own for what a resource's declaration does not tell: its list, a page of one, a new one, a change.
import { lazy } from 'preact-iso';
import type { ComponentType } from 'preact';

interface One { id: string; part?: string }
interface Own { list?: ComponentType; one?: ComponentType<One>; new?: ComponentType; edit?: ComponentType<One> }

export const own: Record<string, Own> = {
  surveys: {
    one: lazy(() => import('./surveys/wave').then((module) => module.Survey)),
    new: lazy(() => import('./surveys/form').then((module) => module.NewSurvey)),
    edit: lazy(() => import('./surveys/form').then((module) => module.EditSurvey)),
  },
  instruments: {
    one: lazy(() => import('./surveys/page').then((module) => module.InstrumentPage)),
    new: lazy(() => import('./surveys/editor').then((module) => module.NewInstrument)),
    edit: lazy(() => import('./surveys/editor').then((module) => module.EditInstrument)),
  },
  imports: {
    one: lazy(() => import('./imports/report').then((module) => module.ImportPage)),
    new: lazy(() => import('./imports/new').then((module) => module.NewImport)),
  },
  duplicate_pairs: {
    list: lazy(() => import('./duplicates/list').then((module) => module.Duplicates)),
    one: lazy(() => import('./duplicates/compare').then((module) => module.Compare)),
  },
  bulletins: { one: lazy(() => import('./recognition/bulletin').then((module) => module.BulletinPage)) },
  messages: { one: lazy(() => import('./mails/message').then((module) => module.MessagePage)) },
  agreements: { list: lazy(() => import('./work/agreements').then((module) => module.Agreements)) },
  renewal_campaigns: { one: lazy(() => import('./work/campaign').then((module) => module.Campaign)) },
  check_ins: { list: lazy(() => import('./work/check_ins').then((module) => module.CheckIns)) },
  indicators: { one: lazy(() => import('./indicator').then((module) => module.Indicator)) },
  convenings: { one: lazy(() => import('./work/convening').then((module) => module.ConveningPage)) },
};
