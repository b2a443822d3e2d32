"""What a mail's two parts say: their words and addresses, in order, without how they look.

The HTML's frame is not counted: the sender's name above the card, which the text's reader sees as who sends it, and the
help with a button, whose address the text shows by itself."""
import html.parser
import re

WORD = re.compile(r"https?://\S+|[^\W_]+")
VOID = {"br", "meta", "img", "link", "hr"}
UNSEEN = {"style", "title", "head"}
FRAME = {"sender", "help"}


class Page(html.parser.HTMLParser):
    """`said`: words and links' addresses, each of these behind its label."""

    def __init__(self, text):
        super().__init__()
        self.open = []
        self.said = []
        self.feed(text)
        self.close()
        assert self.open == [], self.open

    def handle_starttag(self, tag, attrs):
        if tag in VOID:
            return
        fields = dict(attrs)
        hidden = tag in UNSEEN or bool(FRAME & set((fields.get("class") or "").split()))
        self.open.append((tag, fields, hidden or bool(self.open and self.open[-1][2]), len(self.said)))

    def handle_endtag(self, tag):
        opened, fields, hidden, since = self.open.pop()
        assert opened == tag, (opened, tag)
        if tag == "a" and not hidden and self.said[since:] != [fields["href"]]:
            self.said.append(fields["href"])

    def handle_data(self, data):
        if not (self.open and self.open[-1][2]):
            self.said += WORD.findall(data)


def of_page(text):
    return Page(text).said


def of_text(text):
    return WORD.findall(text)
