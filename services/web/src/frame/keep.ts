// Has a worker keep the app's files and what was read, for when the network is away (src/worker.ts).
interface Policies { createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL: (url: string) => unknown } }

export function keepPages() {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
  const types = (window as { trustedTypes?: Policies }).trustedTypes;
  const address = '/app/worker.js';
  const script = types ? types.createPolicy('kith', { createScriptURL: () => address }).createScriptURL(address) : address;
  void navigator.serviceWorker.register(script as string, { scope: '/app' });
}
