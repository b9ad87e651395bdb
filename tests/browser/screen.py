# SPDX-License-Identifier: Apache-2.0
"""An X server without a screen, for a browser whose own windows have to be answered by keys."""

import os
import select
import struct
import subprocess
import zlib

from driver import Failed, PATIENCE, start, stop, until

WIDTH, HEIGHT = 1300, 920


class Screen:
    """An X server on a free display, with a window manager."""

    def __init__(self, place):
        self.environment = place.environment
        self.memory = os.path.join(place.folder, "Xvfb_screen0")
        self.log = place.log("screen.log")
        self.manager = None
        reader, writer = os.pipe()
        self.server = start(
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{WIDTH}x{HEIGHT}x24",
             "-nolisten", "tcp", "-noreset", "-fbdir", place.folder],
            self.environment, self.log, pass_fds=(writer,))
        os.close(writer)
        try:
            self.environment = {**self.environment, "DISPLAY": ":" + self.read_number(reader)}
            self.manager = start(["openbox", "--sm-disable"], self.environment, self.log)
            until("a window manager", lambda: self.tool("get_desktop"))
        except BaseException:
            self.close()
            raise
        finally:
            os.close(reader)

    def read_number(self, reader):
        """Of the display, with a newline, once it can be used."""
        text = b""
        while not text.endswith(b"\n"):
            if not select.select([reader], [], [], PATIENCE)[0]:
                raise Failed("the X server does not start")
            more = os.read(reader, 16)
            if not more:
                raise Failed("the X server has ended")
            text += more
        return text.decode().strip()

    def tool(self, *arguments, text=""):
        """xdotool's answer; None where it fails, as it does for what is not there."""
        done = subprocess.run(["xdotool", *arguments], env=self.environment, timeout=PATIENCE,
                              input=text, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True)
        return done.stdout.strip() if done.returncode == 0 else None

    def window(self, name):
        found = self.tool("search", "--onlyvisible", "--name", name)
        return found.split()[0] if found else None

    def rows(self, left=0, top=0, right=WIDTH, bottom=HEIGHT):
        """What is on a part of the screen: the server keeps it in a file of xwd's format."""
        with open(self.memory, "rb") as file:
            data = file.read()
        head = struct.unpack(">25I", data[:100])
        start_of_rows, line = head[0] + 12 * head[19], head[12]
        return [data[start_of_rows + y * line + 4 * left:start_of_rows + y * line + 4 * right]
                for y in range(top, bottom)]

    def picture(self):
        """All of it, as PNG."""
        lines = b""
        for row in self.rows():
            pixels = bytearray(3 * WIDTH)
            pixels[0::3], pixels[1::3], pixels[2::3] = row[2::4], row[1::4], row[0::4]
            lines += b"\0" + bytes(pixels)

        def chunk(kind, content):
            return (struct.pack(">I", len(content)) + kind + content +
                    struct.pack(">I", zlib.crc32(kind + content)))
        return (b"\x89PNG\r\n\x1a\n" +
                chunk(b"IHDR", struct.pack(">2I5B", WIDTH, HEIGHT, 8, 2, 0, 0, 0)) +
                chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))

    def close(self):
        stop(self.manager)
        stop(self.server)
        self.log.close()
