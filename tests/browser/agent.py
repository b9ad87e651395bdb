# SPDX-License-Identifier: Apache-2.0
"""certenroll-agent, opened with a launch file as by a desktop, and the person at its pinentry."""

import os
import re

from driver import Failed, PATIENCE, start, stop, until


class Agent:
    def __init__(self, home, language, launch_file, answers):
        self.output = os.path.join(home, "browser", "agent.log")
        with open(os.path.join(home, "pinentry", "answers"), "w", encoding="ascii") as file:
            file.write("".join(f"{answer}\n" for answer in answers))
        environment = {
            "HOME": home, "XDG_STATE_HOME": os.path.join(home, "state"), "PATH": "/usr/bin:/bin",
            "LC_ALL": "ja_JP.UTF-8" if language == "ja" else "C.UTF-8",
            "SOFTHSM2_CONF": os.path.join(home, "softhsm2.conf"),
            "LD_LIBRARY_PATH": os.path.join(home, "bin"),
        }
        with open(self.output, "wb") as log:
            self.process = start(
                [os.path.join(home, "bin", "certenroll-agent"), "--config",
                 os.path.join(home, "ra.json"), launch_file], environment, log)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        stop(self.process)

    def said(self):
        with open(self.output, encoding="utf-8") as file:
            return file.read()

    def number(self):
        """The six digits that it shows once it is ready."""
        def look():
            found = re.search(r"(?<!\d)\d{6}\s*$", self.said(), re.MULTILINE)
            if not found and self.process.poll() is not None:
                raise Failed(f"the agent has ended: {self.said()}")
            return found
        return until("the agent shows a number", look).group().strip()

    def finish(self):
        status = self.process.wait(PATIENCE)
        if status != 0:
            raise Failed(f"the agent's exit status is {status}: {self.said()}")
