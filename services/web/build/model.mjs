// What the app knows of the API, made from the API's own document: a file a resource, which its screens load when they need
// it, and an index of all, which every screen has. `node build/model.mjs [OPENAPI [FOLDER]]`; what is written goes to src/gen/.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('..', import.meta.url));
const source = process.argv[2] ?? process.env.KITH_OPENAPI ?? `${here}/../../build/web/openapi.json`;
const api = JSON.parse(readFileSync(source, 'utf8'));
const schemas = api.components.schemas;
const singular = new Map(); // "partner" → "partners"

const pathsOf = (plural) => Object.entries(api.paths).filter(([path]) => path.split('/')[2] === plural);
const snake = (name) => name.replace(/(?<=.)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

/** "PartnerPage", which a list replies with; of what is no resource's list: nothing. */
function pageOf(plural) {
  const schema = api.paths[`/v1/${plural}`]?.get?.responses[200].content?.['application/json']?.schema;
  return (schema?.anyOf?.[0] ?? schema)?.$ref?.match(/(\w+)Page$/)?.[1];
}
const typesOf = (schema) => [schema.type ?? []].flat();

/** How a value is shown and asked for. */
function kindOf(name, schema) {
  const types = typesOf(schema);
  if (schema.enum) return 'enum';
  if (types.includes('boolean')) return 'bool';
  if (types.includes('array')) return 'list';
  if (name.endsWith('_cents')) return 'money';
  if (types[0] === 'integer') return 'int';
  if (schema.format === 'uuid') return 'id';
  if (schema.format === 'date') return 'date';
  if (schema.format === 'date-time') return 'instant';
  if (schema.format === 'email') return 'email';
  if (schema.format === 'uri') return 'url';
  if (types.includes('string') && types.includes('integer')) return 'decimal';
  if (schema.pattern?.startsWith('^-?[0-9]+')) return 'decimal';
  if (schema.pattern?.includes('/[A-Za-z]')) return 'zone';
  if (schema.pattern?.startsWith('^[a-z]{2,3}') || schema.pattern?.startsWith('^[A-Za-z]{2,3}')) return 'locale';
  if (types.includes('object')) return 'object';
  if (types.includes('string')) return (schema.maxLength ?? 0) > 500 ? 'long' : 'text';
  return 'any';
}

/** By its name, where the document does not say: "new_owner_id" is a user's, "from_site_id" a site's. */
function guessed(name) {
  if (name.endsWith('_by')) return 'users';
  if (name === 'on_behalf_of') return 'contacts';
  const stem = name.replace(/_ids?$/, '');
  if (stem === name) return undefined;
  const words = stem.split('_');
  for (let from = 0; from < words.length; from++) {
    const plural = singular.get(words.slice(from).join('_'));
    if (plural) return plural;
  }
  return /(owner|lead|host|coach|principal|author|decider|assignee)$/.test(stem) ? 'users' : undefined;
}

function fieldOf(name, schema, { references = {}, classes = {}, required = [] } = {}) {
  const kind = kindOf(name, schema);
  const item = kind === 'list' && schema.items ? fieldOf(name, schema.items) : undefined;
  return {
    name,
    kind,
    ref: references[name] ?? (kind === 'id' || item?.kind === 'id' ? guessed(name) : undefined),
    values: schema.enum?.filter((value) => value !== null),
    item: item && { ...item, name: undefined },
    fields: kind === 'object' && schema.properties ? fieldsOf(schema) : undefined,
    required: required.includes(name) || undefined,
    nullable: typesOf(schema).includes('null') || undefined,
    readOnly: schema.readOnly,
    initial: schema.default,
    min: schema.minLength ?? schema.minimum ?? schema.minItems,
    max: schema.maxLength ?? schema.maximum ?? schema.maxItems,
    readers: classes[name]?.readers,
    isPrivate: classes[name]?.class === 'private' || undefined,
    doc: schema.description?.replace(/ ?The id of an? \w+\.| ?Null but for [\w,]+\./g, '') || undefined,
  };
}

function fieldsOf(schema, references) {
  return Object.entries(schema.properties ?? {}).map(([name, property]) =>
    fieldOf(name, property, { references, classes: schema['x-classes'], required: schema.required }));
}

const bodyOf = (operation, type) => {
  const schema = operation?.requestBody?.content?.[type]?.schema;
  return schema?.$ref ? schemas[schema.$ref.split('/').pop()] : schema;
};
const accessOf = (operation) => operation && { roles: operation['x-roles'], scope: operation['x-scope'] };

/** Filters and sorts of a list, by its parameters. */
function listOf(operation) {
  const parameters = operation.parameters.filter((one) => one.name);
  const values = (name) => parameters.find((one) => one.name === name)?.schema.items.enum ?? [];
  const filters = parameters
    .filter((one) => /^[a-z_]+$/.test(one.name) && !['sort', 'q', 'saved_filter', 'fields', 'expand', 'format'].includes(one.name))
    .map((one) => ({ name: one.name, kind: kindOf(one.name, one.schema.items ?? one.schema), values: one.schema.items?.enum ?? one.schema.enum,
      ref: guessed(one.name), isOne: typesOf(one.schema)[0] !== 'array' || undefined }));
  return {
    ...accessOf(operation),
    filters,
    ranges: [...new Set(parameters.filter((one) => one.name.endsWith('[gte]')).map((one) => one.name.slice(0, -5)))],
    sorts: values('sort').filter((name) => !name.startsWith('-')),
    expands: values('expand'),
    searches: parameters.some((one) => one.name === 'q') || undefined,
    saves: parameters.some((one) => one.name === 'saved_filter') || undefined,
  };
}

/** From which status which action leads where, as the document draws it. */
const flowOf = (transitions) => transitions && [...transitions.description.matchAll(/^ +(\w+) --> (\w+): (\w+)$/gm)]
  .map(([, from, to, verb]) => ({ from, to, verb }));

function resourceOf(plural) {
  const paths = Object.fromEntries(pathsOf(plural));
  const list = paths[`/v1/${plural}`];
  const one = paths[`/v1/${plural}/{id}`];
  const name = snake(pageOf(plural));
  const schema = schemas[pageOf(plural)];
  const references = schema['x-references'] ?? {};
  const create = list.post && list.post.operationId.startsWith('create_') ? list.post : undefined;
  const actions = Object.entries(paths)
    .filter(([path, methods]) => path.startsWith(`/v1/${plural}/{id}/`) && methods.post && path.split('/').length === 5)
    .filter(([path]) => !path.endsWith('/restore'))
    .map(([path, { post }]) => ({
      verb: path.split('/').pop(),
      ...accessOf(post),
      summary: post.summary,
      needsVersion: post.parameters.some((one) => one.$ref?.endsWith('/If-Match')) || undefined,
      fields: fieldsOf(bodyOf(post, 'application/json') ?? {}, references),
    }));
  return {
    plural,
    name,
    doc: api.tags.find((tag) => tag.name === plural)?.description,
    fields: fieldsOf(schema, references),
    list: listOf(list.get),
    expands: one?.get ? listOf(one.get).expands : undefined,
    create: create && { ...accessOf(create), fields: fieldsOf(bodyOf(create, 'application/json') ?? {}, references) },
    patch: one?.patch && { ...accessOf(one.patch), fields: fieldsOf(bodyOf(one.patch, 'application/merge-patch+json'), references) },
    archive: accessOf(one?.delete),
    restore: accessOf(paths[`/v1/${plural}/{id}/restore`]?.post),
    hasOne: Boolean(one?.get),
    flow: flowOf(paths[`/v1/${plural}/{id}/transitions`]?.get),
    actions,
  };
}

/** The same for the compiler: an interface a resource, its bodies, and its actions. */
function typeOf(field) {
  const plain = { int: 'number', money: 'number', bool: 'boolean', any: 'unknown' }[field.kind] ?? 'string';
  const values = field.values?.map((value) => JSON.stringify(value)).join(' | ');
  const inner = field.kind === 'list' ? `Array<${field.item ? typeOf(field.item) : 'unknown'}>`
    : field.kind === 'object' ? (field.fields ? `{ ${membersOf(field.fields)} }` : 'Record<string, unknown>')
      : values || plain;
  return field.nullable ? `${inner} | null` : inner;
}
const membersOf = (fields, isBody) => fields.map((field) =>
  `${field.name}${isBody && !field.required ? '?' : ''}: ${typeOf(field)}`).join('; ');
const camel = (name) => name.split('_').map((word) => word[0].toUpperCase() + word.slice(1)).join('');

function typesText(resources) {
  const lines = ['// Made by build/model.mjs of /openapi.json.'];
  for (const one of resources) lines.push(`export interface ${camel(one.name)} { ${membersOf(one.fields)} }`);
  lines.push('export interface Resources {', ...resources.map((one) => `  ${one.plural}: ${camel(one.name)};`), '}');
  lines.push('export interface Bodies {', ...resources.filter((one) => one.create || one.patch).map((one) =>
    `  ${one.plural}: { ${membersOf(one.create?.fields ?? one.patch.fields, true)} };`), '}');
  lines.push('export interface Actions {', ...resources.filter((one) => one.actions.length).map((one) =>
    `  ${one.plural}: { ${one.actions.map((action) => `${action.verb}: { ${membersOf(action.fields, true)} }`).join('; ')} };`), '}');
  return `${lines.join('\n')}\n`;
}

/** Every name that is shown to people, for the words of each language. */
function namesOf(resources) {
  const names = new Set();
  const add = (fields) => {
    for (const field of fields ?? []) {
      names.add(field.name);
      for (const value of [...(field.values ?? []), ...(field.item?.values ?? [])]) names.add(value);
      add(field.fields);
      add(field.item?.fields);
    }
  };
  for (const resource of resources) {
    names.add(resource.plural).add(resource.name);
    add(resource.fields);
    add(resource.create?.fields);
    add(resource.list.filters);
    for (const action of resource.actions) {
      names.add(action.verb);
      add(action.fields);
    }
  }
  names.delete(undefined);
  return [...names].sort();
}

const plurals = api.tags.map((tag) => tag.name).filter(pageOf);
for (const plural of plurals) singular.set(snake(pageOf(plural)), plural);
const resources = plurals.map(resourceOf);
const folder = process.argv[3] ?? `${here}/src/gen`;
rmSync(`${folder}/resources`, { recursive: true, force: true });
mkdirSync(`${folder}/resources`, { recursive: true });
for (const resource of resources)
  writeFileSync(`${folder}/resources/${resource.plural}.json`, JSON.stringify(resource));
writeFileSync(`${folder}/index.json`, JSON.stringify(Object.fromEntries(resources.map((one) =>
  [one.plural, { name: one.name, read: one.list.roles, create: one.create?.roles }]))));
writeFileSync(`${folder}/types.ts`, typesText(resources));
writeFileSync(`${folder}/names.json`, JSON.stringify(namesOf(resources), null, 1));
console.log(`model: ${resources.length} resources, ${resources.reduce((sum, one) => sum + one.actions.length, 0)} actions`);
