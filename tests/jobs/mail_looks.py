"""Colors of a mail's HTML, as a client shows them that knows no sheet, or one that knows the dark mode."""
import html.parser
import re

from mail_words import VOID

DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{\n(.*?)\n\}\n", re.S)
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")


def declared(style):
    return {name.strip(): value.replace("!important", "").strip()
            for name, _, value in (one.partition(":") for one in (style or "").split(";")) if value}


def luminance(color):
    parts = [int(color[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """WCAG 2.2, SC 1.4.3."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class Painted(html.parser.HTMLParser):
    """`seen`: (words, their color, what is behind them, their size) of each run of text."""

    def __init__(self, page, is_dark):
        super().__init__()
        found = DARK.search(page)
        self.rules = [(name.strip().lstrip("."), declared(body))
                      for names, body in RULE.findall(found[1] if found and is_dark else "")
                      for name in names.split(",")]
        self.open = [("", {"color": "#000000", "background": "#ffffff"})]
        self.seen = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag in VOID:
            return
        fields = dict(attrs)
        look = dict(self.open[-1][1])
        if "bgcolor" in fields:
            look["background"] = fields["bgcolor"]
        look |= {name: value for name, value in declared(fields.get("style")).items()
                 if name in ("color", "background", "font-size", "font-family")}
        classes = (fields.get("class") or "").split()
        for name, rules in self.rules:
            if name in classes:
                look |= {key: value for key, value in rules.items() if key in ("color", "background")}
        self.open.append((tag, look))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        tags = {tag for tag, _ in self.open}
        if data.strip() and not tags & {"style", "title"}:
            look = self.open[-1][1]
            self.seen.append((data.strip(), look["color"], look["background"], look.get("font-size"), look.get("font-family")))
