// Figures over time: few points as a line of dots, many by uPlot, which comes when there are many.
import { useEffect, useState } from 'preact/hooks';
import { day, month, schoolYear } from '../lib/format';
import { Waiting } from '../ui/parts';
import { Line } from './line';

/** So many dots still stand apart on a phone. */
export const FEW = 24;

/** What a period that begins on that day is called. */
export const NAMES = {
  day: (start: string) => day(start), month, quarter: month,
  school_year: (start: string) => schoolYear(Number(start.slice(0, 4)) + (start.slice(5) >= '07' ? 1 : 0)),
};

/** `said` is a figure that is no number, as people read it: hidden, or between two. */
export interface One { name: string; tone: 'accent' | 'good' | 'quiet'; values: (number | null)[]; said?: (string | undefined)[] }
export interface SeriesProps { title: string; head: string; days: string[]; by: keyof typeof NAMES; series: One[]; format: (value: number) => string }

export function OverTime(props: SeriesProps) {
  const [Series, set] = useState<typeof import('./series').Series>();
  const isLong = props.days.length > FEW;
  useEffect(() => {
    if (isLong && !Series) void import('./series').then((module) => set(() => module.Series));
  }, [isLong]);
  if (isLong) return Series ? <Series {...props} /> : <Waiting lines={8} />;
  const name = NAMES[props.by];
  return (
    <div class="halves">{props.series.map((one) => (
      <div key={one.name}><h3>{one.name}</h3>
        <Line title={`${props.title}, ${one.name}`} format={props.format} points={props.days.map((each, n) => ({ label: name(each), value: one.values[n] ?? null }))} /></div>
    ))}</div>
  );
}
