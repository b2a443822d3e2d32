// Between the app and the network: the app's own files are kept by name, the page and what was read as it came last, for
// reading while the network is away. Nothing is written later than it was said. Signing out empties it.
const worker = self as unknown as ServiceWorkerGlobalScope;
const FILES = 'kith-files-1';
const READ = 'kith-read-1';
const READ_MOST = 300;
const SHELL = '/app';

worker.addEventListener('install', () => void worker.skipWaiting());
worker.addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (![FILES, READ].includes(name)) await caches.delete(name);
  await worker.clients.claim();
})()));

async function fromFiles(request: Request): Promise<Response> {
  const files = await caches.open(FILES);
  const known = await files.match(request);
  if (known) return known;
  const reply = await fetch(request);
  if (reply.ok) await files.put(request, reply.clone());
  return reply;
}

/** As the network has it; as it was, when there is no network. */
async function fromNetwork(request: Request, key: string | Request): Promise<Response> {
  const kept = await caches.open(READ);
  try {
    const reply = await fetch(request);
    if (reply.status === 401) await caches.delete(READ);
    else if (reply.ok) {
      await kept.put(key, reply.clone());
      const keys = await kept.keys();
      for (const old of keys.slice(0, Math.max(0, keys.length - READ_MOST))) await kept.delete(old);
    }
    return reply;
  } catch (error) {
    const known = await kept.match(key);
    if (known) return known;
    throw error;
  }
}

worker.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== worker.location.origin) return;
  if (url.pathname.startsWith('/app/assets/')) event.respondWith(fromFiles(event.request));
  else if (event.request.mode === 'navigate' && (url.pathname === SHELL || url.pathname.startsWith(`${SHELL}/`))) event.respondWith(fromNetwork(event.request, SHELL));
  else if (url.pathname.startsWith('/v1/') && url.pathname !== '/v1/events' && event.request.headers.get('Accept') === 'application/json')
    event.respondWith(fromNetwork(event.request, event.request));
});
