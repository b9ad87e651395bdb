# SPDX-License-Identifier: Apache-2.0
"""Chromium on an X server of its own, by the DevTools protocol over a pair of pipes: it ends when
they do. The PIN's window and the certificate picker belong to the browser, not to a page: they are
answered by keys that the X server sends."""

import base64
import fcntl
import json
import os
import select
import time

from driver import Browser, Failed, PATIENCE, Refused, start, stop, until
from screen import HEIGHT, Screen

OPTIONS = (
    "--no-sandbox", "--test-type", "--no-first-run", "--no-default-browser-check", "--disable-gpu",
    "--password-store=basic", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-dev-shm-usage", "--no-proxy-server", "--lang=en-US",
    "--window-position=0,0", "--window-size=1280,900", "--remote-debugging-pipe", "--log-level=3",
)
KEYS = {
    "Tab": {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9},
    "Enter": {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"},
}


class Chromium(Browser):
    name = "chromium"
    screen = process = reader = writer = None

    def start(self):
        home = self.place.folder
        database = os.path.join(home, ".pki", "nssdb")
        if not os.path.exists(database):
            self.place.make_database(database)
        self.profile = os.path.join(home, "profile")
        self.write_preferences()
        self.number = 0
        self.answers = {}
        self.events = []
        self.buffer = b""
        self.screen = Screen(self.place)
        self.start_process()
        target = until("Chromium is there", self.find_page)
        self.session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True},
                                 whole=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(domain + ".enable")
        # Pictures are of the whole page, which is wider without them.
        self.call("Emulation.setScrollbarsHidden", {"hidden": True})
        self.call("Browser.setDownloadBehavior",
                  {"behavior": "allow", "downloadPath": self.place.downloads}, whole=True)

    def write_preferences(self):
        folder = os.path.join(self.profile, "Default")
        if os.path.exists(folder):
            return
        os.makedirs(folder)
        with open(os.path.join(folder, "Preferences"), "w", encoding="utf-8") as file:
            json.dump({"intl": {"accept_languages": self.place.language,
                                "selected_languages": self.place.language},
                       "translate": {"enabled": False},
                       "credentials_enable_service": False}, file)

    def start_process(self):
        """It reads what it is told on descriptor 3, and answers on 4."""
        to_browser, self.writer = os.pipe()
        self.reader, from_browser = os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (to_browser, from_browser)]
        os.close(to_browser)
        os.close(from_browser)

        def put_in_place():
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)
        # As if the bank were on the Internet, whose pages may not reach into this machine.
        public = f"--ip-address-space-overrides=127.0.0.1:{self.place.port}=public"
        self.process = start(
            ["chromium", *OPTIONS, public, f"--user-data-dir={self.profile}", "about:blank"],
            self.screen.environment, self.place.log("chromium.log"), close_fds=False,
            preexec_fn=put_in_place)
        for end in ends:
            os.close(end)

    def close(self):
        for end in (self.reader, self.writer):
            if end is not None:
                os.close(end)
        self.reader = self.writer = None
        stop(self.process)
        self.process = None
        if self.screen:
            self.screen.close()
            self.screen = None

    # --- the protocol ---

    def send(self, method, parameters=None, whole=False):
        """Returns the number of the answer that will come."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters or {}}
        if not whole:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.writer, data):]
        return self.number

    def receive(self, patience):
        """Takes in what has come, or comes within so many seconds."""
        if not select.select([self.reader], [], [], patience)[0]:
            return
        data = os.read(self.reader, 1 << 20)
        if not data:
            raise Failed("Chromium has ended")
        self.buffer += data
        *messages, self.buffer = self.buffer.split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self.answers[message["id"]] = message
            else:
                self.events.append(message)

    def call(self, method, parameters=None, whole=False):
        number = self.send(method, parameters, whole)
        end = time.monotonic() + PATIENCE
        while number not in self.answers:
            if time.monotonic() > end:
                raise Failed(f"no answer to {method}")
            self.receive(1)
        answer = self.answers.pop(number)
        if "error" in answer:
            raise Refused(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def find_page(self):
        targets = self.call("Target.getTargets", whole=True)["targetInfos"]
        return next((each["targetId"] for each in targets if each["type"] == "page"), None)

    # --- the page ---

    def run_script(self, text):
        try:
            answer = self.call("Runtime.evaluate", {"expression": f"(() => {{ {text} }})()",
                                                    "returnByValue": True})
        except Refused:
            return None
        if "exceptionDetails" in answer:
            raise Failed(f"{text}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def go(self, url):
        self.send("Page.navigate", {"url": url})

    def click_at(self, selector):
        self.value(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: "
                   "'center', behavior: 'instant'})||0")
        box = self.value(f"document.querySelector({json.dumps(selector)}).getClientRects()[0]")
        point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2,
                 "button": "left", "clickCount": 1}
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", {"type": kind, **point})

    def press(self, key):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", {"type": kind, **KEYS[key]})

    def type_text(self, text):
        for each in text:
            self.call("Input.dispatchKeyEvent", {"type": "keyDown", "key": each, "text": each})
            self.call("Input.dispatchKeyEvent", {"type": "keyUp", "key": each})

    def resize(self, width):
        self.call("Emulation.setDeviceMetricsOverride",
                  {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
        self.until(f"innerWidth == {width}")

    def shoot(self):
        return base64.b64decode(self.call(
            "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True})["data"])

    def complaints(self):
        told = []
        self.value("0")  # what was told before that has come then
        for event in self.events:
            what = event["params"]
            if event["method"] == "Log.entryAdded" and what["entry"]["level"] != "verbose":
                told.append(f"{what['entry']['text']} {what['entry'].get('url', '')}")
            elif event["method"] == "Runtime.exceptionThrown":
                told.append(str(what["exceptionDetails"]))
            elif event["method"] == "Runtime.consoleAPICalled":
                told.append(str(what["args"]))
        self.events = []
        return told

    # --- the logon ---

    def keep_evidence(self, file):
        self.keep_picture("failed-screen")
        super().keep_evidence(file)

    def keep_picture(self, name):
        with open(os.path.join(self.pictures, name + ".png"), "wb") as picture:
            picture.write(self.screen.picture())

    def brightness(self):
        """Of the page's edge, which the picker darkens."""
        return sum(sum(row) for row in self.screen.rows(20, HEIGHT - 120, 60, HEIGHT - 100))

    def picker(self):
        """What it looks like; without the hint that comes up under the pointer."""
        return self.screen.rows(380, 80, 900, 300)

    def keeps_still(self):
        before = self.picker()
        time.sleep(0.7)
        return before == self.picker()

    def accept(self, is_gone):
        """Chromium ignores that in a dialog that has only just come up: again, if it stays."""
        for _ in range(20):
            self.screen.tool("key", "Return")
            try:
                until("the dialog goes", is_gone, 5)
                return
            except Failed:
                pass
        raise Failed("the dialog does not go")

    def type_pin(self, pin):
        screen = self.screen
        title = "Unlock Security Device"
        window = until("the PIN's window", lambda: screen.window(title))
        screen.tool("windowactivate", window)
        until("the PIN's window has the keyboard",
              lambda: screen.tool("getwindowfocus") == window)
        self.keep_picture("pin")
        screen.tool("type", "--file", "-", text=pin)
        self.accept(lambda: not screen.window(title))

    def log_on(self, link, name, wanted, pin):
        light = self.brightness()
        self.mark()
        self.click_at(link)
        self.type_pin(pin)
        until("the certificate picker", lambda: self.brightness() < 0.8 * light)
        until("the picker keeps still", self.keeps_still)
        # Its rows are in the token's order: by subject they are in that of the names.
        for key in ["Up", "space", "Down", *["Down"] * sorted(wanted).index(name)]:
            self.screen.tool("key", key)
        until("the picker keeps still", self.keeps_still)
        self.keep_picture(f"picker-{len(wanted)}")
        self.accept(lambda: self.brightness() > 0.9 * light)
        self.until(self.IS_NEW, "the page after the picker")
        return None, None
