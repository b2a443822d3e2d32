// What is to be known of a field, for people: the API's document says it to programs, with null, codes and cents.

const CODE = /"[^"]*"|\{\{.*?\}\}|(?<![\w./])[a-z0-9]+(?:_[a-z0-9]+)+(?!\w|\.\w)/g;
const WORDS: [RegExp, string, string?][] = [[/\b(n)ull\b/gi, 'left empty'], [/\b(t)rue\b/gi, 'ticked', 'bool'], [/\b(f)alse\b/gi, 'not ticked', 'bool'], [/,? in cents\b/g, '', 'money']];
const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Codes are called as `label` calls them; what is quoted is to be typed as it stands. */
export function hint(doc: string | undefined, kind: string | undefined, label: (name: string) => string): string | undefined {
  if (!doc) return undefined;
  const said = WORDS.filter(([, , of]) => !of || of === kind).reduce((text, [word, words]) =>
    text.replace(word, (_, first: string) => (/[A-Z]/.test(first) ? sentence(words) : words)), doc);
  return sentence(said.replace(CODE, (code) => (/^["{]/.test(code) ? code : `“${label(code)}”`)));
}
