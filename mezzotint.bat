@echo off
rem mezzotint from a checkout: the first call sets up .venv beside this file, every call runs the command in it.
setlocal
set "here=%~dp0"
set "here=%here:~0,-1%"
set "venv=%here%\.venv"
set "what=runtime"
if "%~1"=="test" set "what=dev"

if exist "%venv%\Scripts\python.exe" (
    "%venv%\Scripts\python.exe" -I "%here%\launcher\install.py" %what% --check --root "%here%" && goto run
)
set "suitable=import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
set "python="
if defined MEZZOTINT_PYTHON call :try "%MEZZOTINT_PYTHON%"
for %%v in (3.13 3.12 3.11) do call :try py -%%v
call :try python
if not defined python (
    echo error: mezzotint needs Python 3.11, 3.12 or 3.13, and none was found.>&2
    echo Install one, or say where it is: set MEZZOTINT_PYTHON=C:\path\to\python.exe>&2
    exit /b 1
)
%python% "%here%\launcher\install.py" %what% --root "%here%" || exit /b 1

:run
"%venv%\Scripts\mezzotint.exe" %*
exit /b

:try
if defined python exit /b
%* -c "%suitable%" >nul 2>nul && set "python=%*"
exit /b
