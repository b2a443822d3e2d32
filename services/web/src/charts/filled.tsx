// How much of what is asked for is promised, and how much of that is there: a bar, and the same in words.
export interface Filling { asked: number; promised: number; delivered?: number; text: string }

export function Filled({ asked, promised, delivered = 0, text }: Filling) {
  const share = (value: number) => Math.min(100, (100 * value) / (asked || 1));
  return (
    <div class="filled">
      <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect class="pale" width={share(promised)} height="8" /><rect class="accent" width={share(delivered)} height="8" />
      </svg>
      <span>{text}</span>
    </div>
  );
}
