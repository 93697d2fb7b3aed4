# SPDX-License-Identifier: Apache-2.0
"""The watch as a scheduled task of Windows, as XML for ``schtasks /Create /XML``.

What belongs here: the task: when, as whom, what. What does not: registering it. As LOCAL SERVICE,
which has no password and hardly a right; from the start of the computer, without an end, again
after a minute where it failed. Source: learn.microsoft.com, Task Scheduler Schema.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

_TASK: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><URI>\\cardcheck-watch</URI></RegistrationInfo>
  <Triggers><BootTrigger><Enabled>true</Enabled></BootTrigger></Triggers>
  <Principals>
    <Principal id="Author"><UserId>S-1-5-19</UserId><RunLevel>LeastPrivilege</RunLevel></Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec><Command>{program}</Command><Arguments>{arguments}</Arguments></Exec>
  </Actions>
</Task>
"""


def task_xml(command: Sequence[str]) -> str:
    """The task that runs ``command``, whose first part is the whole name of the program."""
    program, *arguments = command
    return _TASK.format(
        program=escape(program), arguments=escape(" ".join(map(_quoted, arguments)))
    )


def _quoted(argument: str) -> str:
    """An argument as Windows programs take it apart (learn.microsoft.com, parsing arguments)."""
    inner = re.sub(r'(\\*)"', r'\1\1\\"', argument)
    if argument and not set(argument) & set(" \t"):
        return inner
    end = "\\" * (len(argument) - len(argument.rstrip("\\")))
    return f'"{inner}{end}"'
