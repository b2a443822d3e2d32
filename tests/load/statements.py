"""The statements that a request sends, as the server's log has them, and pgbench scripts of them.

The texts are not copied here: what pgbench does is what the API does, also after a change.
"""
import json
import re
import secrets
from dataclasses import dataclass

import psycopg

from world import wait_until


@dataclass
class Statement:
    name: str
    text: str
    params: dict[int, str | None]  # by number, as they came


def _params(detail):
    """Of "parameters: $1 = 'a', $2 = NULL": a quote within is doubled."""
    return {int(number): None if text == "NULL" else text[1:-1].replace("''", "'")
            for number, text in re.findall(r"\$(\d+) = (NULL|'(?:[^']|'')*')", detail)}


class StatementLog:
    """Reads the jsonlog of a server on which the role's statements are logged."""

    def __init__(self, path, uri):
        self.path = path
        self.uri = uri

    def _mark(self):
        """Writes a line, waits until it can be read, and gives all lines up to it."""
        mark = secrets.token_hex(16)
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute("SET log_statement = 'all'")
            connection.execute(f"SELECT '{mark}'")

        def lines():
            with open(self.path, encoding="utf-8") as file:
                text = file.read()
            return [json.loads(line) for line in text[:text.rindex("\n")].split("\n")]

        def until_mark():
            found = lines()
            return found if any(mark in line.get("message", "") for line in found) else None
        return wait_until(until_mark, "the mark in the server's log")

    def of(self, request):
        """What request() sends."""
        before = len(self._mark())
        request()
        matches = [(re.fullmatch(r"execute (\S+): (.*)", line.get("message", ""), re.DOTALL),
                    line.get("detail", "")) for line in self._mark()[before:]]
        return [Statement(match[1], match[2], _params(detail)) for match, detail in matches
                if match and match[1] != "<unnamed>"]


class Script:
    """A pgbench script: statements with their parameters as variables of pgbench, but for those
    that are given as SQL."""

    def __init__(self):
        self.lines = []
        self.variables = {}

    def set_random(self, name, low, high):
        self.lines.append(f"\\set {name} random({low}, {high})")

    def _param(self, statement, number, given):
        value = statement.params[number]
        if number in given:
            return given[number]
        if value is None:
            return "NULL"  # pgbench has no such variable
        name = f"{statement.name}_{number}"
        self.variables[name] = value
        return f":{name}"

    def add(self, statement, given=None, also=""):
        """`given`: SQL in place of parameters, by number. `also`: more text at the end."""
        # What pgbench would take for a variable of its own.
        assert not re.search(r"(?<!:):\w", statement.text), statement.text
        text = re.sub(r"\$(\d+)", lambda m: self._param(statement, int(m[1]), given or {}),
                      statement.text)
        self.lines.append(f"{text}{also};")

    def pipeline(self, *adds):
        """One unit: each of `adds` is the arguments of an add()."""
        self.lines.append("\\startpipeline")
        for arguments in adds:
            self.add(*arguments)
        self.lines.append("\\endpipeline")

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(self.lines) + "\n")
        return path
