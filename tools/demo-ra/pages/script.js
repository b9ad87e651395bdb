/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages are better with: the enrolment page follows its job, and password fields have a
 * keyboard on the screen. Everything works without. */
"use strict";

/* --- the enrolment page follows its job --- */

/* Each element with "data-part" takes over what a fresh copy of the page has in its place. */
function takeOver(fresh) {
    const focused = document.activeElement ? document.activeElement.id : "";

    for (const part of document.querySelectorAll("[data-part]")) {
        const other = fresh.getElementById(part.id);

        if (other && other.innerHTML !== part.innerHTML)
            part.replaceChildren(...other.childNodes);
    }
    document.getElementById("main").dataset.state = fresh.getElementById("main").dataset.state;
    const again = focused ? document.getElementById(focused) : null;
    if (again && again !== document.activeElement)
        again.focus();
}

async function refresh() {
    const answer = await fetch("/enrol", { cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = fresh.getElementById("main");

    /* The session is over, or the certificate is there: that is another page. */
    if (!answer.ok || answer.redirected || !main || !main.dataset.state)
        location.assign(answer.redirected ? answer.url : "/enrol");
    else
        takeOver(fresh);
}

async function follow(main) {
    const answer = await fetch("/enrol/state", { cache: "no-store" });

    if (!answer.ok || (await answer.json()).state !== main.dataset.state)
        await refresh();
}

function isOpen(state) {
    return ["created", "redeemed", "executed", "issued"].includes(state);
}

/* Not where nothing can come: looking counts as use, and would keep the session alive. */
function watchJob(main) {
    let looking = false;
    let begun = isOpen(main.dataset.state);

    document.addEventListener("submit", (event) => {
        if (event.target.querySelector("#launch"))
            begun = true;
    });
    setInterval(async () => {
        if (!begun || looking)
            return;
        looking = true;
        try {
            const before = main.dataset.state;
            await follow(main);
            begun = isOpen(main.dataset.state) || main.dataset.state === before;
        } catch (error) {
            /* The network is away for a moment: the next look tells. */
        }
        looking = false;
    }, 1000);
}

/* --- the keyboard on the screen --- */

const keyboardTexts = {
    en: { name: "Software keyboard", shift: "Shift", space: "Space", back: "Delete", clear: "Clear" },
    ja: { name: "ソフトウェアキーボード", shift: "大文字・記号", space: "空白", back: "1文字削除", clear: "全削除" },
};
const rows = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "-_.@/:;,"];
const shiftedRows = ["!\"#$%&'()=", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM", "+*?<>[]{}|\\^~`"];

/* Where the next key goes, of a field that was left: Chromium 150 forgets it. */
const places = new WeakMap();

function placeOf(input) {
    const end = input.value.length;

    if (document.activeElement === input)
        return [input.selectionStart, input.selectionEnd];
    return places.get(input) || [end, end];
}

function replace(input, start, end, text) {
    input.setRangeText(text, start, end, "end");
    places.set(input, [start + text.length, start + text.length]);
    input.dispatchEvent(new Event("input", { bubbles: true }));
}

function insert(input, text) {
    replace(input, ...placeOf(input), text);
}

function erase(input) {
    const [start, end] = placeOf(input);

    replace(input, start === end ? Math.max(start - 1, 0) : start, end, "");
}

function makeButton(text, press) {
    const button = document.createElement("button");

    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", press);
    return button;
}

function makeRow(buttons) {
    const row = document.createElement("div");

    row.append(...buttons);
    return row;
}

/* One stop for the Tab key; the arrows go from key to key. */
function moveByArrows(keyboard) {
    keyboard.addEventListener("keydown", (event) => {
        const keys = [...keyboard.querySelectorAll("button")];
        const now = keys.indexOf(document.activeElement);
        const step = { ArrowRight: 1, ArrowDown: 10, ArrowLeft: -1, ArrowUp: -10 }[event.key];

        if (!step || now < 0)
            return;
        event.preventDefault();
        keys[now].tabIndex = -1;
        const next = keys[Math.min(Math.max(now + step, 0), keys.length - 1)];
        next.tabIndex = 0;
        next.focus();
    });
}

function fill(keyboard, input, texts, shifted, focusShift) {
    const shift = makeButton(texts.shift, () => fill(keyboard, input, texts, !shifted, true));
    const lines = (shifted ? shiftedRows : rows).map((line) =>
        makeRow([...line].map((key) => makeButton(key, () => insert(input, key)))));

    shift.setAttribute("aria-pressed", String(shifted));
    lines.push(makeRow([
        shift,
        makeButton(texts.space, () => insert(input, " ")),
        makeButton(texts.back, () => erase(input)),
        makeButton(texts.clear, () => replace(input, 0, input.value.length, "")),
    ]));
    keyboard.replaceChildren(...lines);
    for (const key of keyboard.querySelectorAll("button"))
        key.tabIndex = -1;
    (focusShift ? shift : keyboard.querySelector("button")).tabIndex = 0;
    if (focusShift)
        shift.focus();
}

function addKeyboard(input) {
    const texts = keyboardTexts[document.documentElement.lang] || keyboardTexts.en;
    const keyboard = document.createElement("div");
    const label = document.querySelector(`label[for="${input.id}"]`);
    const shown = makeButton(texts.name, () => {
        keyboard.hidden = !keyboard.hidden;
        shown.setAttribute("aria-expanded", String(!keyboard.hidden));
    });

    keyboard.id = `${input.id}-keyboard`;
    keyboard.className = "keyboard";
    keyboard.hidden = true;
    keyboard.setAttribute("role", "group");
    keyboard.setAttribute("aria-label", `${texts.name}: ${label ? label.textContent : ""}`);
    shown.className = "keyboard-switch";
    shown.setAttribute("aria-expanded", "false");
    shown.setAttribute("aria-controls", keyboard.id);
    fill(keyboard, input, texts, false, false);
    moveByArrows(keyboard);
    input.addEventListener("blur", () =>
        places.set(input, [input.selectionStart, input.selectionEnd]));
    input.after(shown, keyboard);
}

/* --- --- */

for (const input of document.querySelectorAll("input[type=password]"))
    addKeyboard(input);
if (document.querySelector("main[data-state] #steps"))
    watchJob(document.getElementById("main"));
