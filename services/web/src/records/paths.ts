// Addresses of the app: each screen has one, and each says all that the screen shows.
export const BASE = '/app';
export const listPath = (plural: string, query: Record<string, string> = {}) => {
  const text = new URLSearchParams(query).toString();
  return `${BASE}/${plural}${text ? `?${text}` : ''}`;
};
export const recordPath = (plural: string, id: string, part?: string) => `${BASE}/${plural}/${id}${part ? `/${part}` : ''}`;
export const newPath = (plural: string, values: Record<string, string> = {}) => listPath(`${plural}/new`, values);
