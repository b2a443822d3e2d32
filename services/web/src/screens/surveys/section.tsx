// A section in the editor: its words, when it is shown, and its questions.
import { label, t } from '../../lib/words';
import { Button } from '../../ui/parts';
import { Arrow, idOf, useFault, WordsFields } from './fields';
import { ConditionFields, QuestionCard } from './question';
import { say, type Instrument, type Question, type Section } from './instrument';

export interface Moves {
  changeSection: (place: number, changes: Partial<Section>) => void;
  moveSection: (place: number, by: -1 | 1) => void;
  removeSection: (place: number) => void;
  addQuestion: (section: string) => void;
  changeQuestion: (place: number, changes: Partial<Question>) => void;
  moveQuestion: (place: number, by: -1 | 1) => void;
  copyQuestion: (place: number) => void;
  removeQuestion: (place: number) => void;
}

export function SectionCard({ document, place, moves, open, setOpen, wrong }: { document: Instrument; place: number; moves: Moves; open: string | undefined;
  setOpen: (code: string | undefined) => void; wrong: Set<number> }) {
  const section = document.sections[place]!;
  const fault = useFault(`/sections/${place}`);
  const name = say(section.title) || t('instrument.section', { n: place + 1 });
  const questions = document.questions.map((question, n) => ({ question, n })).filter(({ question }) => question.section === section.code);
  const first = questions[0]?.n ?? document.questions.length;
  const id = `section-${place}`;
  return (
    <section class={fault ? 'card section wrong' : 'card section'} aria-labelledby={id}>
      <header class="card-head">
        <h2 id={id}>{t('instrument.section', { n: place + 1 })}{say(section.title) && `: ${say(section.title)}`}</h2>
        <span class="question-moves">
          <Arrow by={-1} what={name} disabled={place === 0} onClick={() => moves.moveSection(place, -1)} />
          <Arrow by={1} what={name} disabled={place === document.sections.length - 1} onClick={() => moves.moveSection(place, 1)} />
          {document.sections.length > 1 && !questions.length && <Button kind="bare" class="small" onClick={() => moves.removeSection(place)} aria-label={t('instrument.remove', { what: name })}>{t('remove')}</Button>}
        </span>
      </header>
      {fault && <p class="fault" id={idOf(`/sections/${place}`)} tabIndex={-1}>{fault}</p>}
      <WordsFields pointer={`/sections/${place}/title`} text={label('title')} words={section.title} locales={document.locales} onChange={(title) => moves.changeSection(place, { title })} />
      <details class="further" open={Boolean(section.text || section.show_if)}>
        <summary>{t('instrument.section.further')}</summary>
        <WordsFields pointer={`/sections/${place}/text`} text={t('instrument.intro')} words={section.text} locales={document.locales} rows={2} optional onChange={(text) => moves.changeSection(place, { text })} />
        <ConditionFields pointer={`/sections/${place}/show_if`} earlier={document.questions.slice(0, first)} condition={section.show_if} onChange={(show_if) => moves.changeSection(place, { show_if })} />
      </details>
      <ol class="questions">{questions.map(({ question, n }) => (
        <QuestionCard key={n} document={document} question={question} place={n} isOpen={open === question.code} toggle={() => setOpen(open === question.code ? undefined : question.code)}
          onChange={(changes) => moves.changeQuestion(n, changes)} move={(by) => moves.moveQuestion(n, by)} copy={() => moves.copyQuestion(n)} remove={() => moves.removeQuestion(n)}
          canMove={(by) => (by < 0 ? n > 0 || place > 0 : n < document.questions.length - 1 || place < document.sections.length - 1)} isWrong={wrong.has(n)} />
      ))}</ol>
      <Button onClick={() => moves.addQuestion(section.code)}>{t('instrument.add_question')}</Button>
    </section>
  );
}
