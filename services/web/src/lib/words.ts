// What is read on the screen. A language is a file of src/words: `screen` has sentences by their key, with {places} and, for
// what is counted, one for each plural form; `names` has fields, values, resources and actions by the API's own names. English
// names that are missing there are the API's names as words. Where an action's name is another thing's, too, the action is
// `do.` and its name: "do.open" opens, and "open" is what is open.
import en from '../words/en.json';

type Sentence = string | Record<string, string>;
export interface Words { language: string; dir: 'ltr' | 'rtl'; screen: Record<string, Sentence>; names: Record<string, string> }
export type Key = keyof typeof en.screen;

const files = import.meta.glob<Words>(['../words/*.json', '!../words/en.json'], { import: 'default' });
export const languages = ['en', ...Object.keys(files).map((path) => path.slice('../words/'.length, -'.json'.length))];
let words: Words = en as Words;
let locale = 'en-US';
let plurals = new Intl.PluralRules(locale);

export const language = () => words.language;
export const localeName = () => locale;

export async function choose(wanted: string) {
  const known = languages.includes(wanted) ? wanted : wanted.split('-')[0]!;
  words = known !== 'en' && languages.includes(known) ? await files[`../words/${known}.json`]!() : (en as Words);
  locale = { en: 'en-US', es: 'es-US' }[words.language] ?? words.language;
  plurals = new Intl.PluralRules(locale);
  document.documentElement.lang = words.language;
  document.documentElement.dir = words.dir;
}

/** The sentence, with what belongs into its places; `count` chooses its plural form. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const found: Sentence = words.screen[key] ?? (en.screen as Record<string, Sentence>)[key] ?? key;
  const sentence = typeof found === 'string' ? found : found[plurals.select(Number(values.count ?? 0))] ?? found.other ?? '';
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? new Intl.NumberFormat(locale).format(value) : value ?? '';
  });
}

const sentence = (text: string) => text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);

/** "es-MX": Mexican Spanish, in the reader's language. */
export const languageName = (tag: string): string => sentence(new Intl.DisplayNames(locale, { type: 'language' }).of(tag) ?? tag);

/** The name of a field, a value, a resource, an action, as a label. */
export function label(name: string): string {
  const known = words.names[name];
  if (known) return known;
  const plain = name.replace(/_ids$/, 's').replace(/(_id|_cents)$/, '').replace(/_(at|on)$/, '').replaceAll('_', ' ');
  return sentence(plain || name);
}

/** An action, as its button says it. */
export const deed = (verb: string): string => words.names[`do.${verb}`] ?? label(verb);
