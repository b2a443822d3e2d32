"""Who keeps all that was ever shown and solves it, in whole numbers: a search of its own, over sums of counts."""
from collections import defaultdict

STEPS_MOST = 20000  # of one search: longer ones find nothing out


class TooHard(Exception):
    pass


class Attacker:
    """Knows sums of counts by their names, and bounds of some; counts are whole and not negative."""

    def __init__(self):
        self.sums = {}  # {names: total}
        self.bounds = {}

    def learn(self, names, total):
        names = frozenset(names)
        assert self.sums.setdefault(names, total) == total, "two totals of the same counts"

    def learn_bound(self, name, low, high):
        was = self.bounds.get(name, (0, high))
        self.bounds[name] = (max(was[0], low), min(was[1], high))

    def reduced(self):
        """Less what is known, and less the sums that lie within others."""
        sums = dict(self.sums)
        while True:
            known = {next(iter(names)): total for names, total in sums.items() if len(names) == 1}
            fresh = {}
            for names, total in sums.items():
                rest = frozenset(n for n in names if n not in known) if len(names) > 1 else names
                value = total - sum(known[n] for n in names - rest)
                if rest:
                    assert fresh.setdefault(rest, value) == value, "it does not add up"
            holding = defaultdict(set)
            for names in fresh:
                for name in names:
                    holding[name].add(names)
            smaller = {}
            for names, total in sorted(fresh.items(), key=lambda s: len(s[0])):
                within = set().union(*(holding[n] for n in names)) if len(names) > 1 else set()
                for other in sorted(within, key=len, reverse=True):
                    if other < names:
                        names, total = names - other, total - fresh[other]
                if names:
                    assert smaller.setdefault(names, total) == total, "it does not add up"
            if smaller == sums:
                return sums
            sums = smaller

    def solve(self):
        """What is known by now, for excluded()."""
        self.rows = self.reduced()
        self.holding = defaultdict(set)
        for one in self.rows:
            for name in one:
                self.holding[name].add(one)

    def component(self, names):
        """The sums that have to do with these counts."""
        found, todo = set(), list(names)
        seen = set(todo)
        while todo:
            for one in self.holding.get(todo.pop(), ()):
                if one not in found:
                    found.add(one)
                    fresh = set(one) - seen
                    seen |= fresh
                    todo += fresh
        return [(one, self.rows[one]) for one in found]

    def excluded(self, names, values):
        """Those of the values that the counts together cannot have, by all that is known."""
        names = frozenset(names)
        rows = self.component(names)
        return [value for value in values if not self.fits([*rows, (names, value)])]

    def fits(self, rows):
        lows, highs = {}, {}
        for row, _ in rows:
            for name in row:
                lows[name], highs[name] = self.bounds.get(name, (0, None))
        for row, total in rows:
            for name in row:
                highs[name] = total if highs[name] is None else min(highs[name], total)
        return Search(rows).fits(lows, highs)


class Search:
    """Narrows bounds by each sum until nothing changes, then tries halves of the widest."""

    def __init__(self, rows):
        self.rows = rows
        self.steps = 0
        self.holding = defaultdict(list)
        for number, (row, _) in enumerate(rows):
            for name in row:
                self.holding[name].append(number)

    def fits(self, lows, highs, todo=None):
        self.steps += 1
        if self.steps > STEPS_MOST:
            raise TooHard()
        if not self.narrow(lows, highs, set(range(len(self.rows))) if todo is None else todo):
            return False
        open_ones = [name for name in lows if lows[name] < highs[name]]
        if not open_ones:
            return True
        # A count of the shortest open sum: what it is decides the most.
        name = min(open_ones, key=lambda n: (-len(self.holding[n]), highs[n] - lows[n], n))
        middle = (lows[name] + highs[name]) // 2
        for low, high in ((lows[name], middle), (middle + 1, highs[name])):
            if self.fits({**lows, name: low}, {**highs, name: high}, set(self.holding[name])):
                return True
        return False

    def narrow(self, lows, highs, todo):
        while todo:
            row, total = self.rows[todo.pop()]
            low, high = sum(lows[n] for n in row), sum(highs[n] for n in row)
            if low > total or high < total:
                return False
            for name in row:
                new_low = max(lows[name], total - high + highs[name])
                new_high = min(highs[name], total - low + lows[name])
                if new_low > new_high:
                    return False
                if (new_low, new_high) != (lows[name], highs[name]):
                    low += new_low - lows[name]
                    high += new_high - highs[name]
                    lows[name], highs[name] = new_low, new_high
                    todo.update(self.holding[name])
        return True
