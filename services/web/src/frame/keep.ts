// Has a worker keep the app's files and what was read, for when the network is away (src/worker.ts).
import { trusted } from '../lib/trusted';

export function keepPages() {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
  void navigator.serviceWorker.register(trusted.createScriptURL('') as string, { scope: '/app' });
}
