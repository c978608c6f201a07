"""The family of errors. Each carries a code and facts; words are made at the edge, in the reader's language."""

from __future__ import annotations


class KontorError(Exception):
    """Base of all expected failures. `code` is stable and machine-readable, `facts` are plain values for the text."""

    def __init__(self, code: str = "error", **facts: object) -> None:
        super().__init__(code, facts)
        self.code: str = code
        self.facts: dict[str, object] = facts

    def __str__(self) -> str:
        """The code alone: facts may hold personal data and must not reach a log by accident."""
        return self.code


class Invalid(KontorError):
    """One field holds something that cannot be: the wire forms show it as `...: FIELD`. `facts` name the field, too."""

    def __init__(self, field: str, code: str = "invalid", **facts: object) -> None:
        super().__init__(code, field=field, **facts)
        self.field: str = field

    def __str__(self) -> str:
        return f"{self.code}: {self.field}"


class NotAllowed(KontorError):
    """The deed is understood, but a rule or the present state forbids it."""

    def __init__(self, code: str = "not_allowed", **facts: object) -> None:
        super().__init__(code, **facts)


class AlreadyDone(KontorError):
    """Success in disguise: somebody (perhaps we) did exactly this before."""

    def __init__(self, code: str = "already_done", **facts: object) -> None:
        super().__init__(code, **facts)


class NotFound(KontorError):
    """No such thing, or none that the actor may see."""

    def __init__(self, code: str = "not_found", **facts: object) -> None:
        super().__init__(code, **facts)


class Conflict(KontorError):
    """Somebody else changed it in between, or a unique value is taken."""

    def __init__(self, code: str = "conflict", **facts: object) -> None:
        super().__init__(code, **facts)


class CurrencyMismatch(KontorError):
    """Amounts of two currencies met. Always a mistake in the program, never in the data of a person."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__("currency_mismatch", left=left, right=right)


class GatewayError(KontorError):
    """A provider said no or said nothing. `permanent` means: asking again cannot help."""

    def __init__(self, message: str, permanent: bool, code: str = "gateway_error", **facts: object) -> None:
        super().__init__(code, **facts)
        self.message: str = message
        self.permanent: bool = permanent
