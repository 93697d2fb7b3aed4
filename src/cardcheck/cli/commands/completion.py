# SPDX-License-Identifier: Apache-2.0
"""``cardcheck completion``: scripts that let a shell complete commands and options."""

from __future__ import annotations

from typing import Final

import click

from cardcheck.cli.language import group_lang_option

_ASK: Final = "_CARDCHECK_COMPLETE"
"""The variable by which a shell asks click for completions, instead of running a command."""


@click.command(name="completion")
@group_lang_option
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
def completion_command(shell: str) -> None:
    """Print a script that completes commands and options in SHELL.

    \b
    bash:        cardcheck completion bash >> ~/.bashrc
    zsh:         cardcheck completion zsh >> ~/.zshrc
    fish:        cardcheck completion fish > ~/.config/fish/completions/cardcheck.fish
    powershell:  cardcheck completion powershell >> $PROFILE
    """  # noqa: D301 - \b is meant as the character: click keeps the lines of its paragraph
    import sys

    from cardcheck.output.streams import write_text

    write_text(sys.stdout, script(shell))


def script(shell: str) -> str:
    """The script for ``bash``, ``zsh``, ``fish`` or ``powershell``."""
    if shell == "powershell":
        from importlib.resources import files

        path = files("cardcheck.cli").joinpath("completion.ps1")
        return path.read_text(encoding="utf-8")
    from click.shell_completion import get_completion_class

    from cardcheck.cli.main import cli

    completion = get_completion_class(shell)
    assert completion is not None
    made = completion(cli, {}, "cardcheck", _ASK)
    # Not ``source()``, which for bash starts one to ask for its version.
    return made.source_template % made.source_vars()
