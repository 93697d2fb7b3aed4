@echo off
rem SPDX-License-Identifier: Apache-2.0
rem
rem Windows: sets up what is missing, then runs the main job; a double click does. Arguments are those of
rem `cardcheck scan`. Not run by anybody yet: see CONTRIBUTING.md.
setlocal
set "root=%~dp0.."
set "venv=%root%\.venv"
set "python=%venv%\Scripts\python.exe"

if exist "%venv%\set-up-for-run" (
  fc /b "%venv%\set-up-for-run" "%root%\requirements\run.txt" >nul 2>&1 && goto scan
)
set "launcher="
for %%p in ("py -3" "python") do (
  if not defined launcher (
    %%~p -c "import sys; sys.exit(sys.version_info < (3, 11))" >nul 2>&1 && set "launcher=%%~p"
  )
)
if not defined launcher (
  echo setup: Python 3.11 or later is needed: www.python.org or the Microsoft Store 1>&2
  exit /b 2
)
echo setup: setting up .venv ^(about half a minute^) 1>&2
%launcher% -m venv --clear "%venv%" 1>&2 || goto failed
"%python%" -m pip install --quiet --disable-pip-version-check --require-hashes -r "%root%\requirements\build.txt" 1>&2 || goto failed
"%python%" -m pip install --quiet --disable-pip-version-check --require-hashes --no-build-isolation -r "%root%\requirements\run.txt" 1>&2 || goto failed
copy /y "%root%\requirements\run.txt" "%venv%\set-up-for-run" >nul || goto failed

:scan
set "PYTHONPATH=%root%\src"
"%python%" -m cardcheck scan --or-simulate %*
set "code=%errorlevel%"
rem A double click opens a window that would close at once: cmd was started with /c for this file.
echo %cmdcmdline% | find /i "%~nx0" >nul && if "%~1"=="" pause
exit /b %code%

:failed
echo setup: the Python packages could not be installed; what pip says stands above 1>&2
exit /b 2
