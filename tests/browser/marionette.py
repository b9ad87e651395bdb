# SPDX-License-Identifier: Apache-2.0
"""Firefox, headless, by its own protocol Marionette: JSON with its length before it, over TCP."""

import base64
import json
import os
import socket

from driver import Browser, Failed, PATIENCE, Refused, start, stop, until

# Nothing that comes in between, and nothing from outside.
PREFERENCES = {
    "marionette.port": 0,
    "security.dialog_enable_delay": 0,
    "security.default_personal_cert": "Ask Every Time",
    "browser.aboutConfig.showWarning": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage": "about:blank",
    "browser.startup.page": 0,
    "browser.download.folderList": 2,
    "browser.download.alwaysOpenPanel": False,
    "browser.download.always_ask_before_handling_new_types": False,
    "browser.helperApps.neverAsk.saveToDisk": "application/vnd.certenroll.launch+json",
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.proxy.type": 0,
    "signon.rememberSignons": False,
}

WINDOW = 'const top = Services.wm.getMostRecentWindow("navigator:browser");'

# The PIN's dialog holds everything up while it is open, this protocol, too: it is answered from
# within. Any other dialog is told, and closed.
ANSWER_PIN = WINDOW + """
const pin = arguments[0];
const dialogs = [];
const answerer = {
    observe(dialog) {
        const { args, ui } = dialog.Dialog;
        const isPin = args.promptType == "promptPassword";
        dialogs.push({ isPin, text: args.text });
        if (isPin && dialogs.length == 1) {
            ui.password1Textbox.setUserInput(pin);
            ui.button0.click();
        } else {
            ui.button1.click();
        }
    },
};
Services.obs.addObserver(answerer, "common-dialog-loaded");
top.pinDialogs = () => {
    Services.obs.removeObserver(answerer, "common-dialog-loaded");
    return dialogs;
};
"""

FORGET_PIN = WINDOW + "return top.pinDialogs();"

PICKER = WINDOW + """
const frame = [...top.document.querySelectorAll(".dialogFrame")].find((each) =>
    each.contentWindow?.location.href.endsWith("/clientauthask.xhtml"));
const names = frame?.contentDocument.getElementById("nicknames");
"""

# Each item is "NAME [SERIAL NUMBER]".
READ_PICKER = PICKER + """
const items = [...(names?.menupopup?.children || [])];
return names?.selectedItem ? items.map((item) => item.label.replace(/ \\[[^\\]]*\\]$/, "")) : null;
"""

CHOOSE = PICKER + """
names.selectedIndex = arguments[0];
names.doCommand();
frame.contentDocument.getElementById("certAuthAsk").getButton("accept").click();
"""

# Not of this test's own scripts, which Firefox ends where they meet the end of a page.
COMPLAINTS = """
return Services.console.getMessageArray().filter((message) => {
    try {
        message.QueryInterface(Ci.nsIScriptError);
    } catch (error) {
        return false;
    }
    return !message.sourceName.startsWith("moz-nullprincipal:") &&
        (message.sourceName.includes("localhost") || message.category.includes("CSP") ||
            message.category == "content javascript");
}).map((message) => message.errorMessage + " " + message.sourceName);
"""


class Firefox(Browser):
    name = "firefox"
    process = None
    wire = None

    def start(self):
        profile = os.path.join(self.place.folder, "profile")
        if not os.path.exists(profile):
            self.place.make_database(profile)
        self.write_preferences(profile)
        port_file = os.path.join(profile, "MarionetteActivePort")
        if os.path.exists(port_file):
            os.unlink(port_file)
        self.process = start(
            ["firefox-esr", "-no-remote", "-profile", profile, "-marionette",
             "-remote-allow-system-access", "-headless", "-width", "1280", "-height", "900"],
            {**self.place.environment, "MOZ_CRASHREPORTER_DISABLE": "1"},
            self.place.log("firefox.log"))
        self.connect(port_file)
        self.call("WebDriver:NewSession",
                  {"pageLoadStrategy": "none", "unhandledPromptBehavior": "ignore"})
        self.call("WebDriver:SetTimeouts", {"script": PATIENCE * 1000})

    def write_preferences(self, profile):
        wanted = {**PREFERENCES, "browser.download.dir": self.place.downloads,
                  "intl.accept_languages": self.place.language}
        with open(os.path.join(profile, "user.js"), "w", encoding="utf-8") as file:
            for name, value in wanted.items():
                file.write(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n")

    def connect(self, port_file):
        def port():
            if self.process.poll() is not None:
                raise Failed("Firefox has ended")
            if not os.path.exists(port_file):
                return None
            with open(port_file, encoding="ascii") as file:
                return file.read().strip()
        number = until("Firefox is there", port)
        self.wire = socket.create_connection(("127.0.0.1", int(number)), PATIENCE).makefile("rwb")
        self.receive()

    def close(self):
        if self.wire:
            self.wire.close()
            self.wire = None
        stop(self.process)
        self.process = None

    # --- the protocol ---

    def receive(self):
        length = b""
        while not length.endswith(b":"):
            byte = self.wire.read(1)
            if not byte:
                raise Failed("Firefox has hung up")
            length += byte
        return json.loads(self.wire.read(int(length[:-1])))

    def call(self, command, parameters=None):
        message = json.dumps([0, 1, command, parameters or {}]).encode()
        self.wire.write(b"%d:%s" % (len(message), message))
        self.wire.flush()
        _, _, error, result = self.receive()
        if error:
            raise Refused(f"{command}: {error['error']}: {error['message']}")
        return result.get("value", result) if isinstance(result, dict) else result

    def script(self, text, *arguments):
        return self.call("WebDriver:ExecuteScript", {"script": text, "args": list(arguments)})

    def chrome(self, text, *arguments):
        """In the browser itself, not in the page."""
        self.call("Marionette:SetContext", {"value": "chrome"})
        try:
            return self.script(text, *arguments)
        finally:
            self.call("Marionette:SetContext", {"value": "content"})

    # --- the page ---

    def run_script(self, text):
        try:
            return self.script(text)
        except Refused as error:
            if "javascript error" not in str(error) or any(
                    each in str(error) for each in ("unloaded", "Component returned failure")):
                return None
            raise

    def go(self, url):
        self.call("WebDriver:Navigate", {"url": url})

    def element(self, selector):
        found = self.call("WebDriver:FindElement", {"using": "css selector", "value": selector})
        return next(iter(found.values()))

    def click_at(self, selector):
        self.call("WebDriver:ElementClick", {"id": self.element(selector)})

    def press(self, key):
        self.keys({"Tab": "\ue004", "Enter": "\ue007"}[key])

    def keys(self, text):
        steps = [{"type": kind, "value": each} for each in text for kind in ("keyDown", "keyUp")]
        self.call("WebDriver:PerformActions",
                  {"actions": [{"type": "key", "id": "keyboard", "actions": steps}]})
        self.call("WebDriver:ReleaseActions")

    type_text = keys

    def resize(self, width):
        self.chrome(WINDOW + """
            const { style } = top.gBrowser.selectedBrowser;
            style.minWidth = style.maxWidth = arguments[0] + "px";
        """, width)
        self.until(f"innerWidth == {width}")

    def shoot(self):
        return base64.b64decode(self.call("WebDriver:TakeScreenshot", {"full": True}))

    def complaints(self):
        return self.chrome(COMPLAINTS)

    # --- the logon ---

    def keep_picture(self, name):
        """Of all of the browser's window."""
        self.call("Marionette:SetContext", {"value": "chrome"})
        try:
            picture = self.call("WebDriver:TakeScreenshot", {"full": False})
        finally:
            self.call("Marionette:SetContext", {"value": "content"})
        with open(os.path.join(self.pictures, name + ".png"), "wb") as file:
            file.write(base64.b64decode(picture))

    def log_on(self, link, name, wanted, pin):
        self.chrome(ANSWER_PIN, pin)
        self.mark()
        # Not by a click: that would not be answered while the PIN's dialog is up.
        self.script(f"setTimeout(() => document.querySelector({json.dumps(link)}).click());")
        until("the certificate picker",
              lambda: self.chrome(READ_PICKER) or self.value(self.IS_NEW))
        dialogs = self.chrome(FORGET_PIN)
        names = self.chrome(READ_PICKER)
        if len(dialogs) != 1 or not dialogs[0]["isPin"]:
            raise Failed(f"other dialogs than one for the PIN: {dialogs}")
        if not names:
            raise Failed(f"no certificate was asked for: {self.text()}")
        if names.count(name) != 1:
            raise Failed(f"not exactly one certificate of the name {name}: {names}")
        self.keep_picture(f"picker-{len(names)}")
        self.chrome(CHOOSE, names.index(name))
        self.until(self.IS_NEW, "the page after the picker")
        return names, dialogs[0]["text"]
