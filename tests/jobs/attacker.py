"""Who keeps all that was ever shown and solves it, in whole numbers: a search of its own, over sums of counts."""
from collections import defaultdict

ANYTHING = 10 ** 9
STEPS_MOST = 20000  # of one search: longer ones find nothing out


class TooHard(Exception):
    pass


class Attacker:
    """Knows sums of counts by their names, and bounds of some; counts are whole and not negative. Of a count he may know
    that it is made of two others: those whom a rate counts, and those whom it does not."""

    def __init__(self):
        self.sums = {}  # {names: total}
        self.bounds = {}
        self.made = {}  # {name of a part: (its count, the other part)}

    def copy(self):
        other = Attacker()
        other.sums, other.bounds, other.made = dict(self.sums), dict(self.bounds), dict(self.made)
        return other

    def learn(self, names, total):
        names = frozenset(names)
        assert self.sums.setdefault(names, total) == total, "two totals of the same counts"

    def learn_parts(self, count, name):
        """Of a count, by the name of its numerator: that, and its rest."""
        part, other = ("in", name), ("out", name)
        assert self.made.setdefault(part, (count, other)) == (count, other)
        self.made[other] = (count, part)
        return part, other

    def learn_share(self, count, name, is_near_none, most):
        part, other = self.learn_parts(count, name)
        self.learn_bound(part if is_near_none else other, 0, most)

    def learn_rate(self, counts, total, numerator):
        """Of counts, each with a name of its numerator: what they are together, and their numerators."""
        self.learn(counts, total)
        parts = [self.learn_parts(*one) for one in counts.items()]
        self.learn([part for part, _ in parts], numerator)
        self.learn([other for _, other in parts], total - numerator)

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
                self.holding[name].add((one, self.rows[one], None))
        for part, (count, other) in self.made.items():
            for name in (count, part, other):
                self.holding[name].add((frozenset((part, other)), 0, count))

    def component(self, names):
        """The sums that have to do with these counts: names, total, and the count that they make, if they make one."""
        found, todo = set(), list(names)
        seen = set(todo)
        while todo:
            for row in self.holding.get(todo.pop(), ()):
                if row not in found:
                    found.add(row)
                    fresh = {*row[0], *([row[2]] if row[2] else [])} - seen
                    seen |= fresh
                    todo += fresh
        return list(found)

    def excluded(self, names, values):
        """Those of the values that the counts together cannot have, by all that is known."""
        names = frozenset(names)
        rows = self.component(names)
        return [value for value in values if not self.fits([*rows, (names, value, None)])]

    def fits(self, rows):
        lows, highs = {}, {}
        for row, _, made in rows:
            for name in (*row, *([made] if made else [])):
                lows[name], highs[name] = self.bounds.get(name, (0, ANYTHING))
        for row, total, made in rows:
            for name in row if made is None else ():
                highs[name] = min(highs[name], total)
        return Search(rows).fits(lows, highs)


class Search:
    """Narrows bounds by each sum until nothing changes, then tries halves of the widest."""

    def __init__(self, rows):
        self.rows = rows
        self.steps = 0
        self.holding = defaultdict(list)
        for number, (row, _, made) in enumerate(rows):
            for name in (*row, *([made] if made else [])):
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
            row, total, made = self.rows[todo.pop()]
            low, high = sum(lows[n] for n in row), sum(highs[n] for n in row)
            least, most = (lows[made], highs[made]) if made else (total, total)
            if low > most or high < least:
                return False
            if made and (max(least, low), min(most, high)) != (least, most):
                least, most = lows[made], highs[made] = max(least, low), min(most, high)
                todo.update(self.holding[made])
            for name in row:
                new_low = max(lows[name], least - high + highs[name])
                new_high = min(highs[name], most - low + lows[name])
                if new_low > new_high:
                    return False
                if (new_low, new_high) != (lows[name], highs[name]):
                    low += new_low - lows[name]
                    high += new_high - highs[name]
                    lows[name], highs[name] = new_low, new_high
                    todo.update(self.holding[name])
        return True
