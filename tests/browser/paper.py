"""What stands on paper: the text of a PDF as Chromium prints it, whose fonts say by a table what their glyphs mean."""

import re
import unicodedata
import zlib

OBJECT = re.compile(rb"(\d+) 0 obj(.*?)endobj", re.S)
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.S)
# A font is chosen, or glyphs are set; a place where others begin.
SET = re.compile(rb"/F(\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>|(T[dm*])\b")


def streams(objects):
    for number, body in objects.items():
        found = STREAM.search(body)
        if found:
            yield number, zlib.decompress(found[1]) if b"/FlateDecode" in body else found[1]


def meanings(table):
    """{glyph: text} of a ToUnicode table."""
    found = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.S):
        for glyph, text in re.findall(rb"<(\w+)>\s*<(\w+)>", block):
            found[int(glyph, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.S):
        for first, last, text in re.findall(rb"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for n in range(int(first, 16), int(last, 16) + 1):
                found[n] = chr(int(text, 16) + n - int(first, 16))
    return found


def text_of(pdf):
    """Its words, a space between what stands apart."""
    objects = {int(number): body for number, body in OBJECT.findall(pdf)}
    content = dict(streams(objects))
    fonts = {number: meanings(content[int(table[1])]) for number, body in objects.items()
             for table in [re.search(rb"/ToUnicode (\d+) 0 R", body)] if table}
    said = []
    for stream in content.values():
        if b" Tf" not in stream:
            continue
        font = {}
        for chosen, glyphs, moves in SET.findall(stream):
            if chosen:
                font = fonts.get(int(chosen), {})
            said += [font.get(int(glyphs[n:n + 4], 16), "") for n in range(0, len(glyphs), 4)] if glyphs else [" "] if moves else []
    return " ".join(unicodedata.normalize("NFKC", "".join(said)).split())  # "fi" may be one letter
