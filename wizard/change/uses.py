"""Which files that a change created are still used once it is undone.

The configuration is read as it will be then, and those of the servers that run. A file that one of
them still names stays; one that a later change came to use keeps the change from being undone
before that one.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Collection, Iterator, Mapping, Sequence

from wizard.change import activation
from wizard.change.journal import Store
from wizard.config.installation.filesystem import merge_path
from wizard.config.installation.layout import locate
from wizard.config.preprocess import reader
from wizard.config.syntax.tree import Tree
from wizard.config.syntax.words import split_words
from wizard.errors import Advice, ChangeError, WizardError
from wizard.httpd import readers
from wizard.model.change import Change
from wizard.model.scope import HttpdChoice, Scope
from wizard.record import record

_ENTRIES = 20_000
"""Names in a directory of certificates that are looked at, as many as elsewhere
(``wizard.fix.trust.stores``)."""


@record
class Use:
    """A place of a configuration that names a file.

    Args:
        path: real path of the file.
        word: the argument that names it, or the directory that it lies in.
        file: real path of the file of the configuration.
        line: in it, from 1.
    """

    path: str
    word: str
    file: str
    line: int


def scope(change: Change) -> Scope:
    """The configuration of a change, with the httpd that it was made for."""
    lone = next((file.path for file in change.files if file.before is not None), None)
    return Scope(path=change.config or lone, httpd=HttpdChoice(change.httpd))


def still_used(store: Store, change: Change) -> dict[str, str]:
    """The files that a change created and that are used when it is undone.

    Args:
        store: has the change and the later ones.
        change: that is to be undone.

    Returns:
        Real path of each to the reason why it stays, a sentence.

    Raises:
        ChangeError: a later change uses one of them.
        OSError: a backup cannot be read.
    """
    created = [file.path for file in change.files if file.before is None]
    created = [path for path in created if os.path.lexists(path)]
    if not created:
        return {}
    changes = store.changes()
    later = [c for c in reversed(changes) if c.id > change.id and c.state == "applied"]
    for path in created:
        _refuse_later(store, later, path, path)
    old = {
        file.path: store.old(change, number)
        for number, file in enumerate(change.files)
        if file.before is not None
    }
    found: dict[str, str] = {}
    trees: list[Tree] = []
    for one in {(c.config, c.httpd): c for c in (*changes, change) if c.config}.values():
        try:
            trees.append(_read(one, old))
        except WizardError as error:
            if os.path.lexists(one.config):
                reason = f"{one.config} cannot be read, so it may use it. {error}"
                found.update(dict.fromkeys(created, reason))
    known = {c.config for c in changes}
    trees += readers.others(known, old, HttpdChoice(change.httpd))
    for use in (use for tree in trees for use in _uses(tree, created)):
        _refuse_later(store, later, use.path, use.word, use)
        found.setdefault(use.path, f"line {use.line} of {use.file} uses it.")
    return found


def _refuse_later(
    store: Store, later: Sequence[Change], path: str, word: str, use: Use | None = None
) -> None:
    """Refuses if a later change wrote what names a file.

    Args:
        store: has the changes.
        later: the changes, the last one first.
        path: of the file.
        word: what names it.
        use: where; None: wherever a later change wrote it.

    Raises:
        ChangeError: one did.
    """
    for change in later:
        for number, file in enumerate(change.files):
            line = _added(store, change, number, word)
            if line and (use is None or use.file == file.path):
                raise ChangeError(
                    f"the later change {change.id} uses this file (in line "
                    f"{use.line if use else line} of {file.path}), and has to be undone first.",
                    file=path,
                    hint=Advice("undo", change.id),
                )


def _added(store: Store, change: Change, number: int, word: str) -> int:
    """The line in which a change wrote a word into a file; 0: it did not."""
    wanted = os.fsencode(word)
    before = b"" if change.files[number].before is None else store.old(change, number)
    after = store.new(change, number)
    if after.count(wanted) <= before.count(wanted):
        return 0
    return after[: after.rindex(wanted)].count(b"\n") + 1


def _read(change: Change, overlay: Mapping[str, bytes]) -> Tree:
    target = activation.live(scope(change), [file.path for file in change.files])
    if target is not None:
        return reader.read(target.layout, target.scope.defines, overlay=overlay)
    return reader.read(locate(change.config, httpd=HttpdChoice(change.httpd)), overlay=overlay)


def _uses(tree: Tree, paths: Collection[str]) -> Iterator[Use]:
    """Where a configuration names one of some files, or a directory of certificates with it."""
    real: dict[str, str] = {}
    leads: dict[str, frozenset[str]] = {}
    for key, args, place, line in (*_read_lines(tree), *_other_lines(tree, paths)):
        for word in split_words(args):
            if "://" in word or "\0" in word:
                continue
            full = real.get(word)
            if full is None:
                full = real[word] = os.path.realpath(merge_path(tree.server_root, word))
            if key.endswith("path") and full not in leads:
                leads[full] = _linked_from(full)
            for path in paths:
                if full == path or (
                    key.endswith("path")
                    and (full == path.rpartition("/")[0] or path in leads[full])
                ):
                    yield Use(path, word, place, line)


def _read_lines(tree: Tree) -> Iterator[tuple[str, str, str, int]]:
    """Directive, arguments, file and line of all that httpd reads."""
    for node in tree.walk():
        file = tree.files.get(node.file)
        yield node.key, node.args, file.real_path if file else node.file, node.line


def _other_lines(tree: Tree, paths: Collection[str]) -> Iterator[tuple[str, str, str, int]]:
    """Likewise what names one of some files as text where httpd does not read now: a later start
    may (``<IfDefine>``, ``<IfModule>``)."""
    names = [os.fsencode(path.rpartition("/")[2]) for path in paths]
    for file in tree.files.values():
        for number, line in enumerate(file.data.split(b"\n"), 1):
            if any(name in line for name in names) and not line.lstrip().startswith(b"#"):
                key, _, args = os.fsdecode(line).strip().partition(" ")
                yield key.lower(), args, file.real_path, number


def _linked_from(directory: str) -> frozenset[str]:
    """The files that the links in a directory of certificates lead to (``c_rehash``)."""
    try:
        with os.scandir(directory) as entries:
            links = [e.path for e in itertools.islice(entries, _ENTRIES) if e.is_symlink()]
    except OSError:
        return frozenset()
    return frozenset(map(os.path.realpath, links))
