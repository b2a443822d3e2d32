// A long series, as uPlot draws it on a canvas; the same figures stand in a table below it. Its colors are those that the box has when
// it is drawn: by day, by night and on paper.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { t } from '../lib/words';
import { NAMES, type One, type SeriesProps } from './long';
import { DataTable } from './table';

const HEIGHT = 280;
const LABEL_WIDTH = 64;
const FONT = '13px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';


const seconds = (date: string) => Date.parse(`${date}T00:00:00Z`) / 1000;
const dayOf = (second: number) => new Date(second * 1000).toISOString().slice(0, 10);

export function Series({ title, head, days, by, series, format }: SeriesProps) {
  const box = useRef<HTMLDivElement>(null);
  const said = useRef<HTMLParagraphElement>(null);
  const name = NAMES[by];
  const text = (one: One, n: number) => one.said?.[n] ?? (one.values[n] === null || one.values[n] === undefined ? t('none') : format(one.values[n]!));

  useEffect(() => {
    const inside = box.current!;
    const color = (token: string) => () => getComputedStyle(inside).getPropertyValue(token);
    const axis = { stroke: color('--quiet'), font: FONT, grid: { stroke: color('--line'), width: 1 }, ticks: { stroke: color('--line'), width: 1 } };
    const tell = (n: number | null | undefined) => {
      said.current!.textContent = n === null || n === undefined ? '' : `${name(days[n]!)}: ${series.map((one) => `${one.name} ${text(one, n)}`).join(' · ')}`;
    };
    const plot = new uPlot({
      width: inside.clientWidth, height: HEIGHT, legend: { show: false }, tzDate: (second) => uPlot.tzDate(new Date(second * 1000), 'Etc/UTC'),
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 8 } },
      axes: [
        { ...axis, space: 72, values: (_, splits) => splits.map((second) => name(dayOf(second))) },
        { ...axis, size: LABEL_WIDTH, values: (_, splits) => splits.map(format) },
      ],
      series: [{}, ...series.map((one) => ({ label: one.name, stroke: color(`--${one.tone}`), width: 2, dash: one.tone === 'quiet' ? [6, 4] : [], points: { show: false }, spanGaps: false }))],
      hooks: { setCursor: [(self: uPlot) => tell(self.cursor.idx)] },
    }, [days.map(seconds), ...series.map((one) => one.values)] as uPlot.AlignedData, inside);
    const redraw = () => plot.redraw(false, true);
    const size = new ResizeObserver(() => { if (inside.clientWidth && inside.clientWidth !== plot.width) plot.setSize({ width: inside.clientWidth, height: HEIGHT }); });
    const theme = new MutationObserver(redraw);
    const media = ['print', '(prefers-color-scheme: dark)'].map((one) => matchMedia(one));
    size.observe(inside);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    media.forEach((one) => one.addEventListener('change', redraw));
    return () => {
      size.disconnect();
      theme.disconnect();
      media.forEach((one) => one.removeEventListener('change', redraw));
      plot.destroy();
    };
  }, [days, series, by]);

  return (
    <figure class="series">
      <p class="keys">{series.map((one) => <span key={one.name} class={`key-line ${one.tone}`}>{one.name}</span>)}</p>
      <div ref={box} class="series-box" dir="ltr" role="img" aria-label={summary(title, days.map(name), series, text)} />
      <p ref={said} class="hint series-said" aria-hidden="true" />
      <DataTable title={title} head={[head, ...series.map((one) => one.name)]} rows={days.map((one, n) => [name(one), ...series.map((each) => text(each, n))])} />
    </figure>
  );
}

/** Of each where it begins and ends, and its least and most: a reader hears no eighty figures. */
function summary(title: string, names: string[], series: One[], text: (one: One, n: number) => string) {
  const told = series.flatMap((one) => {
    const there = one.values.flatMap((value, n) => (value === null ? [] : [n]));
    if (!there.length) return [];
    const by = [...there].sort((a, b) => one.values[a]! - one.values[b]!);
    const at = (n: number) => `${text(one, n)} (${names[n]})`;
    return [t('series.summary', { name: one.name, first: at(there[0]!), last: at(there[there.length - 1]!), least: at(by[0]!), most: at(by[by.length - 1]!) })];
  });
  return [title, ...told].join('. ');
}
