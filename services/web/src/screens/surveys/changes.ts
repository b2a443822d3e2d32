// What the editor does to a document; each change makes another document.
import { codeOf, inOrder, moved, type Instrument, type Question } from './instrument';

const blank = (locales: string[]) => Object.fromEntries(locales.map((one) => [one, '']));

export const empty = (locales: string[]): Instrument => ({
  name: '', code: '', subject: 'relationship', locales, about: {}, factors: [], sections: [{ code: 'section_1', title: blank(locales) }],
  questions: [{ code: 'question_1', kind: 'rating', section: 'section_1', required: true, text: blank(locales) }],
});

export function addQuestion(document: Instrument, section: string): { document: Instrument; code: string } {
  const code = codeOf('question', document.questions.map((one) => one.code));
  const before = [...document.questions].reverse().find((one) => one.section === section);
  const question: Question = { code, kind: before?.kind === 'rating' ? 'rating' : 'text', section, factor: before?.kind === 'rating' ? before.factor : null,
    required: before?.required ?? false, text: blank(document.locales) };
  return { document: inOrder({ ...document, questions: [...document.questions, question] }), code };
}

export function copyQuestion(document: Instrument, place: number): { document: Instrument; code: string } {
  const like = document.questions[place]!;
  const code = codeOf(like.code.replaceAll('_', ' '), document.questions.map((one) => one.code));
  const questions = [...document.questions.slice(0, place + 1), { ...structuredClone(like), code }, ...document.questions.slice(place + 1)];
  return { document: { ...document, questions }, code };
}

/** Over the end of its section it goes into the next one. */
export function moveQuestion(document: Instrument, place: number, by: -1 | 1): Instrument {
  const question = document.questions[place]!;
  const neighbor = document.questions[place + by];
  if (neighbor?.section === question.section) return { ...document, questions: moved(document.questions, place, place + by) };
  const at = document.sections.findIndex((section) => section.code === question.section);
  const section = document.sections[at + by]?.code ?? question.section;
  return inOrder({ ...document, questions: document.questions.map((one, n) => (n === place ? { ...one, section } : one)) });
}

/** A code that is changed is changed wherever it is named. */
export function changeQuestion(document: Instrument, place: number, changes: Partial<Question>): Instrument {
  const before = document.questions[place]!;
  const rename = <T extends { show_if?: Question['show_if'] }>(one: T): T => (changes.code !== undefined && one.show_if?.question === before.code
    ? { ...one, show_if: { ...one.show_if, question: changes.code } } : one);
  return inOrder({
    ...document, sections: document.sections.map(rename),
    questions: document.questions.map((one, n) => (n === place ? { ...one, ...changes } : rename(one))) });
}

export const changeLocales = (document: Instrument, locales: string[]): Instrument => {
  const keep = <W extends Record<string, string> | null | undefined>(words: W): W => (words
    ? Object.fromEntries(locales.map((one) => [one, words[one] ?? ''])) as W : words);
  return {
    ...document, locales, about: Object.keys(document.about).length ? keep(document.about) : {},
    factors: document.factors.map((factor) => ({ ...factor, name: keep(factor.name) })),
    sections: document.sections.map((section) => ({ ...section, title: keep(section.title), text: keep(section.text) })),
    questions: document.questions.map((question) => ({
      ...question, text: keep(question.text), hint: keep(question.hint), low: keep(question.low), high: keep(question.high),
      options: question.options?.map((option) => ({ ...option, text: keep(option.text) })) })),
  };
};

/** Codes that were made for us follow the words, as long as nothing was saved. */
export function named(document: Instrument): Instrument {
  let next = document;
  document.questions.forEach((question, place) => {
    const text = question.text.en ?? Object.values(question.text)[0] ?? '';
    if (!/^question(_\d+)?$/.test(question.code) || !text.trim()) return;
    next = changeQuestion(next, place, { code: codeOf(text, next.questions.filter((_, n) => n !== place).map((one) => one.code)) });
  });
  return next;
}
export const addFactor = (document: Instrument): Instrument => ({
  ...document, factors: [...document.factors, { code: codeOf('factor', document.factors.map((one) => one.code)), name: blank(document.locales) }] });
export const addSection = (document: Instrument): Instrument => ({
  ...document, sections: [...document.sections, { code: codeOf('section', document.sections.map((one) => one.code)), title: blank(document.locales) }] });
