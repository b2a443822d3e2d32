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
};
