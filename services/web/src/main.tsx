// Who is signed in → their language → the screen that the address names.
import { render } from 'preact';
import { whenSignedOut } from './lib/api';
import { begin, forget, grants, signIn } from './lib/session';
import { listen } from './lib/live';
import { choose } from './lib/words';
import { App } from './app';
import { apply } from './frame/theme';
import { keepFocus } from './frame/focus';
import { keepPages } from './frame/keep';

async function start() {
  apply();
  const me = await begin();
  if (!me) return signIn();
  if (grants().every((grant) => grant.role === 'partner')) return location.replace('/organization'); // nothing here is for them
  await choose(me.user.locale || me.district.locale);
  whenSignedOut(() => void forget().then(signIn));
  render(<App />, document.getElementById('app')!);
  listen();
  keepFocus();
  keepPages();
}

void start().catch((error: unknown) => {
  const app = document.getElementById('app')!;
  app.textContent = navigator.onLine ? `Kith cannot start: ${error instanceof Error ? error.message : ''}` : 'You are offline.';
  app.className = 'broken';
});
