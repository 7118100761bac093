"""A real browser on the real server. Skipped, and said so, where there is no Chromium."""

import os
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import sync_playwright

from tests.factories import PASSWORD, make_intent
from tests.roles import logged_in

# The shell, a Chromium without windows, comes first: a page costs it less.
NAMES = (
    *("chromium-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome", "google-chrome-stable"),
)
SILENT = [
    # A browser started as root in a closed network, and no other than ours.
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    # The last list counts, so what Playwright itself turns off is named again. The popups are
    # two pages of Chromium's own behind the address bar of each window, which nobody here sees.
    "--disable-features=AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,"
    "HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,"
    "ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,"
    "NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,"
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup",
]
# Widths in pixels, and themes.
SIZES = [(1440, "light"), (1440, "dark"), (1024, "light"), (390, "light"), (390, "dark")]
# Colours pass from one theme to the other, if only for a moment; one may set off another.
SETTLED = """() => {
    for (let round = 0; round < 10; round++)
        for (const one of document.getAnimations())
            if (one instanceof CSSTransition) one.finish();
}"""
AXE = "axe.run({resultTypes: ['violations']}).then(found => found.violations)"
PICTURES = (
    Path(os.environ.get("LEARNLOOP_SCREENSHOTS", ""))
    if (os.environ.get("LEARNLOOP_SCREENSHOTS"))
    else None
)


@pytest.fixture(scope="package")
def chromium():
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if not found:
        message = "No Chromium was found, so the browser journeys were left out."
        if os.environ.get("LEARNLOOP_BROWSER_REQUIRED") == "true":
            pytest.fail(message)
        pytest.skip(message)
    # The driver keeps an event loop in this thread, which Django would take for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=SILENT)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Visitor:
    """Somebody at a browser, who notices what goes wrong in it."""

    def __init__(self, page, address):
        self.page = page
        self._address = address
        self.complaints = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message):
        # A refused form is a failed load to the console, and right.
        if message.type == "error" and "status of 4" not in message.text:
            self.complaints.append(message.text)

    def go(self, path):
        return self.page.goto(self._address + path)

    def log_in(self, user, password=PASSWORD):
        self.go("/login/")
        self.page.get_by_label("Username").fill(user.username)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/login/" not in url)

    def be(self, user):
        """Be logged in without the way there, which other journeys take."""
        client = logged_in(user)
        cookie = client.cookies["sessionid"]
        self.page.context.add_cookies(
            [{"name": "sessionid", "value": cookie.value, "url": self._address}]
        )

    def axe(self):
        """What axe finds, each as one line."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate(AXE)
        return [f"{rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]]

    def scrolls_sideways(self):
        return self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )

    def be_of_size(self, width, theme):
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme=theme)
        self.page.evaluate(SETTLED)

    def faults(self, name, sizes=SIZES):
        """What is wrong with the page at each of these sizes; it keeps the last one.

        One page for all: nothing of ours asks for the size when it is loaded.
        """
        found = []
        for width, theme in sizes:
            self.be_of_size(width, theme)
            self.picture(f"{name}-{width}-{theme}")
            wrong = self.axe() + ["scrolls sideways"] * self.scrolls_sideways()
            found += [f"{name}-{width}-{theme}: {fault}" for fault in wrong]
        return found

    def picture(self, name):
        if PICTURES:
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


@pytest.fixture
def visit(chromium, live_server):
    """Open a browser window of a width and a theme."""
    opened = []

    def open_window(*, width=1440, theme="light"):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
        )
        opened.append(context)
        return Visitor(context.new_page(), live_server.url)

    yield open_window
    for context in opened:
        context.close()


@pytest.fixture
def intents(bot):
    return {name: make_intent(bot, name) for name in ("card_lost", "card_stolen", "freeze_card")}


@pytest.fixture
def reviewing(visit, annotator):
    """Ana at the review page, with the first turn on it."""

    def begin(**window):
        visitor = visit(**window)
        visitor.be(annotator)
        visitor.go("/review/next/")
        visitor.page.wait_for_selector("#answer")
        return visitor

    return begin
