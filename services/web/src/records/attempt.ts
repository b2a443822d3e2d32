// What is sent and may be refused: whether it is on its way, and what was wrong, which is told where the focus goes.
import { useEffect, useReducer, useRef, useState } from 'preact/hooks';
import { Problem, type Fault } from '../lib/api';

export function useAttempt() {
  const [faults, setFaults] = useState<Fault[]>([]);
  const [problem, setProblem] = useState<Problem>();
  const [refused, count] = useReducer((times: number) => times + 1, 0);
  const [isBusy, setBusy] = useState(false);
  const summary = useRef<HTMLDivElement>(null);
  useEffect(() => { summary.current?.focus(); }, [refused]); // once each time: not while one puts it right

  const refuse = (wrong: Fault[], why?: Problem) => {
    setFaults(wrong);
    setProblem(why);
    count(0);
  };
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      refuse(error.errors, error);
    } finally {
      setBusy(false);
    }
  };
  return { faults, setFaults, problem, isBusy, summary, refuse, attempt };
}
