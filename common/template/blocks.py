"""A mail's one source as its subject, its text and its HTML, so that no part can say what another does not.

services/<s>/templates/<name>.mail, line by line; what each block looks like stands beside them in blocks.toml:

    Subject: …            first, of a whole mail; without it the file is a part that others name: {{>name}}
    # …                   its heading
    > …                   what somebody wrote
    ~ …                   small print
    - …                   an item of a list; what belongs to it is indented by two, a list in it, too
    label :: value        a fact, in the same paragraph as the facts beside it
    [label](address)      alone on its line: the button; within a line: a link
    <{{address}}>         a link that shows where it goes
    **…**                 strong
    {{#a}} {{/a}} {{>a}}  alone on its line, as in any template
    {{…}}                 alone on its line: a paragraph that somebody wrote, in a direction of its own
    anything else         a paragraph

At the end of a whole mail, behind a line "Samples:", stands a JSON list of what such a mail may be about, for whoever
wants to see one and for the tests: {"about": …, "has_task": false, "has_stop": true, "things": []}. A day or an hour in it
is a text, "2026-12-11T15:00", which becomes what the templates take. Each is a file of its own, <name>.sample1.

Of a language that is written from right to left the signs of a value keep their order, as it is isolated from what stands
around it; a paragraph that somebody wrote, and an address, stand by themselves.

A blank line means nothing but to whoever reads the source. Values cannot become blocks: the blocks are made of the
template, and only then is it filled.
"""
import datetime
import html
import json
import re
import sys

TAG = re.compile(r"\{\{([#^/>])\s*([\w.-]+)\s*\}\}")
PIECE = re.compile(r"(\{\{\{?[^{}]*\}\}\}?)")
HOLES = r"((?:\{\{[^{}]*\}\}|[^\[\]{}])+)"
LINK = re.compile(r"\[" + HOLES + r"\]\(((?:\{\{[^{}]*\}\}|[^(){}])+)\)")
OWN = re.compile(r"\{\{(?!t\.)[\w.]+\}\}")
BARE = re.compile(r"<(\{\{[^{}]*\}\})>")
MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T(\d{2}):(\d{2}))?")
STRONG = re.compile(r"\*\*(.+?)\*\*")
ISOLATED = {"text": ("{{isolate}}", "{{isolate_end}}"), "html": ("<bdi>", "</bdi>")}  # of the letter's data
INLINE = re.compile("|".join(one.pattern for one in (LINK, BARE, STRONG)))


class Source:
    """One file: adds blocks to the text and to the HTML, side by side."""

    def __init__(self, path, looks):
        self.path = path
        self.looks = looks
        self.out = {"text": "", "html": ""}

    def fail(self, what, line):
        sys.exit(f"{self.path}: {what}: {line}")

    def inline(self, line, mode, isolates=True):
        """Words as they stand in a line: links, what is strong, and, in HTML, escaped what is no tag."""
        def fill(found):
            label, address, bare, strong = found.groups()
            look = "link" if address else "bare" if bare else "strong"
            return filled(self.looks[look][mode], escaped(label or strong or "", mode, isolates), address or bare)
        parts, end = [], 0
        for found in INLINE.finditer(line):
            parts += [escaped(line[end:found.start()], mode, isolates), fill(found)]
            end = found.end()
        return "".join(parts) + escaped(line[end:], mode, isolates)

    def add(self, look, words="", part=None):
        for mode, out in self.out.items():
            form = self.looks[look].get(mode, {} if part else "")
            self.out[mode] = out + filled(form.get(part, "") if part else form, self.inline(words, mode, look not in ("own", "quote")))

    def tag(self, line):
        """A section's end or a partial, on its line in both."""
        sigil, name = TAG.fullmatch(line.strip()).groups()
        for mode in self.out:
            self.out[mode] += f"{{{{{sigil}{name}{'.' + mode if sigil == '>' else ''}}}}}\n"

    def lines(self, lines):
        """A run of lines without a blank one between them."""
        while lines:
            first = next((i for i, line in enumerate(lines) if row_of(line)), None)
            if first is None:
                for line in lines:
                    self.line(line)
                return
            kind = row_of(lines[first])
            begin = first - 1 if first and lines[first - 1].startswith(("{{#", "{{^")) and is_tag(lines[first - 1]) else first
            end = run_end(lines, begin, kind)
            before = lines[:begin]
            for i, line in enumerate(before):
                is_lead = kind == "item" and not any(not is_tag(other) for other in before[i + 1:])
                self.line(line, "lead" if is_lead else "paragraph")
            (self.items if kind == "item" else self.facts)(lines[begin:end])
            lines = lines[end:]

    def line(self, line, usual="paragraph"):
        link = LINK.fullmatch(line)
        if is_tag(line):
            self.tag(line)
        elif link:
            for mode in self.out:
                self.out[mode] += filled(self.looks["button"][mode], escaped(link[1], mode, True), link[2])
        elif line.startswith(" "):
            self.fail("this is indented and belongs to no item", line)
        else:
            usual = "own" if usual == "paragraph" and OWN.fullmatch(line) else usual
            look = {"# ": "heading", "> ": "quote", "~ ": "small"}.get(line[:2], usual)
            self.add(look, line if look == usual else line[2:])

    def facts(self, lines):
        self.add("facts", part="begin")
        for line in lines:
            if is_tag(line):
                self.tag(line)
                continue
            label, _, value = line.partition(" :: ")
            for mode in self.out:
                self.out[mode] += filled(self.looks["fact"][mode], self.inline(label, mode), self.inline(value, mode))
        self.add("facts", part="end")

    def items(self, lines, depth=0):
        self.add("list", part="begin")
        has_more, at = False, 0
        while at < len(lines):
            end = next((i for i in range(at + 1, len(lines)) if not lines[i].startswith("  ")), len(lines))
            if is_tag(lines[at]):
                self.tag(lines[at])
            else:
                self.item(lines[at][2:], [line[2:] for line in lines[at + 1:end]], depth)
                has_more = has_more or end > at + 1
            at = end
        self.add("list", part="end")
        if not depth and not has_more:
            self.out["text"] += "\n"

    def item(self, words, below, depth):
        self.out["text"] += "  " * depth + ("* ", "- ")[depth]
        self.add("item", words, part="begin")
        first = next((i for i, line in enumerate(below) if row_of(line) == "item"), len(below))
        first -= first < len(below) and first > 0 and below[first - 1].startswith(("{{#", "{{^"))
        end = run_end(below, first, "item") if first < len(below) else first
        for line in below[:first]:
            if not is_tag(line):
                self.add("item", line, part="more")
            else:
                self.tag(line)
        if end > first:
            self.items(below[first:end], depth + 1)
        for line in below[end:]:
            self.tag(line)
        self.add("item", part="end")
        if below:
            self.out["text"] += "\n"


def is_tag(line):
    return TAG.fullmatch(line.strip()) is not None


def row_of(line):
    """Of which run of rows it is one, if it is."""
    if line.startswith("- "):
        return "item"
    return "fact" if " :: " in line and not line.startswith(" ") else None


def run_end(lines, begin, kind):
    """Behind the last row of the run that begins there, and behind the sections that it has opened."""
    last = begin
    for i in range(begin, len(lines)):
        if row_of(lines[i]) == kind or lines[i].startswith("  "):
            last = i
        elif not is_tag(lines[i]):
            break
    end = last + 1
    while end < len(lines) and is_tag(lines[end]) and is_open(lines[begin:end]):
        end += 1
    return end


def is_open(lines):
    sigils = [TAG.fullmatch(line)[1] for line in lines if is_tag(line) and not line.startswith(" ")]
    return sum(sigil in "#^" for sigil in sigils) > sigils.count("/")


def escaped(text, mode, isolates):
    begin, end = ISOLATED[mode] if isolates else ("", "")

    def one(piece, is_hole):
        if is_hole:
            return f"{begin}{piece}{end}" if OWN.fullmatch(piece) else piece
        return piece if mode == "text" else html.escape(piece, quote=False)
    return "".join(one(piece, i % 2) for i, piece in enumerate(PIECE.split(text)))


def filled(form, words, address=None):
    return form.replace("@words@", words).replace("@address@", address or words)


def moment(found):
    """As the database tells a date, or one with a time (mail_date, mail_time)."""
    day = datetime.date.fromisoformat(found[1])
    told = {"weekday": str(day.isoweekday()), "day": day.day, "month": str(day.month), "year": day.year}
    if found[2]:
        hour = int(found[2])
        told |= {"hour": str((hour + 11) % 12 + 1), "minute": found[3], "half": "am" if hour < 12 else "pm"}
    return told


def spelled(value):
    if isinstance(value, dict):
        return {key: spelled(one) for key, one in value.items()}
    if isinstance(value, list):
        return [spelled(one) for one in value]
    found = MOMENT.fullmatch(value) if isinstance(value, str) else None
    return moment(found) if found else value


def samples_of(path, text):
    """Each as what a letter's data has beside what all letters have (common/letter/data.c)."""
    try:
        found = [{"has_task": False, "has_stop": True, "things": [], **spelled(one)} for one in json.loads(text)]
    except ValueError as error:
        sys.exit(f"{path}: its samples: {error}")
    return [{**one, "first": one["things"][0]} if one["things"] else one for one in found]


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def parts_of(path, name, source, looks):
    """{"ask.subject": …, "ask.text": …, "ask.html": …}, the latter two within the frame of a whole mail."""
    made = Source(path, looks)
    source, _, samples = source.partition("\nSamples:\n")
    subject, _, body = source.partition("\n") if source.startswith("Subject: ") else (None, "", source)
    for run in re.split(r"\n\s*\n", body.strip("\n")):
        made.lines(run.split("\n"))
    if subject is None:
        return {f"{name}.{mode}": out for mode, out in made.out.items()}
    return {**{f"{name}.sample{i}": compact(one) for i, one in enumerate(samples_of(path, samples or "[]"), 1)},
            f"{name}.subject": subject.removeprefix("Subject: ") + "\n",
            f"{name}.text": made.out["text"] + "{{>foot.text}}\n",
            f"{name}.html": "{{>head.html}}\n" + made.out["html"] + "{{>foot.html}}\n"}
