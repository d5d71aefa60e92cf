@echo off
rem Starts the command line on Windows, with the portable Node unpacked as the folder "node" beside this one, or else with that of the machine.
setlocal
set "NODE=%~dp0..\node\node.exe"
if not exist "%NODE%" set "NODE=node"
"%NODE%" --max-semi-space-size=4 "%~dp0affluent.js" %*
exit /b %ERRORLEVEL%
