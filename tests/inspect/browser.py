# SPDX-License-Identifier: MIT
"""Chromium without a window, driven through its DevTools protocol over a pair of pipes.

https://chromedevtools.github.io/devtools-protocol: JSON messages, each ended by a zero byte, to
file descriptor 3 and from file descriptor 4.
"""
import base64
import json
import os
import select
import subprocess
import tempfile
import time


class Browser:
    """One page. `requests` and `complaints` gather what it loaded and what its console said."""

    def __init__(self, chromium, width=1360, height=900):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_browser, self.out = os.pipe()
        self.into, from_browser = os.pipe()

        def arrange():  # by way of high numbers: ours may be 3 or 4 themselves
            os.dup2(to_browser, 50)
            os.dup2(from_browser, 51)
            os.dup2(50, 3)
            os.dup2(51, 4)

        self.process = subprocess.Popen(
            [chromium, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage", "--mute-audio",
             f"--window-size={width},{height}", f"--user-data-dir={self.profile.name}",
             "about:blank"],
            close_fds=False, preexec_fn=arrange, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        for descriptor in (to_browser, from_browser):
            os.close(descriptor)
        self.buffer = b""
        self.last = 0
        self.session = None
        self.requests = []
        self.complaints = []
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(t for t in targets if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page["targetId"],
                                 flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Accessibility"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.profile.cleanup()

    def call(self, method, **parameters):
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive(60)
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def _receive(self, seconds):
        while b"\0" not in self.buffer:
            if not select.select([self.into], [], [], seconds)[0]:
                raise TimeoutError("the browser is silent")
            part = os.read(self.into, 1 << 16)
            if not part:
                raise RuntimeError("the browser has ended")
            self.buffer += part
        text, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(text)
        self._note(message)
        return message

    def _note(self, message):
        method, said = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(said["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(said["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning", "assert"):
            self.complaints.append(json.dumps(said["args"]))
        elif method == "Log.entryAdded" and said["entry"]["level"] in ("error", "warning"):
            self.complaints.append(json.dumps(said["entry"]))

    def open(self, url):
        self.call("Page.navigate", url=url)

    def run(self, script):
        """The value of an expression, of a promise what it comes to."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True,
                           returnByValue=True, userGesture=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, condition, seconds=120):
        """Until the expression is true; returns how long that took."""
        began = time.monotonic()
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() - began > seconds:
                body = self.run("document.body.innerText.slice(-1500)")
                raise AssertionError(f"never true: {condition}\n{body}\n{self.complaints}")
            time.sleep(0.02)
        return time.monotonic() - began

    def press(self, key, code=0, text=""):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode=code, **({"text": text} if text else {}))

    def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def named_nodes(self):
        """(role, name) of all that assistive technology can reach."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes
                if not n.get("ignored")]
