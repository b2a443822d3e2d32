// The focus is never lost: what had it and is gone leaves it to the heading of the screen.
export function keepFocus() {
  let last: Element | null = null;
  document.addEventListener('focusin', (event) => { last = event.target as Element; });
  new MutationObserver(() => {
    if (document.activeElement !== document.body || !last || last.isConnected) return;
    document.querySelector('h1')?.focus({ preventScroll: true }); // none yet: it is drawn anew, and has it then
  }).observe(document.body, { childList: true, subtree: true });
}
