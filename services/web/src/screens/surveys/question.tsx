// One question in the editor: what it asks, in each language, how it is answered, what it measures, and when it is asked.
import { useState } from 'preact/hooks';
import { label, t } from '../../lib/words';
import { Badge, Button } from '../../ui/parts';
import { Arrow, Choice, Line, Tick, useFault, Whole, WordsFields, idOf } from './fields';
import { codeOf, isComparable, isList, isScale, KINDS, possible, say, type Answer, type Condition, type Instrument, type Option, type Question, type QuestionKind } from './instrument';

interface Props { document: Instrument; question: Question; place: number; onChange: (changes: Partial<Question>) => void }

export function QuestionFields({ document, question, place, onChange }: Props) {
  const at = `/questions/${place}`;
  const { locales } = document;
  const earlier = document.questions.slice(0, place);
  return (
    <>
      <WordsFields pointer={`${at}/text`} text={t('instrument.text')} words={question.text} locales={locales} rows={2} onChange={(text) => onChange({ text })} />
      <div class="side-by-side">
        <Choice pointer={`${at}/kind`} text={label('kind')} value={question.kind} values={KINDS.map((one) => [one, label(one)])}
          onChange={(kind) => onChange({ kind: kind as QuestionKind, ...(isList(kind as QuestionKind) && !question.options?.length ? { options: twoOptions(locales) } : {}) })} />
        <Choice pointer={`${at}/section`} text={label('section')} value={question.section} onChange={(section) => onChange({ section })}
          values={document.sections.map((one, n) => [one.code, say(one.title) || t('instrument.section', { n: n + 1 })])} />
        {isScale(question.kind) && document.factors.length > 0 && <Choice pointer={`${at}/factor`} text={label('factor')} value={question.factor ?? ''}
          values={[['', t('none')], ...document.factors.map((one): [string, string] => [one.code, say(one.name) || one.code])]} onChange={(factor) => onChange({ factor: factor || null })} />}
        <Line pointer={`${at}/code`} text={label('code')} hint={t('instrument.code')}>{(props) =>
          <input {...props} type="text" value={question.code} onInput={(event) => onChange({ code: event.currentTarget.value })} />}</Line>
      </div>
      <Tick text={t('instrument.is_required')} checked={Boolean(question.required)} onChange={(required) => onChange({ required })} />
      {question.kind === 'rating' && <Tick text={label('is_reversed')} hint={t('instrument.reversed')} checked={Boolean(question.is_reversed)} onChange={(is_reversed) => onChange({ is_reversed })} />}
      {isList(question.kind) && <Options at={at} options={question.options ?? []} locales={locales} onChange={(options) => onChange({ options })} />}
      {question.kind === 'multi' && <Whole pointer={`${at}/most`} text={t('instrument.most')} value={question.most} onChange={(most) => onChange({ most })} />}
      {question.kind === 'number' && <div class="side-by-side">
        <Whole pointer={`${at}/min`} text={t('instrument.min')} value={question.min} onChange={(min) => onChange({ min })} />
        <Whole pointer={`${at}/max`} text={t('instrument.max')} value={question.max} onChange={(max) => onChange({ max })} /></div>}
      <Further {...{ at, document, question, onChange }} />
      <ConditionFields pointer={`${at}/show_if`} earlier={earlier} condition={question.show_if} onChange={(show_if) => onChange({ show_if })} />
    </>
  );
}

const twoOptions = (locales: string[]): Option[] => ['1', '2'].map((code) => ({ code: `option_${code}`, text: Object.fromEntries(locales.map((one) => [one, ''])) }));

/** What few need: a hint, and the words at the ends of a scale. */
function Further({ at, document, question, onChange }: { at: string } & Pick<Props, 'document' | 'question' | 'onChange'>) {
  const isWrong = useFault(`${at}/points`);
  return (
    <details class="further" open={Boolean(isWrong || question.hint || question.low || question.points)}>
      <summary>{t('instrument.further')}</summary>
      {isScale(question.kind) && <>
        <Whole pointer={`${at}/points`} text={t('instrument.points')} value={question.points ?? 5} onChange={(points) => onChange({ points })} />
        <WordsFields pointer={`${at}/low`} text={t('instrument.low')} words={question.low} locales={document.locales} optional onChange={(low) => onChange({ low })} />
        <WordsFields pointer={`${at}/high`} text={t('instrument.high')} words={question.high} locales={document.locales} optional onChange={(high) => onChange({ high })} />
      </>}
      <WordsFields pointer={`${at}/hint`} text={t('instrument.hint')} words={question.hint} locales={document.locales} rows={2} optional onChange={(hint) => onChange({ hint })} />
    </details>
  );
}

function Options({ at, options, locales, onChange }: { at: string; options: Option[]; locales: string[]; onChange: (options: Option[]) => void }) {
  const fault = useFault(`${at}/options`);
  const add = () => onChange([...options, { code: codeOf('option', options.map((one) => one.code)), text: Object.fromEntries(locales.map((one) => [one, ''])) }]);
  return (
    <fieldset class={fault ? 'field wrong' : 'field'} id={idOf(`${at}/options`)} tabIndex={-1}>
      <legend>{label('options')}</legend>
      {options.map((option, n) => (
        <div key={n} class="option">
          <WordsFields pointer={`${at}/options/${n}/text`} text={t('instrument.option', { n: n + 1 })} words={option.text} locales={locales}
            onChange={(text) => onChange(options.map((one, other) => (other === n ? { ...one, text } : one)))} />
          <Button class="small" onClick={() => onChange(options.filter((_, other) => other !== n))} aria-label={t('instrument.remove', { what: t('instrument.option', { n: n + 1 }) })}>{t('remove')}</Button>
        </div>
      ))}
      <Button class="small" onClick={add}>{t('instrument.add_option')}</Button>
      {fault && <p class="fault">{fault}</p>}
    </fieldset>
  );
}

type Way = 'is' | 'is_not' | 'in' | 'is_answered';
const wayOf = (condition: Condition): Way => (['is', 'is_not', 'in', 'is_answered'] as const).find((one) => condition[one] !== undefined) ?? 'is';

export function ConditionFields({ pointer, earlier, condition, onChange }: { pointer: string; earlier: Question[]; condition: Condition | null | undefined; onChange: (condition: Condition | null) => void }) {
  const fault = useFault(pointer);
  const question = earlier.find((one) => one.code === condition?.question);
  const begin = (code: string) => {
    const about = earlier.find((one) => one.code === code);
    onChange(!about ? null : isComparable(about.kind) ? { question: code, is: possible(about)[0] ?? 0 } : { question: code, is_answered: true });
  };
  if (!earlier.length && !condition) return null;
  return (
    <fieldset class={fault ? 'field condition wrong' : 'field condition'} id={idOf(pointer)} tabIndex={-1}>
      <legend>{label('show_if')}</legend>
      <div class="side-by-side">
        <Choice pointer={`${pointer}/question`} text={t('instrument.condition.question')} value={condition?.question ?? ''} onChange={begin}
          values={[['', t('instrument.condition.always')], ...(condition && !question ? [[condition.question, condition.question] as [string, string]] : []), ...earlier.map((one): [string, string] => [one.code, say(one.text) || one.code])]} />
        {condition && question && <ConditionAnswer {...{ pointer, condition, question, onChange }} />}
      </div>
      {fault && <p class="fault">{fault}</p>}
    </fieldset>
  );
}

function ConditionAnswer({ pointer, condition, question, onChange }: { pointer: string; condition: Condition; question: Question; onChange: (condition: Condition) => void }) {
  const way = wayOf(condition);
  const ways: Way[] = isComparable(question.kind) ? ['is', 'is_not', 'in', 'is_answered'] : ['is_answered'];
  const answers = possible(question);
  const first = answers[0] ?? 0;
  const words = (answer: Answer) => (typeof answer === 'boolean' ? t(answer ? 'yes' : 'no') : say(question.options?.find((one) => one.code === answer)?.text) || String(answer));
  const of = (text: string) => answers.find((one) => String(one) === text) ?? Number(text);
  const begin = (next: string) => onChange({ question: question.code,
    ...(next === 'is_answered' ? { is_answered: true } : next === 'in' ? { in: [first] } : { [next]: first }) });
  const value = way === 'is' ? condition.is : condition.is_not;
  return (
    <>
      <Choice pointer={`${pointer}/way`} text={t('instrument.condition.way')} value={way} values={ways.map((one) => [one, t(`instrument.condition.${one}`)])} onChange={begin} />
      {(way === 'is' || way === 'is_not') && (answers.length
        ? <Choice pointer={`${pointer}/${way}`} text={t('instrument.condition.answer')} value={String(value)} values={answers.map((one) => [String(one), words(one)])} onChange={(text) => onChange({ question: question.code, [way]: of(text) })} />
        : <Whole pointer={`${pointer}/${way}`} text={t('instrument.condition.answer')} value={value as number} onChange={(number) => onChange({ question: question.code, [way]: number ?? 0 })} />)}
      {way === 'is_answered' && <Choice pointer={`${pointer}/is_answered`} text={t('instrument.condition.answer')} value={String(condition.is_answered)}
        values={[['true', t('yes')], ['false', t('no')]]} onChange={(text) => onChange({ question: question.code, is_answered: text === 'true' })} />}
      {way === 'in' && <fieldset class="field"><legend>{t('instrument.condition.answer')}</legend><div class="ticks">{answers.map((one) => (
        <Tick key={String(one)} text={words(one)} checked={condition.in!.includes(one)} onChange={(checked) =>
          onChange({ question: question.code, in: checked ? [...condition.in!, one] : condition.in!.filter((other) => other !== one) })} />
      ))}</div></fieldset>}
    </>
  );
}

interface CardProps extends Props { isOpen: boolean; toggle: () => void; move: (by: -1 | 1) => void; canMove: (by: -1 | 1) => boolean; copy: () => void; remove: () => void; isWrong: boolean }

/** A line with what it is about; opened, all of it. */
export function QuestionCard({ isOpen, toggle, move, canMove, copy, remove, isWrong, ...props }: CardProps) {
  const { question, place } = props;
  const name = say(question.text) || t('instrument.new_question');
  const [isAsked, ask] = useState(false);
  return (
    <li class={isWrong ? 'question wrong' : 'question'} id={`question-${place}`} onKeyDown={(event) => {
      if (!event.altKey || !['ArrowUp', 'ArrowDown'].includes(event.key)) return;
      event.preventDefault();
      const by = event.key === 'ArrowUp' ? -1 : 1;
      if (canMove(by)) move(by);
    }}>
      <div class="question-head">
        <button type="button" class="question-name" aria-expanded={isOpen} onClick={toggle}><span class="hint">{place + 1}.</span> {name}</button>
        <Badge value={question.kind} tone="plain" />
        {question.show_if && <Badge value="show_if" tone="warn" />}
        <span class="question-moves">
          <Arrow by={-1} what={name} disabled={!canMove(-1)} onClick={() => move(-1)} />
          <Arrow by={1} what={name} disabled={!canMove(1)} onClick={() => move(1)} />
          <Button kind="bare" class="small" onClick={copy} aria-label={t('instrument.copy', { what: name })}>{t('instrument.copy_it')}</Button>
          {isAsked ? <Button kind="danger" class="small" onClick={remove}>{t('instrument.really')}</Button>
            : <Button kind="bare" class="small" onClick={() => ask(true)} aria-label={t('instrument.remove', { what: name })}>{t('remove')}</Button>}
        </span>
      </div>
      {isOpen && <div class="question-body"><QuestionFields {...props} /></div>}
    </li>
  );
}
