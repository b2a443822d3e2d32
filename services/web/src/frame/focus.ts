// The focus is never lost but by a press elsewhere: what had it and was moved by a drawing has it again; what is gone or
// hidden leaves it to the heading of the screen.
export function keepFocus() {
  let last: HTMLElement | null = null;
  document.addEventListener('focusin', (event) => { last = event.target as HTMLElement; });
  document.addEventListener('pointerdown', () => { last = null; });
  new MutationObserver(() => {
    if (document.activeElement !== document.body || !last) return;
    const isThere = last.isConnected && last.checkVisibility() && !last.matches(':disabled');
    const next = isThere ? last : document.querySelector('h1'); // none yet: it is drawn anew, and has it then
    next?.focus({ preventScroll: true });
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['open', 'hidden', 'disabled', 'class'] });
}
