"""The faults, and how one is declared: an id, one sentence, what it needs, a body that tries it."""

import dataclasses


class Failed(Exception):
    """A promise did not hold; the text says what was expected and what was seen."""


class Skipped(Exception):
    """The fault can't be tried here; the text is the reason."""


@dataclasses.dataclass(frozen=True)
class Fault:
    """One way in which things go wrong, and the function that makes it happen and checks what follows."""

    id: str
    what: str
    needs: tuple
    is_short: bool
    body: object


FAULTS = []


def fault(id, what, needs=(), short=False):
    """Adds the decorated function, which takes a Trial, to the catalogue.

    needs: names of means that needs.py knows. short: whether the form under four minutes has it.
    """

    def add(body):
        FAULTS.append(Fault(id, what, tuple(needs), short, body))
        return body

    return add


def expect(condition, text):
    """Fails the fault that is being tried unless the condition is true."""
    if not condition:
        raise Failed(text)


def natural_order(id):
    """Sorts W2 before W10."""
    return id[0], int("".join(c for c in id if c.isdigit()) or 0), id
