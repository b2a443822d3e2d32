// What others change shows at once: the API's stream of events, which one of all open tabs holds and tells the others of.
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { changed } from './store';

const channel = new BroadcastChannel('kith-events');
const SOON_MS = 300; // changes come in bursts: one reading for all of a burst
const AGAIN_MS = 5_000;
let pending = new Set<string>();

/** "org.kith.check_in.completed.v1" is about a check_in; "reset": what was missed is not known. */
function heard(type: string) {
  if (!pending.size) setTimeout(flush, SOON_MS);
  pending.add(type === 'reset' ? '' : (type.replace(/^org\.kith\./, '').split('.')[0] ?? ''));
}

function flush() {
  const names = [...pending].map((name) => (name.endsWith('y') ? name.slice(0, -1) : name));
  pending = new Set();
  changed((path) => path.startsWith('/v1/me/tasks') || names.some((name) =>
    path.startsWith('/v1/dashboard') ? name === 'rollup' || !name : path.includes(name)));
}

async function hold(): Promise<never> {
  for (let last = ''; ; await new Promise((done) => setTimeout(done, AGAIN_MS))) {
    try {
      const reply = await fetch('/v1/events', { credentials: 'same-origin', headers: last ? { 'Last-Event-ID': last } : {} });
      if (!reply.ok || !reply.body) continue;
      const reader = reply.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream()).getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        last = read.value.id ?? last;
        const type = read.value.event;
        if (!type || type === 'ready') continue;
        heard(type);
        channel.postMessage(type);
      }
    } catch { /* the network is away: again in a while */ }
  }
}

/** Also whoever comes back to a window, from which the stream may have been cut. */
export function listen() {
  addEventListener('focus', () => changed(() => true));
  channel.onmessage = (event) => heard(String(event.data));
  if (navigator.locks) void navigator.locks.request('kith-events', hold);
}
