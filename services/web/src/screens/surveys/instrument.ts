// What a survey asks, as a document: how it is changed, what depends on what, and what one is asked who has answered so far.
import { language, localeName } from '../../lib/words';

export type Words = Record<string, string>;
export type Answer = string | number | boolean | null | string[] | { importance?: number; occurrence?: number };
export interface Condition { question: string; is?: Answer; is_not?: Answer; in?: Answer[]; is_answered?: boolean }
export const KINDS = ['rating', 'importance_occurrence', 'yes_no', 'choice', 'multi', 'number', 'text'] as const;
export type QuestionKind = typeof KINDS[number];
export interface Option { code: string; text: Words }
export interface Question {
  code: string; kind: QuestionKind; section: string; factor?: string | null; is_reversed?: boolean | null; required?: boolean | null; text: Words;
  hint?: Words | null; options?: Option[] | null; points?: number | null; low?: Words | null; high?: Words | null; min?: number | null; max?: number | null;
  most?: number | null; show_if?: Condition | null;
}
export interface Section { code: string; title: Words; text?: Words | null; show_if?: Condition | null }
export interface Factor { code: string; name: Words }
export interface Instrument {
  name: string; code: string; subject: 'relationship' | 'none'; locales: string[]; about: Words; sections: Section[]; factors: Factor[]; questions: Question[];
}

export const POINTS = 5;
export const isScale = (kind: QuestionKind) => kind === 'rating' || kind === 'importance_occurrence';
export const isList = (kind: QuestionKind) => kind === 'choice' || kind === 'multi';
/** What can be asked about by more than whether it is answered. */
export const isComparable = (kind: QuestionKind) => kind !== 'text' && kind !== 'importance_occurrence';

/** In the reader's language, if it is said in that. */
export const say = (words: Words | null | undefined): string =>
  words ? words[language()] ?? words[localeName()] ?? Object.values(words)[0] ?? '' : '';

/** "How is it going?" → "how_is_it_going": a code that none of the others has. */
export function codeOf(text: string, taken: string[]): string {
  const plain = text.normalize('NFD').replace(/[^\w\s]/g, '').trim().toLowerCase().split(/\s+/).slice(0, 4).join('_').replace(/\W/g, '').slice(0, 40) || 'question';
  for (let n = 1; ; n++) {
    const code = n === 1 ? plain : `${plain}_${n}`;
    if (!taken.includes(code)) return code;
  }
}

export const moved = <T>(list: T[], from: number, to: number): T[] => {
  const rest = list.filter((_, n) => n !== from);
  return [...rest.slice(0, to), list[from]!, ...rest.slice(to)];
};

/** Questions in the order of their sections, as the document wants them. */
export const inOrder = (document: Instrument): Instrument => ({
  ...document, questions: document.sections.flatMap((section) => document.questions.filter((question) => question.section === section.code)) });

/** Without what belongs to another kind of question, and without words that nobody has written. */
export function tidy(document: Instrument): Instrument {
  const words = (some: Words | null | undefined) => some && Object.values(some).some((text) => text.trim()) ? some : null;
  return {
    ...inOrder(document),
    about: words(document.about) ?? {},
    sections: document.sections.map((section) => ({ ...section, text: words(section.text) })),
    questions: inOrder(document).questions.map((question) => {
      const { kind } = question;
      return {
        code: question.code, kind, section: question.section, text: question.text, required: question.required ?? false, hint: words(question.hint),
        show_if: question.show_if ?? null,
        ...(isScale(kind) ? { factor: question.factor || null, points: question.points ?? POINTS, low: words(question.low), high: words(question.high) } : {}),
        ...(kind === 'rating' ? { is_reversed: question.is_reversed ?? false } : {}),
        ...(isList(kind) ? { options: question.options ?? [] } : {}),
        ...(kind === 'multi' ? { most: question.most ?? null } : {}),
        ...(kind === 'number' ? { min: question.min ?? null, max: question.max ?? null } : {}),
      };
    }),
  };
}

/** As the API decides what is asked: nothing stands for an answer that is not there. */
export function holds(condition: Condition | null | undefined, answers: Record<string, Answer>): boolean {
  if (!condition) return true;
  const answer = answers[condition.question] ?? null;
  const isEqual = (wanted: Answer | undefined) => (Array.isArray(answer) ? answer.includes(String(wanted)) : answer !== null && answer === wanted);
  if (condition.is_answered !== undefined) return (answer !== null) === condition.is_answered;
  if (condition.in) return condition.in.some(isEqual);
  return condition.is_not !== undefined ? !isEqual(condition.is_not) : isEqual(condition.is);
}

/** What is asked, by section: what is hidden counts as not answered for what hangs on it. */
export function asked(document: Instrument, answers: Record<string, Answer>): { section: Section; questions: Question[] }[] {
  const counted: Record<string, Answer> = {};
  return document.sections.map((section) => {
    const isOpen = holds(section.show_if, counted);
    const questions = document.questions.filter((question) => question.section === section.code).filter((question) => {
      const isAsked = isOpen && holds(question.show_if, counted);
      if (isAsked && answers[question.code] !== undefined) counted[question.code] = answers[question.code]!;
      return isAsked;
    });
    return { section, questions };
  }).filter(({ questions }) => questions.length);
}

/** What can be compared with: the possible answers, in words. */
export function possible(question: Question): Answer[] {
  if (question.kind === 'yes_no') return [true, false];
  if (question.kind === 'rating') return Array.from({ length: question.points ?? POINTS }, (_, n) => n + 1);
  return (question.options ?? []).map((option) => option.code);
}
