"""Runs a program at a terminal and types at its prompt: terminal.py PROMPT TEXT PROGRAM [ARGUMENT...]

Prints all that the terminal shows, and ends with the exit code of the program.
"""

import os
import pty
import sys

prompt, text, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
shown = b""
typed = False
while True:
    try:
        data = os.read(terminal, 4096)
    except OSError:
        # Linux says so when the other end is closed.
        break
    if not data:
        break
    shown += data
    if not typed and prompt.encode() in shown:
        typed = True
        os.write(terminal, text.encode() + b"\r")
sys.stdout.buffer.write(shown)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
