// An instrument as whoever answers sees it: a section a page, and what is asked follows from what was answered.
import { useId, useState } from 'preact/hooks';
import { t } from '../../lib/words';
import { Button, Empty } from '../../ui/parts';
import { languageName } from './fields';
import { asked, possible, POINTS, type Answer, type Instrument, type Question, type Words } from './instrument';

type Answers = Record<string, Answer>;

export function Preview({ document }: { document: Instrument }) {
  const [locale, setLocale] = useState(() => (document.locales.includes(globalThis.document.documentElement.lang) ? globalThis.document.documentElement.lang : document.locales[0]!));
  const [answers, setAnswers] = useState<Answers>({});
  const [at, setAt] = useState(0);
  const pages = asked(document, answers);
  const page = pages[Math.min(at, pages.length - 1)];
  const of = (words: Words | null | undefined) => words?.[locale] ?? '';
  if (!page) return <Empty title={t('instrument.empty')} />;
  const here = pages.indexOf(page);
  return (
    <section class="card preview" aria-label={t('instrument.preview')}>
      <div class="card-head">
        <p class="hint">{t('instrument.page', { page: here + 1, pages: pages.length })}</p>
        <div class="buttons" role="group" aria-label={t('language')}>{document.locales.map((one) => (
          <Button key={one} class="small" lang={one} aria-pressed={one === locale} onClick={() => setLocale(one)}>{languageName(one)}</Button>
        ))}</div>
      </div>
      <div lang={locale}>
        <h2>{of(page.section.title)}</h2>
        {of(page.section.text) && <p class="prose">{of(page.section.text)}</p>}
        {page.questions.map((question) => (
          <Asked key={question.code} question={question} of={of} answer={answers[question.code] ?? null}
            onChange={(answer) => setAnswers({ ...answers, [question.code]: answer })} />
        ))}
      </div>
      <div class="buttons">
        <Button disabled={here === 0} onClick={() => setAt(here - 1)}>{t('instrument.back')}</Button>
        <Button kind="primary" disabled={here === pages.length - 1} onClick={() => setAt(here + 1)}>{t('instrument.next')}</Button>
        <Button kind="bare" onClick={() => { setAnswers({}); setAt(0); }}>{t('instrument.again')}</Button>
      </div>
      <p class="hint">{t('instrument.preview.kept')}</p>
    </section>
  );
}

interface AskedProps { question: Question; of: (words: Words | null | undefined) => string; answer: Answer; onChange: (answer: Answer) => void }

function Asked({ question, of, answer, onChange }: AskedProps) {
  const id = useId();
  return (
    <fieldset class="asked">
      <legend>{of(question.text)}{question.required && <span class="hint"> {t('instrument.required')}</span>}</legend>
      {of(question.hint) && <p class="hint">{of(question.hint)}</p>}
      <Ways {...{ question, of, answer, onChange }} id={id} />
    </fieldset>
  );
}

function Ways({ question, of, answer, onChange, id }: AskedProps & { id: string }) {
  switch (question.kind) {
    case 'rating':
      return <Scale {...{ question, of, id }} value={answer as number | null} onChange={onChange} />;
    case 'importance_occurrence': {
      const both = (answer ?? {}) as { importance?: number; occurrence?: number };
      return <>{(['importance', 'occurrence'] as const).map((one) => (
        <div key={one}><p class="scale-of">{t(`instrument.${one}`)}</p><Scale {...{ question, of }} id={`${id}-${one}`} value={both[one] ?? null} onChange={(value) => onChange({ ...both, [one]: value })} /></div>
      ))}</>;
    }
    case 'yes_no': case 'choice':
      return <div class="ticks">{possible(question).map((one) => (
        <label key={String(one)} class="tick"><input type="radio" name={id} checked={answer === one} onChange={() => onChange(one)} />
          {typeof one === 'boolean' ? t(one ? 'yes' : 'no') : of(question.options!.find((option) => option.code === one)!.text)}</label>
      ))}</div>;
    case 'multi': {
      const chosen = (answer ?? []) as string[];
      const isFull = chosen.length >= (question.most ?? Infinity);
      return <div class="ticks">{(question.options ?? []).map((option) => (
        <label key={option.code} class="tick"><input type="checkbox" checked={chosen.includes(option.code)} disabled={isFull && !chosen.includes(option.code)}
          onChange={(event) => onChange(event.currentTarget.checked ? [...chosen, option.code] : chosen.filter((one) => one !== option.code))} />{of(option.text)}</label>
      ))}</div>;
    }
    case 'number':
      return <input class="answer short" type="number" aria-label={of(question.text)} min={question.min ?? undefined} max={question.max ?? undefined} value={(answer ?? '') as number}
        onInput={(event) => onChange(event.currentTarget.value === '' ? null : Number(event.currentTarget.value))} />;
    case 'text':
      return <textarea class="answer" rows={3} aria-label={of(question.text)} value={(answer ?? '') as string} onInput={(event) => onChange(event.currentTarget.value || null)} />;
  }
}

const Scale = ({ question, of, value, onChange, id }: { question: Question; of: AskedProps['of']; value: number | null; onChange: (value: number) => void; id: string }) => (
  <div class="scale">
    {of(question.low) && <span class="hint">{of(question.low)}</span>}
    <span class="scale-points">{Array.from({ length: question.points ?? POINTS }, (_, n) => n + 1).map((one) => (
      <label key={one}><input type="radio" name={id} checked={value === one} onChange={() => onChange(one)} />{one}</label>
    ))}</span>
    {of(question.high) && <span class="hint">{of(question.high)}</span>}
  </div>
);
