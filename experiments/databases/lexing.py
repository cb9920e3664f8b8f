"""Cuts a query into words, marks, strings and quoted names as the database does, and refuses what it may cut otherwise.

Whatever one program takes for a comment or a string and another for code is a way around every later check.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from experiments.databases.access import Kind
from experiments.errors import BadInput, gettext_noop
from experiments.privacy.masking import masked

What = Literal["word", "string", "name", "number", "mark"]
DEEPEST, NEAR = 100, 20
# Strings and names of these characters only mean the same to every program.
PLAIN = re.compile(r"[\w .,:%$+*/=()<>!?&@-]*")
BLANK = re.compile(r"[ \t\r\n\f\v]+")
NUMBER = re.compile(r"(?:0[xXbB][0-9A-Fa-f]+|\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
WORD = re.compile(r"[A-Za-z_\u0080-\U0010ffff][\w$\u0080-\U0010ffff]*")
DOUBLED = re.compile(r"'(?:[^']|'')*'")
ESCAPED = re.compile(r"'(?:[^'\\]|''|\\.)*'", re.DOTALL)
QUOTED = re.compile(r'"(?:[^"]|"")*"')
QUOTED_STRING = re.compile(r'"(?:[^"\\]|""|\\.)*"', re.DOTALL)
BACKTICKED = re.compile(r"`(?:[^`]|``)*`")
DOLLARS = re.compile(r"\$(?P<tag>[A-Za-z_]\w*|)\$.*?\$(?P=tag)\$", re.DOTALL)
# What is written right before a string and tells how it is to be read.
PREFIXES = frozenset("bBxXnN")

CANNOT_BE_READ = gettext_noop(
    "The query cannot be understood from “%(near)s” on. Keep it simple: strings in single quotes, names without "
    "special characters, no variables, comments after -- and a space or between /* and */."
)
TOO_DEEP = gettext_noop(
    "The query nests more than %(most)s brackets. Create a view in the database and select from that."
)
CHANGES_SOMETHING = gettext_noop("The query may only read: leave out INTO OUTFILE, FOR UPDATE and the like.")


@dataclass(frozen=True)
class Token:
    """A piece of a query; ``plain`` is what every program reads alike: strings and names without what quotes quotes."""

    what: What
    text: str
    plain: str

    @property
    def word(self) -> str:
        """The word in small letters; empty for anything else."""
        return self.text.lower() if self.what == "word" else ""


@dataclass(frozen=True)
class Lexed:
    """A query without its comments, as it is and as every program reads it alike, and its pieces."""

    text: str
    plain: str
    tokens: tuple[Token, ...]


def cut(query: str, kind: Kind) -> Lexed:
    """Cut a query of a kind of database into pieces.

    Raises
    ------
    BadInput : two programs may read it differently, or a quote or comment has no end.

    Examples
    --------
    >>> [token.text for token in cut("select 'a;b' -- why\\nfrom t", "postgresql").tokens]
    ['select', "'a;b'", 'from', 't']
    """
    lexer = _Lexer(query, kind)
    return lexer.run()


class _Lexer:
    def __init__(self, query: str, kind: Kind) -> None:
        self.query, self.is_mysql = query, kind == "mysql"
        self.at = 0
        self.tokens: list[Token] = []
        self.pieces: list[tuple[str, str]] = []

    def run(self) -> Lexed:
        depth = 0
        while self.at < len(self.query):
            if self._blank() or self._comment():
                self.pieces.append((" ", " "))
                continue
            token = self._string() or self._name() or self._number() or self._word() or self._mark()
            depth += (token.text == "(") - (token.text == ")")
            if depth > DEEPEST:
                raise BadInput(TOO_DEEP, most=DEEPEST)
            self.tokens.append(token)
            self.pieces.append((token.text, token.plain))
        text, plain = ("".join(side).strip() for side in zip(*self.pieces, strict=True)) if self.pieces else ("", "")
        return Lexed(text, plain, tuple(self.tokens))

    def _refuse(self, place: int) -> None:
        raise BadInput(CANNOT_BE_READ, near=masked(self.query[place : place + NEAR].strip()))

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.query, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def _blank(self) -> bool:
        return bool(self._take(BLANK))

    def _comment(self) -> bool:
        rest = self.query[self.at : self.at + 4]
        if rest.startswith("--"):
            # To MySQL two minuses without a blank are two minuses.
            if self.is_mysql and rest[2:3] not in ("", " ", "\t", "\r", "\n", "\f", "\v"):
                self._refuse(self.at)
            self._to_line_end()
        elif rest.startswith("#") and self.is_mysql:
            self._to_line_end()
        elif rest.startswith("/*"):
            # MySQL carries out what stands in comments that begin with an exclamation mark.
            if rest.upper().startswith(("/*!", "/*M!")):
                raise BadInput(CHANGES_SOMETHING)
            self._to_comment_end()
        else:
            return False
        return True

    def _to_line_end(self) -> None:
        end = self.query.find("\n", self.at)
        # To PostgreSQL a carriage return ends it too.
        if "\r" in self.query[self.at : end if end >= 0 else None].rstrip("\r"):
            self._refuse(self.at)
        self.at = len(self.query) if end < 0 else end + 1

    def _to_comment_end(self) -> None:
        end = self.query.find("*/", self.at + 2)
        # PostgreSQL nests comments, MySQL does not.
        if end < 0 or "/*" in self.query[self.at + 2 : end]:
            self._refuse(self.at)
        self.at = end + 2

    def _string(self) -> Token | None:
        start = self.at
        character = self.query[start]
        if character == "'":
            text = self._take(ESCAPED if self.is_mysql else DOUBLED)
        elif character in PREFIXES and self.query[start + 1 : start + 2] == "'":
            self.at += 1
            text = self._take(ESCAPED if self.is_mysql else DOUBLED)
        elif character in "eE" and self.query[start + 1 : start + 2] == "'" and not self.is_mysql:
            self.at += 1
            text = self._take(ESCAPED)
        elif character == '"' and self.is_mysql:
            text = self._take(QUOTED_STRING)
        elif character == "$" and not self.is_mysql:
            text = self._take(DOLLARS)
        else:
            return None
        # What a backslash before a quote means, a setting of MySQL decides.
        if not text or (self.is_mysql and re.search(r"\\['\"]", text)):
            self._refuse(start)
        inside = text[1:-1]
        plain = inside if text[0] in "'\"" and PLAIN.fullmatch(inside) else "x"
        return Token("string", self.query[start : self.at], f"'{plain}'")

    def _name(self) -> Token | None:
        character, start = self.query[self.at], self.at
        if character == "`" and self.is_mysql:
            text = self._take(BACKTICKED)
        elif character == '"' and not self.is_mysql:
            text = self._take(QUOTED)
        else:
            return None
        if len(text) < 3:
            self._refuse(start)
        inside = re.sub(r"[^\w .-]", "_", text[1:-1])
        return Token("name", text, f"`{inside}`" if self.is_mysql else f'"{inside}"')

    def _number(self) -> Token | None:
        text = self._take(NUMBER)
        if text and self.query[self.at : self.at + 1].isalpha():
            self._refuse(self.at - len(text))
        return Token("number", text, text) if text else None

    def _word(self) -> Token | None:
        start = self.at
        text = self._take(WORD)
        # U&'…' and _utf8'…' are strings to be read in ways of their own.
        if text and self.query[self.at : self.at + 1] in ("'", "&") and (text.startswith("_") or text in ("u", "U")):
            self._refuse(start)
        # Blanks that are invisible are blanks to one program and letters to another.
        if any(unicodedata.category(character)[0] in "ZC" for character in text):
            self._refuse(start)
        return Token("word", text, text) if text else None

    def _mark(self) -> Token:
        character, start = self.query[self.at], self.at
        strange = "\\`$?{}" + ("@:" if self.is_mysql else "")
        if character in strange or not character.isprintable():
            self._refuse(start)
        self.at += 1
        return Token("mark", character, character)
