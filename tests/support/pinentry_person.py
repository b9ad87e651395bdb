# SPDX-License-Identifier: Apache-2.0
"""A person at a graphical pinentry: starts a program on an X server of its own, and answers the
windows that it opens, one after the other, by the keyboard.

    pinentry_person.py FOLDER PICTURES COMMAND...

FOLDER is the person's, and has in `deeds` a line for each window: its picture's name, and either
`key KEY` (xdotool's name for it) or `type TEXT`, which is followed by the Return key. It exits as
COMMAND does. Beside it are driver.py and screen.py of the browsers' tests."""

import os
import subprocess
import sys

from driver import Failed, PATIENCE, start, stop, until
from screen import Screen

TITLE = "^certenroll-agent$"


class Person:
    def __init__(self, folder, pictures, command):
        self.folder, self.pictures, self.command = folder, pictures, command
        self.environment = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
        self.process = self.screen = self.answered = None

    def log(self, name):
        return open(os.path.join(self.folder, name), "ab")

    def new_window(self):
        """One of another pinentry than that which was answered last. The X server may give the same
        number to the next window, so it is the process that tells."""
        window = self.screen.window(TITLE)
        pid = window and self.screen.tool("getwindowpid", window)
        if not pid and self.process.poll() is not None:
            raise Failed("the program has ended before its next window")
        return (window, pid) if pid and pid != self.answered else None

    def has_keyboard(self, window):
        self.screen.tool("windowactivate", window)
        return self.screen.tool("getactivewindow") == window

    def answer(self, name, kind, what):
        window, pid = until(f"the window for {name}", self.new_window)
        until(f"{name} has the keyboard", lambda: self.has_keyboard(window))
        picture = self.picture_of(window)
        with open(os.path.join(self.pictures, name + ".png"), "wb") as file:
            file.write(picture)
        self.answered = pid
        if kind == "type":
            self.screen.tool("type", "--file", "-", text=what)
        self.screen.tool("key", "Return" if kind == "type" else what)

    def rows_of(self, window):
        """What is on its place, which the window manager may still change."""
        place = dict(line.split("=") for line in
                     self.screen.tool("getwindowgeometry", "--shell", window).split())
        left, top, width, height = (int(place[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))
        return self.screen.rows(left, top, left + width, top + height)

    def picture_of(self, window):
        """Once its text is painted, and keeps still."""
        seen = [None]

        def is_painted():
            seen.append(self.rows_of(window))
            # An empty window has one colour, and its rows are all the same.
            return len(set(seen[-1])) > 20 and seen[-1] == seen[-2]
        until("the window is painted", is_painted)
        return self.screen.picture()

    def work(self):
        with open(os.path.join(self.folder, "deeds"), encoding="utf-8") as file:
            deeds = [line.rstrip("\n").split(" ", 2) for line in file]
        self.screen = Screen(self)
        try:
            # Its output is this one's: whoever started this reads it.
            self.process = start(self.command, self.screen.environment, None)
            for name, kind, what in deeds:
                self.answer(name, kind, what)
            return self.process.wait(PATIENCE)
        finally:
            stop(self.process)
            self.screen.close()


if __name__ == "__main__":
    try:
        sys.exit(Person(sys.argv[1], sys.argv[2], sys.argv[3:]).work())
    except (Failed, subprocess.TimeoutExpired) as error:
        sys.exit(f"failed: {error}")
