# SPDX-License-Identifier: Apache-2.0
"""The bank's flows as people go through them, step by step. Started by flows.sh, which has prepared
the bank, the token and the person; what is to be known of them is in the file named."""

import glob
import json
import os
import sys

from agent import Agent
from chromium import Chromium
from driver import Failed, Place, until
from marionette import Firefox
from page_checks import check_page

BROWSERS = {"firefox": Firefox, "chromium": Chromium}
NEW_PASSWORD = "new password of user01"
NEW_CONFIRMATION = "new confirmation of user01"


class Person:
    def __init__(self, setting):
        self.__dict__.update(setting)
        self.folder = os.path.join(self.home, "browser")
        self.pictures = os.path.join(self.folder, "pictures")
        self.user_name = f"{self.corporation} {self.user}"
        self.browser = None

    def place(self, name, module):
        return Place(os.path.join(self.folder, name), self.language, self.entry.split(":")[2],
                     os.path.join(self.home, "ca.pem"), module,
                     os.path.join(self.home, "softhsm2.conf"))

    def with_browser(self, errand, name="pc", with_token=True):
        """Opens the browser, at the first page, for an errand, and closes it."""
        print(f"{errand.__name__}", flush=True)
        kind = BROWSERS[self.browser_name]
        place = self.place(name, self.module if with_token else None)
        with kind(place, self.pictures) as self.browser:
            try:
                self.browser.open(self.entry + "/")
                errand()
                self.no_complaints()
            except Exception:
                self.keep_evidence()
                raise

    def keep_evidence(self):
        try:
            self.browser.keep_evidence(os.path.join(self.pictures, "failed"))
        except Exception as error:  # it is gone, or hangs: what went wrong before is told
            print(f"no picture of it: {error}", file=sys.stderr)

    def no_complaints(self):
        # That a page is not there or not allowed is in the answer, and was looked at.
        told = [text for text in self.browser.complaints()
                if not (text.startswith("Failed to load resource") and ".css" not in text
                        and ".js" not in text)]
        if told:
            raise Failed(f"the browser complains: {told}")

    # --- what is looked for ---

    def is_at(self, path, code=None):
        """On this page, with this error or none."""
        browser = self.browser
        if browser.path() != path:
            raise Failed(f"at {browser.path()} instead of {path}: {browser.text()}")
        seen = browser.value("document.querySelector('main').dataset.code || null")
        if seen != code:
            raise Failed(f"{seen} instead of {code} at {path}: {browser.text()}")

    def shows(self, text, selector="main"):
        seen = self.browser.text(selector) or ""
        if text not in seen:
            raise Failed(f"\"{text}\" is not in: {seen}")

    def page(self, name, path, code=None, **more):
        self.is_at(path, code)
        check_page(self.browser, name, self.pictures, **more)

    # --- what is done ---

    def fill_in(self, button, **fields):
        for name, text in fields.items():
            if text:
                self.browser.fill(f"[name={name}]", text)
        self.browser.follow(button)

    def look_around(self):
        """Without a token: the pages before any logon, and what goes wrong there."""
        browser = self.browser
        self.page("entry", "/")
        other = {"ja": "en", "en": "ja"}[self.language]
        browser.follow(f".languages a[lang={other}]")
        browser.until(f"document.documentElement.lang == '{other}'")
        browser.follow("#get-corporate")  # the cookie has the language now
        browser.until(f"document.documentElement.lang == '{other}'")
        browser.follow(f".languages a[lang={self.language}]")

        self.page("corporate", "/corporate")
        self.software_keyboard()
        browser.open(self.entry + "/corporate")
        self.fill_in("#get")
        self.page("corporate-empty", "/corporate", "R-109")
        self.fill_in("#get", corporate_id=self.corporation, password="not the password")
        self.page("corporate-wrong", "/corporate", "R-101")
        browser.open(self.entry + "/corporate")
        self.fill_in("#get", corporate_id=self.later, password=self.password)
        self.page("corporate-later", "/corporate", "R-104")
        self.shows("12:00")
        browser.open(self.entry + "/user")
        self.page("user", "/user")
        browser.open(self.entry + "/none")
        self.page("not-found", "/none", "R-301")
        browser.open(self.entry + "/")
        browser.follow("#logon")
        self.page("no-certificate", "/", "R-201")

    def software_keyboard(self):
        """Switched on by the keyboard that is on the desk; what it types is what is meant."""
        browser = self.browser
        browser.click("[name=password]")
        browser.press("Tab")
        browser.press("Enter")
        browser.until("!document.querySelector('.keyboard').hidden")
        for key in "bank":
            browser.value("document.querySelectorAll('.keyboard button').forEach((each) => "
                          f"each.textContent == '{key}' && each.setAttribute('data-key', '{key}'))"
                          " || 0")
            browser.click(f".keyboard [data-key={key}]")
        browser.until("document.querySelector('[name=password]').value == 'bank'")
        self.page("software-keyboard", "/corporate", is_still=False)

    def enrol(self, name):
        """The three steps, from the page that has just opened to the certificate on the token."""
        browser = self.browser
        self.page(f"enrol-{name}-1", "/enrol")
        browser.click("#launch")
        file = until("the launch file is downloaded", self.find_launch_file)
        browser.until("document.querySelector('main').dataset.state == 'created'")
        self.page(f"enrol-{name}-2", "/enrol")
        with Agent(self.home, self.language, file, ["ok", f"pin {self.pin}"]) as agent:
            number = agent.number()
            browser.until("document.querySelector('main').dataset.state == 'redeemed'")
            browser.leave(lambda: browser.go(self.entry + "/enrol"))  # it survives that
            self.shows(number, "#number")
            self.page(f"enrol-{name}-3", "/enrol")
            browser.click("#execute")
            agent.finish()
        browser.until(f"location.pathname == '/done' && {browser.IS_NEW}")
        os.unlink(file)

    def find_launch_file(self):
        found = glob.glob(os.path.join(self.browser.place.downloads, "*.cenroll"))
        return found[0] if found and os.path.getsize(found[0]) > 0 else None

    def get_corporate_certificate(self):
        self.browser.follow("#get-corporate")
        self.fill_in("#get", corporate_id=self.corporation, password=self.password)
        self.enrol("corporate")
        self.shows(self.corporation)
        self.page("done-corporate", "/done")

    def get_user_certificate(self):
        self.browser.follow("#get-user")
        self.fill_in("#get", corporate_id=self.corporation, user_id=self.user,
                     password=NEW_PASSWORD)
        self.enrol("user")
        self.shows(self.user_name)
        self.page("done-user", "/done")

    def log_on(self, name, wanted):
        """By mutual TLS with the token's key. `wanted`: what the picker should offer."""
        names, asked = self.browser.log_on("#logon", name, sorted(wanted), self.pin)
        if names is None:  # the dialogs cannot be read there
            return
        if "card" not in asked:
            raise Failed(f"the PIN was asked without the token's name: {asked}")
        if sorted(names) != sorted(wanted):
            raise Failed(f"the picker has {names}")

    def administer(self):
        """The administrator's steps 3 and 4, and what else the corporation can do."""
        browser = self.browser
        self.log_on(self.corporation, [self.corporation])
        self.shows(self.corporation)
        self.page("corporate-logon", "/")
        self.fill_in("#logon-button", password=self.user_password)  # right, but another's
        self.page("corporate-logon-wrong", "/logon", "R-101")
        self.fill_in("#logon-button", password=self.password)
        self.page("menu", "/menu")
        browser.follow("#users")
        self.page("users", "/users")
        self.user_is("valid")
        self.change_user()
        self.reset_user()
        self.register_user()
        browser.open(self.login + "/renewal")
        self.page("renewal", "/renewal")
        browser.follow("#logout")
        self.page("logged-out", "/logged-out")

    def user_is(self, state):
        row = f"#users tr[data-user={self.user}]"
        seen = self.browser.value(f"document.querySelector('{row}')?.dataset.state || null")
        if seen != state:
            raise Failed(f"the user's certificate is {seen} instead of {state}")
        self.shows("○", row)

    def change_user(self):
        browser = self.browser
        browser.follow(f"tr[data-user={self.user}] a[href*='/users/change']")
        self.page("change", "/users/change")
        self.shows({"ja": "有効", "en": "valid"}[self.language])
        browser.click("#reissue")
        self.fill_in("#change", confirmation_password=self.password)  # right, but the other one
        self.page("change-wrong", "/users/change", "R-105")
        browser.until("document.querySelector('#reissue').checked")
        self.fill_in("#change", confirmation_password=self.confirmation)
        self.page("changed", "/users/changed")
        browser.open(self.login + "/users")
        self.page("users-waiting", "/users")
        self.user_is("waiting")

    def reset_user(self):
        browser = self.browser
        browser.follow(f"tr[data-user={self.user}] a[href*='/users/reset']")
        self.page("reset", "/users/reset")
        self.fill_in("#reset", new_password=NEW_PASSWORD,
                     new_confirmation_password=NEW_CONFIRMATION,
                     confirmation_password=self.confirmation)
        self.page("reset-done", browser.path())

    def register_user(self):
        browser = self.browser
        browser.open(self.login + "/users")
        browser.follow("#new-user")
        self.page("register", "/users/new")
        self.fill_in("#register", user_id="user02", new_password="a password of user02",
                     new_confirmation_password="a confirmation of user02",
                     confirmation_password=self.confirmation)
        self.page("registered", browser.path())

    def work_as_user(self):
        """The user's logon, with two certificates to choose from."""
        browser = self.browser
        self.log_on(self.user_name, [self.corporation, self.user_name])
        self.shows(self.user)
        self.page("user-logon", "/")
        self.fill_in("#logon-button", password=self.password)  # right, but another's
        self.is_at("/logon", "R-101")
        self.fill_in("#logon-button", password=NEW_PASSWORD)
        self.page("home", "/home")
        self.shows(self.user_name)
        browser.follow("#logout")
        self.is_at("/logged-out")

    def order_anew(self):
        """The administrator once more: what the user has ends with this."""
        browser = self.browser
        self.log_on(self.corporation, [self.corporation, self.user_name])
        self.fill_in("#logon-button", password=self.password)
        self.is_at("/menu")
        browser.open(self.login + "/users")
        browser.follow(f"tr[data-user={self.user}] a[href*='/users/change']")
        browser.click("#reissue")
        self.fill_in("#change", confirmation_password=self.confirmation)
        self.is_at("/users/changed")

    def be_refused(self):
        """With the certificate that is on the token still."""
        self.log_on(self.user_name, [self.corporation, self.user_name])
        self.page("revoked", "/", "R-206")

    def go(self):
        self.with_browser(self.look_around, name="visitor", with_token=False)
        for errand in (self.get_corporate_certificate, self.administer,
                       self.get_user_certificate, self.work_as_user, self.order_anew,
                       self.be_refused):
            self.with_browser(errand)


def main():
    os.umask(0o077)
    with open(sys.argv[1], encoding="utf-8") as file:
        setting = json.load(file)
    setting["browser_name"] = setting.pop("browser")
    try:
        Person(setting).go()
    except Failed as error:
        sys.exit(f"failed: {error}")


if __name__ == "__main__":
    main()
