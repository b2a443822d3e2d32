// What a survey asks, written: sections and questions in each language, side by side; what is wrong stands beside its field.
import { useLocation } from 'preact-iso';
import { useEffect, useState } from 'preact/hooks';
import { call, Problem, type Fault } from '../../lib/api';
import { useGet, changedResource, put } from '../../lib/store';
import { isRole, useDraft } from './draft';
import type { Row } from '../../lib/model';
import { self } from '../../lib/session';
import { label, t } from '../../lib/words';
import { Button, Card, Notice, problemText, Title, Trouble, Waiting } from '../../ui/parts';
import { tell } from '../../ui/toast';
import { listPath, recordPath } from '../../records/paths';
import { Choice, Faults, idOf, languageName, Line, Tick, WordsFields } from './fields';
import { codeOf, inOrder, moved, tidy, type Instrument, type Section } from './instrument';
import { addFactor, addQuestion, addSection, changeLocales, changeQuestion, copyQuestion, empty, moveQuestion, named } from './changes';
import { Preview } from './preview';
import { SectionCard, type Moves } from './section';
import { useAttempt } from '../../records/attempt';

const MEMBERS = ['name', 'code', 'subject', 'locales', 'about', 'sections', 'factors', 'questions'] as const;
type Saved = Row & Instrument & { frozen_at: string | null };

export function NewInstrument() {
  if (!isRole('instruments')) return <><Title>{label('instruments')}</Title><Notice tone="bad">{t('problem.forbidden')}</Notice></>;
  const locales = [...new Set(['en', ...self().district.locales.map((one) => one.split('-')[0]!)])];
  return <Editor draft="instruments/new" initial={empty(locales)} save={async (body) => (await call<Row>('POST', '/v1/instruments', { body })).data.id} />;
}

export function EditInstrument({ id }: { id: string }) {
  const path = `/v1/instruments/${id}`;
  const { data: row, etag, problem, reload } = useGet<Saved>(path);
  if (problem) return <Trouble problem={problem} again={reload} />;
  if (!row) return <Waiting lines={8} />;
  if (row.frozen_at || row.archived_at || !isRole('instruments'))
    return <><Title crumbs={<a href={listPath('instruments')}>{label('instruments')}</a>}>{row.name}</Title>
      <Notice tone="warn"><p>{t('instrument.frozen')}</p><p><a href={recordPath('instruments', id)}>{t('instrument.to_copy')}</a></p></Notice></>;
  return <EditOne key={id} row={row} etag={etag ?? ''} />;
}

function EditOne({ row, etag }: { row: Saved; etag: string }) {
  const [base] = useState(etag); // what is being changed, whatever comes meanwhile
  const initial = Object.fromEntries(MEMBERS.map((name) => [name, row[name]])) as unknown as Instrument;
  return <Editor id={row.id} draft={`instruments/${row.id}`} initial={initial} save={async ({ code: _, ...body }) => {
    const reply = await call<Row>('PATCH', `/v1/instruments/${row.id}`, { body, etag: base, type: 'application/merge-patch+json' });
    put(`/v1/instruments/${row.id}`, reply.data, reply.etag);
    return row.id;
  }} />;
}

function Editor({ id, initial, draft, save }: { id?: string; initial: Instrument; draft: string; save: (body: Instrument) => Promise<string> }) {
  const { route, query, path } = useLocation();
  const [document, setDocument, drop] = useDraft<Instrument>(draft, initial);
  const { faults, setFaults, problem, isBusy, summary, attempt } = useAttempt();
  const isPreview = query.view === 'preview';

  const send = async () => {
    const body = tidy(id ? document : named(document));
    setDocument(body);
    await attempt(async () => {
      const made = await save({ ...body, code: body.code || codeOf(body.name, []) });
      drop();
      changedResource('instruments');
      tell(t(id ? 'done.saved' : 'done.created', { name: body.name }));
      route(recordPath('instruments', made), true);
    });
  };
  const change = (next: Instrument, isMoved = false) => {
    setDocument(next);
    if (isMoved) setFaults([]); // their places are others now
  };
  const view = (name: string | null) => route(name ? `${path}?view=${name}` : path, true);
  return (
    <Faults.Provider value={faults}>
      <Title crumbs={<><a href={listPath('instruments')}>{label('instruments')}</a>{id && <> <a href={recordPath('instruments', id)}>{initial.name}</a></>}</>}
        actions={<><Button aria-pressed={isPreview} onClick={() => view(isPreview ? null : 'preview')}>{t(isPreview ? 'instrument.write' : 'instrument.preview')}</Button>
          <Button kind="primary" busy={isBusy} onClick={() => void send()}>{t(id ? 'save' : 'create')}</Button></>}>
        {id ? t('edit', { name: initial.name }) : t('instrument.new')}
      </Title>
      {problem && <Summary {...{ faults, problem, summary, document }} />}
      {isPreview ? <Preview document={inOrder(document)} /> : <Written {...{ document, change, faults, isNew: !id }} clear={(pointer) => setFaults((all) => all.filter((one) => !one.pointer.startsWith(pointer)))} />}
      {!isPreview && <div class="buttons above"><Button kind="primary" busy={isBusy} onClick={() => void send()}>{t(id ? 'save' : 'create')}</Button></div>}
    </Faults.Provider>
  );
}

function Summary({ faults, problem, summary, document }: { faults: Fault[]; problem: Problem; summary: { current: HTMLDivElement | null }; document: Instrument }) {
  const where = (pointer: string) => {
    const [, part, place] = pointer.split('/');
    const n = Number(place);
    if (part === 'questions' && place) return t('instrument.question', { n: n + 1 });
    if (part === 'sections' && place) return t('instrument.section', { n: n + 1 });
    return label(part ?? '');
  };
  return (
    <div class="summary" ref={summary} tabIndex={-1} role="alert">
      <h2>{t('fault.summary')}</h2>
      <ul>
        {!faults.length && <li>{problem.status === 412 ? t('instrument.overtaken') : problemText(problem)}</li>}
        {faults.map((fault) => (
          <li key={fault.pointer + fault.detail}><a href={`#${idOf(fault.pointer)}`} onClick={(event) => {
            event.preventDefault();
            const place = /^\/questions\/(\d+)/.exec(fault.pointer)?.[1];
            if (place) dispatchEvent(new CustomEvent('open-question', { detail: document.questions[Number(place)]?.code }));
            requestAnimationFrame(() => requestAnimationFrame(() => globalThis.document.getElementById(idOf(fault.pointer))?.focus()));
          }}>{where(fault.pointer)}: {fault.detail}</a></li>
        ))}
      </ul>
    </div>
  );
}

interface WrittenProps { document: Instrument; change: (next: Instrument, isMoved?: boolean) => void; faults: Fault[]; clear: (pointer: string) => void; isNew: boolean }

function Written({ document, change, faults, clear, isNew }: WrittenProps) {
  const [open, setOpen] = useState<string | undefined>(isNew ? document.questions[0]?.code : undefined);
  useEffect(() => {
    const show = (event: Event) => setOpen((event as CustomEvent<string>).detail);
    addEventListener('open-question', show);
    return () => removeEventListener('open-question', show);
  }, []);
  const wrong = new Set(faults.map((fault) => Number(/^\/questions\/(\d+)/.exec(fault.pointer)?.[1] ?? -1)));
  const made = (next: { document: Instrument; code: string }) => { change(next.document, true); setOpen(next.code); };
  const focusOn = (place: number, selector: string) => setTimeout(() => globalThis.document.querySelector<HTMLElement>(`#question-${place} ${selector}`)?.focus());
  const moves: Moves = {
    changeSection: (place, changes) => { clear(`/sections/${place}`); change({ ...document, sections: document.sections.map((one, n) => (n === place ? { ...one, ...changes } as Section : one)) }); },
    moveSection: (place, by) => change(inOrder({ ...document, sections: moved(document.sections, place, place + by) }), true),
    removeSection: (place) => change({ ...document, sections: document.sections.filter((_, n) => n !== place) }, true),
    addQuestion: (section) => made(addQuestion(document, section)),
    changeQuestion: (place, changes) => {
      Object.keys(changes).forEach((name) => clear(`/questions/${place}/${name}`));
      if (changes.code !== undefined) setOpen(changes.code);
      change(changeQuestion(document, place, changes), changes.section !== undefined);
    },
    moveQuestion: (place, by) => {
      const { code } = document.questions[place]!;
      const next = moveQuestion(document, place, by);
      change(next, true);
      focusOn(next.questions.findIndex((one) => one.code === code), '.question-name');
    },
    copyQuestion: (place) => made(copyQuestion(document, place)),
    removeQuestion: (place) => { change({ ...document, questions: document.questions.filter((_, n) => n !== place) }, true); focusOn(Math.max(0, place - 1), '.question-name'); },
  };
  return (
    <div class="editor">
      <About {...{ document, change, clear, isNew }} />
      <p class="hint">{t('instrument.keys')}</p>
      {document.sections.map((_, place) => <SectionCard key={place} {...{ document, place, moves, open, setOpen, wrong }} />)}
      <Button onClick={() => change(addSection(document), true)}>{t('instrument.add_section')}</Button>
    </div>
  );
}

function About({ document, change, clear, isNew }: Omit<WrittenProps, 'faults'>) {
  const set = (changes: Partial<Instrument>) => { Object.keys(changes).forEach((name) => clear(`/${name}`)); change({ ...document, ...changes }); };
  const locales = [...new Set([...document.locales, 'en', 'es', ...self().district.locales.map((one) => one.split('-')[0]!)])];
  return (
    <Card>
      <div class="side-by-side">
        <Line pointer="/name" text={label('name')}>{(props) => <input {...props} type="text" value={document.name} onInput={(event) => set({ name: event.currentTarget.value })} />}</Line>
        {isNew && <Line pointer="/code" text={label('code')} hint={t('instrument.own_code')}>{(props) => <input {...props} type="text" value={document.code} onInput={(event) => set({ code: event.currentTarget.value })} />}</Line>}
        <Choice pointer="/subject" text={t('instrument.subject')} value={document.subject} onChange={(subject) => set({ subject: subject as Instrument['subject'] })}
          values={[['relationship', t('instrument.subject.relationship')], ['none', t('instrument.subject.none')]]} />
      </div>
      <fieldset class="field"><legend>{label('locales')}</legend><div class="ticks">{locales.map((one) => (
        <Tick key={one} text={languageName(one)} checked={document.locales.includes(one)} onChange={(checked) => {
          const next = checked ? [...document.locales, one] : document.locales.filter((other) => other !== one);
          if (next.length) change(changeLocales(document, next), true);
        }} />
      ))}</div></fieldset>
      <details class="further" open={document.factors.length > 0}>
        <summary>{label('factors')}</summary>
        <p class="hint">{t('instrument.factors')}</p>
        {document.factors.map((factor, n) => (
          <div key={n} class="option">
            <WordsFields pointer={`/factors/${n}/name`} text={t('instrument.factor', { n: n + 1 })} words={factor.name} locales={document.locales}
              onChange={(name) => set({ factors: document.factors.map((one, other) => (other === n ? { ...one, name } : one)) })} />
            <Button class="small" aria-label={t('instrument.remove', { what: t('instrument.factor', { n: n + 1 }) })} onClick={() => change({
              ...document, factors: document.factors.filter((_, other) => other !== n),
              questions: document.questions.map((one) => (one.factor === factor.code ? { ...one, factor: null } : one)) }, true)}>{t('remove')}</Button>
          </div>
        ))}
        <Button class="small" onClick={() => change(addFactor(document), true)}>{t('instrument.add_factor')}</Button>
      </details>
      <WordsFields pointer="/about" text={t('instrument.about')} words={document.about} locales={document.locales} rows={3} optional onChange={(about) => set({ about })} />
    </Card>
  );
}
