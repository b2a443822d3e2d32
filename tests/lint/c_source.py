"""What the lints of C share: which files there are, and their text without comments and strings."""
import os
import re
import sys

C_SUFFIXES = (".c", ".h", ".def")
COMMENT_OR_LITERAL = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)
INCLUDE_LINE = re.compile(r"^\s*#\s*include\b.*$", re.M)


def files(root, *folders):
    """The C files under the folders, as paths relative to root, sorted."""
    found = []
    for folder in folders:
        for where, _, names in os.walk(os.path.join(root, folder)):
            found += [os.path.relpath(os.path.join(where, name), root)
                      for name in names if name.endswith(C_SUFFIXES)]
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def without_comments(text):
    """Comments become blanks; line numbers and strings stay (an include is written as a string)."""
    return COMMENT_OR_LITERAL.sub(
        lambda m: blank(m.group()) if m.group().startswith("/") else m.group(), text)


def code_only(text):
    """Comments and literals become blanks; line numbers stay."""
    return COMMENT_OR_LITERAL.sub(lambda m: blank(m.group()), text)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def finish(name, problems):
    """Prints the problems as `file:line: what`, and ends with 1 if there are any."""
    for problem in problems:
        print(f"{problem} [{name}]")
    sys.exit(1 if problems else 0)
