# SPDX-License-Identifier: Apache-2.0
"""What a browser under test is to a test, whichever browser it is. marionette.py and chromium.py
say how it is started, spoken to, and how its dialogs for PIN and certificate are answered."""

import json
import os
import signal
import subprocess
import time

# Only ends what hangs: a loaded machine may take many times what an idle one does.
PATIENCE = 180
WIDTHS = (1280, 400)


class Failed(Exception):
    """What was to happen has not."""


class Refused(Failed):
    """The browser says no to a command."""


def until(what, look, patience=PATIENCE, between=0.05):
    """Looks until there is something to see, and returns that."""
    end = time.monotonic() + patience
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > end:
            raise Failed(f"after {patience} seconds still not: {what}")
        time.sleep(between)


def start(command, environment, log, **more):
    """A program in a process group of its own, which the kernel ends if this one is killed."""
    return subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", "--", *command],
        env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        start_new_session=True, **more)


def stop(process):
    """Ends it and what it has started."""
    if process is None:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            pass
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            pass
    process.wait()


def run(command, environment):
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}: {done.stdout}")


class Place:
    """A home for one browser, with the CA and the token's module in its NSS database. `port` is
    the bank's."""

    def __init__(self, folder, language, port, ca, module, softhsm2_conf):
        self.folder = folder
        self.language = language
        self.port = port
        self.ca = ca
        self.module = module
        self.downloads = os.path.join(folder, "downloads")
        for name in ("downloads", "tmp", ".config", ".cache"):
            os.makedirs(os.path.join(folder, name), exist_ok=True)
        # The language of the pages is a setting of the browser; its own windows are in English.
        self.environment = {
            "PATH": "/usr/bin:/bin", "HOME": folder, "TMPDIR": os.path.join(folder, "tmp"),
            "XDG_CONFIG_HOME": os.path.join(folder, ".config"),
            "XDG_CACHE_HOME": os.path.join(folder, ".cache"),
            "LC_ALL": "C.UTF-8", "SOFTHSM2_CONF": softhsm2_conf,
            "DBUS_SESSION_BUS_ADDRESS": "disabled:", "NO_AT_BRIDGE": "1",
        }

    def make_database(self, database):
        os.makedirs(database, exist_ok=True)
        name = f"sql:{database}"
        run(["certutil", "-N", "-d", name, "--empty-password"], self.environment)
        run(["certutil", "-A", "-d", name, "-n", "Demo CA", "-t", "C,,", "-i", self.ca],
            self.environment)
        if self.module:
            run(["modutil", "-dbdir", name, "-add", "token", "-libfile", self.module, "-force"],
                self.environment)

    def log(self, name):
        return open(os.path.join(self.folder, name), "ab")


class Browser:
    """The pages of one browser window. What the two browsers do differently is in

    start(), close();
    run_script(TEXT): what that returns, or None between two pages;
    go(URL), click_at(SELECTOR), press(KEY), type_text(TEXT), resize(WIDTH);
    shoot(): a picture of the whole page; complaints(): what the browser did not like about pages;
    log_on(LINK, NAME, WANTED, PIN): follows that link, types the PIN into the token's dialog, and
    chooses the certificate of that name in the picker, which has the WANTED ones. Returns the names
    that it had and what the dialog for the PIN said, or None for what cannot be read.
    """

    # A document that has just begun has nothing in it; before one of another site comes an empty
    # one. Chromium drops what is typed before the page was painted for the first time.
    IS_NEW = """(location.protocol == "https:" && document.readyState == "complete" &&
        document.documentElement && !document.documentElement.dataset.left &&
        performance.getEntriesByType("paint").length > 0)"""

    def __init__(self, place, pictures):
        self.place = place
        self.pictures = pictures

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *what):
        self.close()

    def value(self, expression):
        """Of a JavaScript expression, as soon as there is a page."""
        text = f"return JSON.stringify({expression}) ?? 'null'"
        return json.loads(until("a page", lambda: self.run_script(text)))

    def until(self, expression, what=None):
        try:
            until(what or expression, lambda: self.value(expression))
        except Failed as error:
            raise Failed(f"{error}, at {self.value('location.href')}") from error

    def open(self, url):
        self.leave(lambda: self.go(url))

    def mark(self):
        """A page without this mark is another one."""
        self.value("(document.documentElement.dataset.left = true)")

    def leave(self, act):
        """Does what brings another page, and waits for that to be whole."""
        self.mark()
        act()
        self.until(self.IS_NEW, "another page")

    def click(self, selector):
        """As a person does: on what is there and not disabled."""
        found = json.dumps(selector)
        self.until(f"document.querySelector({found})?.disabled === false ||"
                   f"document.querySelector({found})?.tagName == 'A'", selector)
        self.click_at(selector)

    def follow(self, selector):
        self.leave(lambda: self.click(selector))

    def fill(self, selector, text):
        self.click(selector)
        self.until(f"document.activeElement == document.querySelector({json.dumps(selector)})")
        self.type_text(text)

    def text(self, selector="body"):
        return self.value(f"document.querySelector({json.dumps(selector)})?.innerText")

    def path(self):
        return self.value("location.pathname")

    def keep_evidence(self, file):
        """Of what went wrong: the page's address, source and picture."""
        print(f"at {self.value('location.href')}", flush=True)
        with open(file + ".html", "w", encoding="utf-8") as source:
            source.write(self.value("document.documentElement.outerHTML") or "")
        self.screenshot(file + ".png")

    def screenshot(self, file):
        with open(file, "wb") as picture:
            picture.write(self.shoot())
