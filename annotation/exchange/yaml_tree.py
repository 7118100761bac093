"""YAML as texts, lists and objects, each with its line. Nothing in it is ever built or run.

Every scalar is the text that stands there: an intent called `no` stays `no`. The parser's
events are read one after another, so that neither depth nor aliases cost more than the file.
"""

from dataclasses import dataclass
from typing import Any

import yaml

from annotation.exchange.entries import NotReadable

DEEPEST = 20
A_TEXT_TAG = "tag:yaml.org,2002:str"
# The one in C is fifty times as quick, and is not in every build.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

BROKEN = "This is not YAML from line {line} on. Mend it there, then send the file again."
ALIASES = "Line {line} refers to another place of the file (*name). Write out what it stands for."
TAGS = "Line {line} has a tag (!name). Write plain texts, lists and objects without tags."
TOO_DEEP = "Line {line} lies more than 20 levels deep. Nothing that is taken in lies so deep."
TWICE = "“{key}” stands twice in one object, on line {line}. Leave it once."
KEYS = "Line {line} has a list or an object where a name should be."
DOCUMENTS = "This file holds several documents (---). Send them one by one."


@dataclass
class Node:
    line: int
    value: "str | list[Node] | dict[str, Node]"
    key: str | None = None  # of an object that is being read: what the next value is called


def parse(text: str) -> Node | None:
    """The root, or None if there is nothing. Raise NotReadable."""
    try:
        return _Builder().build(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise NotReadable(BROKEN.format(line=line)) from error


class _Builder:
    def __init__(self) -> None:
        self.root: Node | None = None
        self.open: list[Node] = []

    def build(self, text: str) -> Node | None:
        for event in yaml.parse(text, Loader=LOADER):
            self._take(event, line=event.start_mark.line + 1 if event.start_mark else 0)
        return self.root

    def _take(self, event: yaml.Event, *, line: int) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise NotReadable(ALIASES.format(line=line))
        if isinstance(event, yaml.ScalarEvent):
            self._take_text(event, line=line)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event, line=line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()

    def _take_text(self, event: yaml.ScalarEvent, *, line: int) -> None:
        _refuse_tag(event.tag, line=line)
        holder = self.open[-1] if self.open else None
        if holder and isinstance(holder.value, dict) and holder.key is None:
            if event.value in holder.value:
                raise NotReadable(TWICE.format(key=event.value[:40], line=line))
            holder.key = event.value
            return
        # A block begins beneath its mark.
        self._put(Node(line + 1 if event.style in ("|", ">") else line, event.value))

    def _begin(self, event: yaml.CollectionStartEvent, *, line: int) -> None:
        _refuse_tag(event.tag, line=line)
        if len(self.open) >= DEEPEST:
            raise NotReadable(TOO_DEEP.format(line=line))
        node = Node(line, {} if isinstance(event, yaml.MappingStartEvent) else [])
        self._put(node)
        self.open.append(node)

    def _put(self, node: Node) -> None:
        if not self.open:
            if self.root:
                raise NotReadable(DOCUMENTS)
            self.root = node
            return
        holder = self.open[-1]
        if isinstance(holder.value, list):
            holder.value.append(node)
        elif isinstance(holder.value, dict):
            if holder.key is None:
                raise NotReadable(KEYS.format(line=node.line))
            holder.value[holder.key], holder.key = node, None


def _refuse_tag(tag: str | None, *, line: int) -> None:
    if tag not in (None, "!", A_TEXT_TAG):
        raise NotReadable(TAGS.format(line=line))
