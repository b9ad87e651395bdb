# SPDX-License-Identifier: Apache-2.0
"""What holds for every page: it fits its window, has a title, says its language, names its
controls, and can be used by the keyboard alone, which shows where it is."""

import os

from driver import Failed, WIDTHS

# What can be worked with just now, in the document's order. A group of keys (role="group") is one
# stop, at whichever key was last used.
CONTROLS = """[...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea")].filter((each) =>
    !each.disabled && each.tabIndex >= 0 && each.checkVisibility({ visibilityProperty: true }))"""

FAULTS = """(() => {
    const faults = [];
    const wanted = (condition, what) => condition || faults.push(what);
    const named = (each) => each.innerText?.trim() || each.getAttribute("aria-label");
    const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);

    wanted(document.title.trim(), "no title");
    wanted(document.querySelectorAll("h1").length == 1, "not one h1");
    wanted(document.querySelectorAll("main").length == 1, "not one main");
    wanted(new Set(ids).size == ids.length, "an id twice");
    for (const each of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
        wanted([...each.labels].some(named) || named(each), "no label: " + each.outerHTML);
    for (const each of document.querySelectorAll("a, button"))
        wanted(named(each), "no name: " + each.outerHTML);
    for (const each of document.querySelectorAll("[aria-describedby], [aria-controls]"))
        for (const attribute of ["aria-describedby", "aria-controls"])
            for (const id of (each.getAttribute(attribute) || "").split(" ").filter(Boolean))
                wanted(ids.includes(id), attribute + " leads nowhere: " + id);
    return faults;
})()"""

# Where the keyboard is: the number among CONTROLS, and whether one sees it.
FOCUSED = f"""(() => {{
    const style = getComputedStyle(document.activeElement);
    return [{CONTROLS}.indexOf(document.activeElement), document.activeElement.outerHTML,
        style.outlineStyle != "none" && parseFloat(style.outlineWidth) >= 1];
}})()"""


def check_width(browser, width):
    browser.resize(width)
    wide = browser.value("""[document.documentElement.scrollWidth, innerWidth,
        [...document.querySelectorAll("body *")].filter((each) =>
            each.getBoundingClientRect().right > innerWidth + 1).map((each) => each.outerHTML)]""")
    if wide[0] > width or wide[1] != width:
        raise Failed(f"at {width} pixels the page is {wide[0]} wide: {wide[2]}")


def check_keyboard(browser):
    count = browser.value(f"{CONTROLS}.length")
    browser.value("document.body.setAttribute('tabindex', -1) || document.body.focus() ||"
                  "document.body.removeAttribute('tabindex') || 0")
    for wanted in range(count):
        browser.press("Tab")
        place, element, is_seen = browser.value(FOCUSED)
        if place != wanted:
            raise Failed(f"Tab number {wanted + 1} of {count} leads to {element}")
        if not is_seen:
            raise Failed(f"the focus is not to be seen on {element}")


def check_page(browser, name, pictures, is_still=True):
    """`is_still`: nothing on it is typed that the keyboard's way through would spoil."""
    language = browser.value("document.documentElement.lang")
    if language != browser.place.language:
        raise Failed(f"the page's language is \"{language}\"")
    faults = browser.value(FAULTS)
    if faults:
        raise Failed("; ".join(faults))
    if is_still:
        check_keyboard(browser)
        browser.value("document.activeElement.blur() || 0")
    for width in reversed(WIDTHS):
        check_width(browser, width)
        browser.screenshot(os.path.join(pictures, f"{name}-{width}.png"))
