"""Every way to sign in to the console, in Debian's Chromium: passwords with MFA, a real provider of OpenID Connect, SAML, roles.

Screenshots of the pages that only who is not signed in sees are written to `target/console/`.
"""

import base64
import hashlib
import hmac
import json
import socket
import struct
import time

import pytest

from test_console import PICTURES, axe, browser, page_of  # noqa: F401 (fixtures)
from test_web_identity import Issuer, Serving, modules  # noqa: F401 (fixtures)

PASSWORD = "correct-Horse-1"
WRONG = "The account, the user name, the password or the MFA code is not right."
HOSTILE = "<img src=x onerror=document.title='hit'>"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def console(modules, tmp_path_factory):
    """A service with a console that a real provider's people may sign in to, and a user with a password."""
    port, folder = free_port(), tmp_path_factory.mktemp("sign-in")
    issuer = Issuer(modules, tmp_path_factory.mktemp("issuer"), {"CONSOLE_REDIRECT": f"https://localhost:{port}/oidc/people/callback"})
    (folder / "secret").write_text("not much of a secret\n")
    people = {"issuer": issuer.url, "client_id": "console", "client_secret_file": folder / "secret",
              "role_arn": "arn:aws:iam::123456789012:role/people", "scopes": "openid"}
    settings = {
        "console.listen": f"127.0.0.1:{port}",
        "console.oidc": ",".join(f"people.{name}={value}" for name, value in people.items()),
        "oidc.ca": issuer.folder / "ca.pem",
    }
    service = Serving(folder / "data", None, settings.items())
    iam, host = service.client("iam"), issuer.url.removeprefix("https://")
    iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=["console"], ThumbprintList=["0" * 40])
    trust = {"Effect": "Allow", "Principal": {"Federated": f"arn:aws:iam::{service.account}:oidc-provider/{host}"},
             "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {f"{host}:sub": "ann"}}}
    role(iam, "people", trust)
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{service.account}:root"}, "Action": "sts:AssumeRole"}
    role(iam, "reader", root)
    user(iam, "ann")
    yield service
    service.stop()
    issuer.stop()


def role(iam, name, statement):
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def user(iam, name, reset=False):
    iam.create_user(UserName=name)
    iam.create_login_profile(UserName=name, Password=PASSWORD, PasswordResetRequired=reset)
    iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


class App:
    """An authenticator app (RFC 6238)."""

    def __init__(self, iam, name):
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=f"phone-of-{name}")["VirtualMFADevice"]
        self.seed = base64.b32decode(device["Base32StringSeed"])
        iam.enable_mfa_device(UserName=name, SerialNumber=device["SerialNumber"],
                              AuthenticationCode1=self.code(-2), AuthenticationCode2=self.code(-1))

    def code(self, steps=0):
        digest = hmac.digest(self.seed, struct.pack(">Q", int(time.time()) // 30 + steps), hashlib.sha1)
        at = digest[19] & 15
        return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1_000_000:06}"


def fill(page, account, name, password=PASSWORD, code=""):
    for label, value in {"Account": account, "User name": name, "Password": password, "MFA code": code}.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Sign in").click()


def inside(page):
    page.wait_for_url(lambda url: "/sign-in" not in url and "/callback" not in url)
    return page.locator("header .arn").inner_text()


@pytest.fixture
def page(browser, console):
    page = page_of(browser, console)
    yield page
    page.context.close()


def test_a_user_signs_in_and_returns_to_the_page_it_wanted(page, console):
    page.goto("/domains/new")
    fill(page, console.account, "ann")
    assert inside(page).endswith("user/ann")
    assert page.url.endswith("/domains/new")
    assert page.evaluate("document.cookie") == "" and page.evaluate("localStorage.length") == 0


def test_a_user_with_a_device_brings_its_code_and_wrong_ones_read_alike(page, console):
    iam = console.client("iam")
    user(iam, "with-device")
    app = App(iam, "with-device")
    texts = set()
    for name, password, code in [("with-device", PASSWORD, ""), ("with-device", "wrong", app.code()), ("nobody", PASSWORD, "")]:
        page.goto("/sign-in")
        fill(page, console.account, name, password, code)
        texts.add(page.get_by_role("alert").inner_text())
    assert texts == {WRONG}
    page.goto("/sign-in")
    fill(page, console.account, "with-device", code=app.code())
    assert inside(page).endswith("user/with-device")


def test_a_password_that_must_be_changed_is_changed_before_anything_else(page, console, axe):
    user(console.client("iam"), "new", reset=True)
    page.goto("/domains")
    fill(page, console.account, "new")
    page.get_by_label("Old password").wait_for()
    page.screenshot(path=PICTURES / "password-first.png")
    page.get_by_label("Old password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("another-Horse-2")
    page.get_by_label("New password, again").fill("another-Horse-2")
    page.get_by_role("button", name="Change the password").click()
    page.get_by_text("Your password was changed.").wait_for()
    assert page.url.endswith("/domains")


def test_guesses_end_and_the_owner_is_let_in_elsewhere(browser, console):
    page = page_of(browser, console)
    user(console.client("iam"), "guessed")
    statuses = []
    for _ in range(14):
        page.goto("/sign-in")
        with page.expect_navigation() as navigation:
            fill(page, console.account, "guessed", "guess")
        statuses.append(navigation.value.status)
    assert set(statuses) == {403, 429} and statuses[0] == 403
    # Another user at the same address is not locked out by it.
    page.goto("/sign-in")
    fill(page, console.account, "ann")
    assert inside(page).endswith("user/ann")
    page.context.close()


def test_a_person_of_a_real_provider_signs_in_as_its_role(page, console):
    page.goto("/sign-in?next=%2Fabout")
    page.get_by_role("link", name="people").click()
    page.locator("input[name=login]").fill("ann")
    page.locator("input[name=password]").fill("anything")
    page.locator("button[type=submit]").click()
    page.locator("input[name=login]").wait_for(state="detached")
    page.locator("button[type=submit]").click()
    page.wait_for_url("**/about")
    assert "assumed-role/people/ann" in page.locator("header .arn").inner_text()
    page.go_back()
    assert "assumed-role/people/ann" not in page.content() or "/callback" not in page.url


def test_a_stranger_of_the_provider_reads_why_not(page, console):
    page.goto("/oidc/people")
    page.locator("input[name=login]").fill("ben")
    page.locator("input[name=password]").fill("anything")
    page.locator("button[type=submit]").click()
    page.locator("input[name=login]").wait_for(state="detached")
    page.locator("button[type=submit]").click()
    page.get_by_text("You are not signed in").wait_for()
    assert "sts:AssumeRoleWithWebIdentity" in page.locator("main").inner_text()


def test_a_role_is_switched_to_by_a_link_of_amazons_form_and_left(page, console):
    page.goto("/sign-in")
    fill(page, console.account, "ann")
    inside(page)
    page.goto(f"/switchrole?account={console.account}&roleName=reader&displayName={HOSTILE}")
    page.get_by_role("button", name="Switch role").click()
    page.get_by_role("button", name="Switch back").wait_for()
    assert page.title() != "hit" and HOSTILE in page.locator("header").inner_text()
    assert "assumed-role/reader/ann" in page.locator("header .arn").inner_text()
    page.get_by_role("button", name="Switch back").click()
    page.get_by_text("again.").wait_for()
    assert page.locator("header .arn").inner_text().endswith("user/ann")


def test_sessions_are_listed_as_text_and_ended(browser, console):
    other = page_of(browser, console, user_agent=HOSTILE)
    other.goto("/sign-in")
    fill(other, console.account, "ann")
    inside(other)
    own = page_of(browser, console)
    own.goto("/sign-in")
    fill(own, console.account, "ann")
    inside(own)
    own.goto("/sessions")
    assert HOSTILE in own.locator("main").inner_text() and own.title() != "hit"
    own.get_by_role("button", name="End all others").click()
    own.get_by_text("All other sessions were ended.").wait_for()
    other.goto("/about")
    assert "/sign-in" in other.url
    other.context.close()
    own.context.close()


def test_no_other_site_signs_anybody_in(browser, console):
    page = page_of(browser, console)
    host = console.ready["console"]
    page.route("https://evil.example/", lambda route: route.fulfill(content_type="text/html", body=f"""
        <form method="post" action="{host}/sign-in"><input name="account" value="{console.account}"><input name="user" value="ann">
        <input name="password" value="{PASSWORD}"></form><a href="{host}/oidc/people">x</a>"""))
    page.goto("https://evil.example/")
    with page.expect_navigation():
        page.evaluate("document.forms[0].submit()")
    assert "nothing was done" in page.locator("body").inner_text()
    page.goto("https://evil.example/")
    page.get_by_role("link", name="x").click()
    page.get_by_text("A page of another site led here").wait_for()
    page.goto("/about")
    assert "/sign-in" in page.url
    page.context.close()


def test_the_forms_of_strangers_are_accessible_and_have_their_pictures(browser, console, axe):
    PICTURES.mkdir(parents=True, exist_ok=True)
    found = {}
    for scheme in ("light", "dark"):
        for width in (390, 1280):
            page = page_of(browser, console, color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True)
            for name, address in {"sign-in": "/sign-in", "sign-in-key": "/sign-in?with=key", "not-begun": "/oidc/people/callback"}.items():
                page.goto(address)
                page.screenshot(path=PICTURES / f"{name}-{scheme}-{width}.png", full_page=True)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than {width}"
                page.evaluate(axe)
                for violation in page.evaluate("axe.run().then(results => results.violations)"):
                    nodes = [node["html"][:120] for node in violation["nodes"]]
                    found[f"{name} {scheme} {width}: {violation['id']}"] = nodes
            page.context.close()
    assert found == {}
