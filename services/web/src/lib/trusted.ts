// What alone may become more than text: our worker's address, and the page of a mail as the API writes it.
type Policy = { createScriptURL: (url: string) => unknown; createHTML: (html: string) => unknown };
interface Policies { createPolicy(name: string, rules: Policy): Policy }

const rules: Policy = { createScriptURL: () => '/app/worker.js', createHTML: (html) => html };
export const trusted: Policy = (window as { trustedTypes?: Policies }).trustedTypes?.createPolicy('kith', rules) ?? rules;
