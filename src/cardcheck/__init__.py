# SPDX-License-Identifier: Apache-2.0
"""cardcheck says why login with a My Number card fails, and what to do about it.

What belongs here: the version, the build date, and the names that programs may rely on, each loaded
when it is first used. What does not: any other import, so that ``cardcheck --version`` stays fast.
"""

TYPE_CHECKING = False  # as in ``typing``, which takes time to load
if TYPE_CHECKING:
    from cardcheck.composition.explanation import Explanation, explain
    from cardcheck.composition.library import replay, scan, to_json, to_text
    from cardcheck.composition.options import LookOptions
    from cardcheck.errors import CardcheckError, InputError
    from cardcheck.report.model import Report
    from cardcheck.simulation.virtual import virtual_card

__all__ = [
    "BUILD_DATE",
    "CardcheckError",
    "Explanation",
    "InputError",
    "LookOptions",
    "Report",
    "__version__",
    "explain",
    "replay",
    "scan",
    "to_json",
    "to_text",
    "virtual_card",
]

__version__ = "0.1.0"

# A computer clock before this day cannot be right, so certificates cannot be judged by it.
BUILD_DATE = "2026-11-21"

_HOMES = {
    "CardcheckError": "errors",
    "Explanation": "composition.explanation",
    "InputError": "errors",
    "LookOptions": "composition.options",
    "Report": "report.model",
    "explain": "composition.explanation",
    "replay": "composition.library",
    "scan": "composition.library",
    "to_json": "composition.library",
    "to_text": "composition.library",
    "virtual_card": "simulation.virtual",
}

if not TYPE_CHECKING:  # so that a type checker knows of a slip

    def __getattr__(name: str) -> object:
        """What programs may rely on, loaded when it is first asked for.

        Raises:
            AttributeError: anything else.
        """
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
