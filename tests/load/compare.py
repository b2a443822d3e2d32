"""Two sides of a figure, measured in turn, and the gate their ratio has to keep."""
import os
import re
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Callable


@dataclass
class Figure:
    """Both sides are functions that measure once and give a rate per second. `also` are measured
    in each repetition too, to be read and not judged."""
    title: str
    gate: float
    ours: Callable[[], float]
    reference: Callable[[], float]
    also: dict[str, Callable[[], float]] = field(default_factory=dict)


def compare(figure, options):
    """True when the median ratio keeps the gate."""
    print(f"{figure.title}")
    ratios = []
    for number in range(options.repetitions):
        # Who goes first changes, so that neither always has the warmer or the quieter half.
        turns = [figure.ours, figure.reference]
        rates = {turn: turn() for turn in (turns if number % 2 == 0 else turns[::-1])}
        ratios.append(rates[figure.ours] / rates[figure.reference])
        print(f"  {number + 1}  ours {rates[figure.ours]:9.0f}/s  "
              f"reference {rates[figure.reference]:9.0f}/s  ratio {ratios[-1]:.2f}", flush=True)
        for name, measure in figure.also.items():
            print(f"     {name} {measure():.0f}/s", flush=True)
    median = statistics.median(ratios)
    print(f"  median ratio {median:.2f} ({min(ratios):.2f} to {max(ratios):.2f}), "
          f"gate {figure.gate}: {'kept' if median >= figure.gate else 'MISSED'}", flush=True)
    return median >= figure.gate


def wrk(url, options, *, script=None, args=(), connections=None):
    """Requests a second; one reply that is not 2xx ends it all."""
    command = ["wrk", "-t1", f"-c{connections or options.connections}", f"-d{options.seconds}s",
               *(["-s", script] if script else []), url, *(["--", *args] if args else [])]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    if (done.returncode or not rate or done.stderr
            or re.search("Non-2xx|Socket errors", done.stdout)):
        sys.exit(f"bench: not every reply was good\n{done.stdout}{done.stderr}")
    return float(rate[1])


def pgbench(uri, script, variables, options, **environment):
    """Transactions a second, that is units."""
    command = ["pgbench", "-n", "-M", "prepared", "-c", "8", "-j", "2", "-T", str(options.seconds),
               "-f", script, *(f"-D{name}={value}" for name, value in variables.items()), uri]
    done = subprocess.run(command, check=False, capture_output=True, text=True,
                          env={**os.environ, **environment})
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or not rate or "number of failed transactions: 0 " not in done.stdout:
        sys.exit(f"bench: pgbench failed\n{done.stdout}{done.stderr}")
    return float(rate[1])
